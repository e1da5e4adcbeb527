"""What waits for a contact: clients met too long ago, key users not reached this month."""

from datetime import date
from typing import Any

from django.db.models import Exists, F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Greatest

from contacts import reach
from contacts.gaps import KEY_USERS
from contacts.models import RolePeriod
from visits.cadence import latest_wait
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit
from visits.selectors.reach import reached_participants


def _held(level: str) -> Any:
    return Visit.objects.filter(client=OuterRef("pk"), level=level, status=VisitStatus.DONE)


def without_contact(queryset: Any, level: str, on: date, every_days: int) -> Any:
    """Clients served now with whom no contact of a level was held for longer than `every_days`.

    A К2У is owed to key clients only.
    """
    limit = latest_wait(on, every_days)
    rows = queryset.filter(disconnected_on=None, connected_on__lt=limit)
    if level == VisitLevel.K2:
        rows = rows.filter(is_key=True)
    return rows.filter(~Exists(_held(level).filter(held_on__gte=limit)))


def with_last_contact(queryset: Any, level: str) -> Any:
    """Clients with `last_on`, the day of the last contact of a level, and `waits_since`."""
    last = _held(level).order_by().values("client").annotate(last=Max("held_on")).values("last")
    return queryset.annotate(last_on=Subquery(last)).annotate(
        waits_since=Greatest(Coalesce(F("last_on"), F("connected_on")), F("connected_on"))
    )


def key_users_not_reached(queryset: Any, on: date) -> list[int]:
    """Those of the participants who are key users of clients served now and were not reached.

    By client; their ids, for whom a month's contacts reached is asked about these people and
    their clients alone: by the people only, the database would read every participation there is.
    """
    held = RolePeriod.objects.filter(participant=OuterRef("pk"), role__in=KEY_USERS, ends_on=None)
    rows = queryset.filter(ends_on=None, client__disconnected_on=None)
    rows = rows.filter(Exists(held)).order_by("client__sort_key", "pk")
    clients = dict(rows.values_list("pk", "client_id"))
    reached = reached_participants(*reach.month_of(on)).filter(
        participant__pk__any_of=clients, visit__client__pk__any_of=set(clients.values())
    )
    taken = frozenset(reached) if clients else frozenset()
    return [pk for pk in clients if pk not in taken]


def of_people(queryset: Any, employees: Any, *, pool: bool) -> Any:
    """Contacts that some employees hold or join; in a pool's day, every К1У there as well."""
    joined = Visit.companions.through._default_manager.filter(employee__in=employees)
    own = Q(pk__in=joined.values("visit"))
    own |= Q(level=VisitLevel.K1) if pool else Q(employee__in=employees)
    return queryset.filter(own)
