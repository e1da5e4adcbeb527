"""Reads of people: who is known, who looks like whom, what two cards hold."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, F, Prefetch, Q

from accounts.models import Client
from accounts.policy import access_of
from contacts import merging
from contacts.enums import Likeness
from contacts.models import Participant, Person
from contacts.selectors.scheme import role_names, with_scheme
from core import text

# By what two cards are alike, and the key in which they then agree.
_KEYS = {Likeness.NAME: "search_key", Likeness.PHONE: "phone_digits", Likeness.EMAIL: "email_key"}


@dataclass(frozen=True)
class Alike:
    """A card that may be of the same human being, and what the two have in common."""

    person: Person
    by: tuple[Likeness, ...]

    @property
    def place(self) -> Participant:
        """The place to open it at."""
        return self.person.standing[0]  # type: ignore[attr-defined]

    @property
    def why(self) -> str:
        """«совпадают имя, телефон»."""
        words = ", ".join(str(one.label).lower() for one in self.by)
        return f"{'совпадает' if len(self.by) == 1 else 'совпадают'} {words}"


@dataclass(frozen=True)
class Compared:
    """A line of the comparison of two cards: what each has and what will be."""

    label: str
    kept: str
    dropped: str
    result: str


def known_people(user: Any, client: Client, typed: str, limit: int = 10) -> list[Person]:
    """People in the user's scope whose names match, except those already in this scheme."""
    inside = Participant.objects.filter(client=client, ends_on=None)
    return people_named(user, typed, limit, Q(places__in=inside))


def people_named(user: Any, typed: str, limit: int, without: Q) -> list[Person]:
    """People in the user's scope whose names hold every typed word, with `standing`."""
    words = text.key(typed).split()
    if not words:
        return []
    found: Any = Person.objects.unmerged().visible_to(user).exclude(without)
    for word in words:
        found = found.filter(search_key__contains=word)
    return list(with_standing(found, user)[:limit])


def with_standing(queryset: Any, user: Any) -> Any:
    """People with `standing`: their places at clients that the user sees, present ones first."""
    places = Participant.objects.unmerged().visible_to(user).select_related("client", "department")
    places = places.order_by(F("ends_on").desc(nulls_first=True), "pk")
    return queryset.prefetch_related(Prefetch("places", places, to_attr="standing"))


def doubtful(user: Any, by: Iterable[str] = Likeness.values) -> Any:
    """Cards in the user's scope that agree with another one there in name, phone or e-mail.

    Keys that occur twice are found by grouping: no card is compared with each other one. Who
    sees everybody groups all cards, which reads an index alone.
    """
    cards: Any = Person.objects.unmerged()
    seen = cards.visible_to(user)
    whole = cards if access_of(user).everything else seen
    twice = Q(pk__in=[])
    for one in by:
        key = _KEYS[Likeness(one)]
        groups = whole.filter(**{f"{key}__gt": ""}).order_by().values(key)
        twice |= Q(**{f"{key}__in": groups.annotate(n=Count("pk")).filter(n__gt=1).values(key)})
    return seen.filter(twice)


def alike_of(user: Any, ids: Sequence[int]) -> dict[int, list[Alike]]:
    """Who in the user's scope looks like each of the people; a fixed number of queries."""
    cards: Any = Person.objects.unmerged()
    people = list(cards.filter(pk__in=ids))
    agree = Q(pk__in=[])
    for key in _KEYS.values():
        agree |= Q(**{f"{key}__in": {getattr(one, key) for one in people} - {""}})
    others = [o for o in with_standing(cards.filter(agree).visible_to(user), user) if o.standing]
    found: dict[int, list[Alike]] = {}
    for one in people:
        common = ((other, _likeness(one, other)) for other in others if other.pk != one.pk)
        rows = [Alike(other, by) for other, by in common if by]
        found[one.pk] = sorted(rows, key=lambda alike: (-len(alike.by), alike.person.pk))
    return found


def _likeness(one: Any, other: Any) -> tuple[Likeness, ...]:
    return tuple(
        kind
        for kind, key in _KEYS.items()
        if getattr(one, key) and getattr(one, key) == getattr(other, key)
    )


def comparison(user: Any, keep: Person, drop: Person, on: date) -> list[Compared]:
    """What two cards hold, line by line, and what the merged one will."""
    rows = []
    for name in ("last_name", "first_name", "middle_name", "phone", "email"):
        label = str(getattr(Person._meta.get_field(name), "verbose_name", name))
        kept, dropped = getattr(keep, name), getattr(drop, name)
        rows.append(Compared(label[:1].upper() + label[1:], kept, dropped, kept or dropped))
    seen = Participant.objects.unmerged().visible_to(user).filter(person__in=[keep, drop])
    places = list(with_scheme(seen, on).order_by("client__sort_key", "starts_on", "pk"))
    return rows + _compared_places(places, keep)


def _compared_places(places: Collection[Participant], keep: Person) -> list[Compared]:
    of_client: dict[str, list[Participant]] = defaultdict(list)
    for place in places:
        of_client[str(place.client)].append(place)
    found = []
    for client, rows in of_client.items():
        by_key = {row.pk: row for row in rows}
        stays = [
            merging.Stay(row.pk, row.starts_on, row.ends_on, row.person_id == keep.pk)
            for row in rows
        ]
        for group in merging.meetings(stays):
            kept = [by_key[stay.key] for stay in group if stay.is_kept]
            dropped = [by_key[stay.key] for stay in group if not stay.is_kept]
            result = "Останется" if kept else "Перейдёт к оставшейся карточке"
            if kept and dropped:
                result = "Два места станут одним: роли, контакты, потребности и задачи — общие"
            found.append(Compared(client, _places_said(kept), _places_said(dropped), result))
    return found


def _places_said(places: Iterable[Participant]) -> str:
    return "; ".join(map(_place_said, places))


def _place_said(place: Participant) -> str:
    """«главный бухгалтер, Бухгалтерия, ГКлП, в схеме с 20.11.2025»."""
    until = f" до {place.ends_on:%d.%m.%Y}" if place.ends_on else ""
    said = [place.job_title, str(place.department or ""), role_names(place)]
    return ", ".join([*filter(None, said), f"в схеме с {place.starts_on:%d.%m.%Y}{until}"])
