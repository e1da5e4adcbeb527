"""Two cards of one human being become one: what points at them, their past, who may do it."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey, ManyToManyField

from contacts import reach, selectors, services
from contacts.models import Participant, Person, RolePeriod
from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories
from tests.personas import World
from visits.models import Agreement, Visit

pytestmark = pytest.mark.django_db


def merge(world: World, keep: Participant, drop: Participant, who: str = "anna", **more: Any):
    return services.merge_people(
        actor=world.users[who],
        keep=keep.person,
        drop=drop.person,
        today=more.pop("today", date(2026, 9, 16)),
        **more,
    )


def two(world: World, **given: Any) -> tuple[Participant, Participant]:
    """Two places in the scheme of «own»."""
    client = world.clients["own"]
    return factories.participant(client), factories.participant(client, **given)


def held(client: Any, on: date) -> set[tuple[int, str]]:
    """Who, through merges, held which role on a day."""
    rows = RolePeriod.objects.current_on(on).filter(participant__client=client)
    found = rows.select_related("participant__person")
    return {(p.participant.person.merged_into_id or p.participant.person_id, p.role) for p in found}


class TestPlaces:
    def test_two_places_of_one_scheme_become_one(self, world: World, today: date) -> None:
        keep, drop = two(world)
        merge(world, keep, drop)
        drop.refresh_from_db()
        assert drop.merged_into == keep
        assert drop.ends_on == today
        assert drop.person.merged_into == keep.person
        scheme = selectors.scheme(world.clients["own"], today)
        assert keep in scheme.participants
        assert drop not in scheme.participants
        assert drop not in scheme.former

    def test_a_place_at_another_client_goes_over(self, world: World) -> None:
        keep = world.row("contacts.participant")
        drop = world.row("contacts.participant", "colleague")
        merge(world, keep, drop, "galina")
        drop.refresh_from_db()
        assert drop.person == keep.person
        assert drop.merged_into is None
        assert keep.person.places.count() == 2

    def test_who_left_and_came_back_stood_there_twice(self, world: World, today: date) -> None:
        client = world.clients["own"]
        keep = factories.participant(client, starts_on=today - timedelta(days=10))
        drop = factories.participant(
            client, (), ends_on=today - timedelta(days=50), job_title="бухгалтер"
        )
        merge(world, keep, drop)
        drop.refresh_from_db()
        assert (drop.person, drop.merged_into) == (keep.person, None)

    def test_a_kept_place_that_was_left_too_early_is_open_again(
        self, world: World, today: date
    ) -> None:
        client = world.clients["own"]
        keep = factories.participant(client, (), ends_on=today - timedelta(days=5))
        drop = factories.participant(client, starts_on=today - timedelta(days=100))
        merge(world, keep, drop)
        keep.refresh_from_db()
        assert keep.ends_on is None
        assert [role.ends_on for role in keep.roles.all()] == [None]

    def test_earliest_start_latest_check_and_what_was_empty(
        self, world: World, today: date
    ) -> None:
        keep, drop = two(
            world,
            starts_on=today - timedelta(days=500),
            verified_on=today,
            job_title="ГБ",
            notes="Звонить утром",
            attitude="supporter",
            external_id="X-1",
        )
        Participant.objects.filter(pk=keep.pk).update(job_title="", notes="Любит факты")
        Person.objects.filter(pk=drop.person_id).update(phone="+7 495 123-45-67", email="a@b.ru")
        Person.objects.filter(pk=keep.person_id).update(email="own@b.ru")
        merge(world, keep, drop)
        keep.refresh_from_db()
        drop.refresh_from_db()
        assert keep.starts_on == today - timedelta(days=500)
        assert keep.verified_on == today
        assert keep.job_title == "ГБ"
        assert keep.notes == "Любит факты\nЗвонить утром"
        assert keep.attitude == "supporter"
        assert (keep.external_id, drop.external_id) == ("X-1", None)
        assert (keep.person.phone, keep.person.email) == ("+7 495 123-45-67", "own@b.ru")
        assert drop.person.phone == "+7 495 123-45-67"

    def test_a_place_begun_today_is_closed_without_breaking_its_period(
        self, world: World, today: date
    ) -> None:
        keep, drop = two(world, starts_on=today)
        merge(world, keep, drop)
        drop.refresh_from_db()
        assert drop.ends_on == today + timedelta(days=1)
        assert drop not in selectors.scheme(world.clients["own"], today).participants

    def test_merged_before_into_the_dropped_one_follows(self, world: World) -> None:
        keep, middle = two(world)
        first = factories.participant(world.clients["own"])
        merge(world, middle, first)
        middle.refresh_from_db()
        merge(world, keep, middle)
        first.refresh_from_db()
        assert first.merged_into == keep
        assert first.person.merged_into == keep.person


class TestRolesAndReach:
    def test_roles_unite_without_overlap(self, world: World, today: date) -> None:
        client = world.clients["own"]
        keep = factories.participant(client, (), starts_on=date(2026, 1, 1))
        drop = factories.participant(client, (), starts_on=date(2026, 1, 1))
        for place, role, starts_on, ends_on in [
            (keep, "key_user", date(2026, 1, 1), date(2026, 3, 1)),
            (drop, "key_user", date(2026, 2, 1), date(2026, 5, 1)),
            (keep, "key_user", date(2026, 7, 1), None),
            (drop, "main_key_user", date(2026, 4, 1), None),
            (drop, "key_user", date(2026, 8, 1), None),
        ]:
            factories.saved(
                RolePeriod(participant=place, role=role, starts_on=starts_on, ends_on=ends_on)
            )
        merge(world, keep, drop)
        assert list(keep.roles.values_list("role", "starts_on", "ends_on")) == [
            ("key_user", date(2026, 1, 1), date(2026, 5, 1)),
            ("key_user", date(2026, 7, 1), None),
            ("main_key_user", date(2026, 4, 1), None),
        ]
        assert drop.roles.count() == 0

    def test_past_months_keep_who_held_a_role_and_who_was_reached(
        self, world: World, today: date
    ) -> None:
        client = world.clients["own"]
        keep = factories.participant(client, ("key_user",), starts_on=date(2026, 1, 10))
        drop = factories.participant(client, ("main_key_user",), starts_on=date(2026, 3, 10))
        for number, place in enumerate([keep, drop, keep, drop, drop, keep, drop, keep]):
            day = date(2026, 1 + number, 20)
            factories.visit(client, participants=[place], materials=1, held_on=day)
        months = [date(2026, n, 15) for n in range(1, 10)]
        one = {keep.person_id: keep.person_id, drop.person_id: keep.person_id}

        def picture() -> list[tuple[set, set]]:
            found = []
            for on in months:
                ids = [p.pk for p in client.participants.all()]
                reached = reach.reached_of(ids, *reach.month_of(on))
                people = Participant.objects.filter(pk__in=reached).values_list("person", flat=True)
                roles = {(one.get(person, person), role) for person, role in held(client, on)}
                found.append((roles, {one.get(person, person) for person in people}))
            return found

        before = picture()
        merge(world, keep, drop)
        assert picture() == before

    def test_both_in_one_contact_are_there_once(self, world: World) -> None:
        keep, drop = two(world)
        both = factories.visit(world.clients["own"], participants=[keep, drop])
        one = factories.visit(world.clients["own"], participants=[drop])
        merge(world, keep, drop)
        assert list(both.participants.all()) == [keep]
        assert list(one.participants.all()) == [keep]


class TestWhatPointsAtIt:
    def test_every_model_that_points_at_a_participant_is_led_over(
        self, world: World, today: date
    ) -> None:
        """One row of each foreign key and link in the project; a new one needs no word here."""
        keep, drop = two(world)
        client = world.clients["own"]
        need = factories.need(client, participant=drop)
        step = factories.need_step(need, participant=drop)
        agreement = factories.saved(
            Agreement(
                client=client, what="Прислать", participant=drop, agreed_on=today, due_on=today
            )
        )
        visit = factories.visit(client, participants=[drop])
        below = factories.participant(client, reports_to=drop)
        merge(world, keep, drop)
        for row in (need, step, agreement):
            row.refresh_from_db()
            assert row.participant == keep, row
        assert list(visit.participants.all()) == [keep]
        below.refresh_from_db()
        assert below.reports_to == keep
        left = [
            f"{relation.related_model._meta.label}.{relation.field.name}"
            for relation in Participant._meta.get_fields(include_hidden=True)
            if relation.auto_created
            and not relation.concrete
            and isinstance(relation.field, ForeignKey | ManyToManyField)
            and relation.related_model._base_manager.filter(**{relation.field.name: drop}).exists()
        ]
        assert left == []

    def test_open_forms_of_what_was_led_over_are_out_of_date(self, world: World) -> None:
        keep, drop = two(world)
        need = factories.need(world.clients["own"], participant=drop)
        merge(world, keep, drop)
        before = need.version
        need.refresh_from_db()
        assert need.version == before + 1

    def test_only_one_row_allowed_is_said_clearly(
        self, world: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A constraint of an app above undoes the whole merge with a sentence."""
        from django.db import IntegrityError
        from django.db.models import QuerySet

        keep, drop = two(world)
        factories.need(world.clients["own"], participant=drop)
        plain = QuerySet.update

        def refuse(self: Any, **values: Any) -> int:
            if self.model._meta.label == "needs.Need":
                raise IntegrityError("one only")
            return plain(self, **values)

        monkeypatch.setattr(QuerySet, "update", refuse)
        with pytest.raises(ValidationError, match="у обоих есть потребности"):
            merge(world, keep, drop)
        drop.refresh_from_db()
        assert drop.merged_into is None

    def test_bosses_make_no_ring(self, world: World, today: date) -> None:
        client = world.clients["own"]
        top = factories.participant(client)
        drop = factories.participant(client, reports_to=top)
        middle = factories.participant(client, reports_to=drop)
        keep = factories.participant(client, reports_to=middle)
        merge(world, keep, drop)
        keep.refresh_from_db()
        middle.refresh_from_db()
        assert keep.reports_to == top
        assert middle.reports_to == keep

    def test_the_others_boss_who_left_is_not_taken_over(self, world: World, today: date) -> None:
        client = world.clients["own"]
        gone = factories.participant(client, (), ends_on=today)
        keep, drop = two(world, reports_to=gone)
        merge(world, keep, drop)
        keep.refresh_from_db()
        assert keep.reports_to is None


class TestWhoMay:
    def test_a_place_at_a_client_out_of_sight_is_refused(self, world: World) -> None:
        keep, drop = two(world)
        factories.participant(world.clients["colleague"], person=drop.person)
        with pytest.raises(Refused, match="которых вы не видите"):
            merge(world, keep, drop)
        assert merge(world, keep, drop, "galina") == keep.person

    def test_another_scope_and_no_power(self, world: World) -> None:
        keep, drop = two(world)
        foreign = world.row("contacts.participant", "foreign")
        for who, one, other in [
            ("anna", keep, foreign),
            ("anna", foreign, keep),
            ("boris", keep, drop),
            ("zhanna", keep, drop),
            ("igor", keep, drop),
        ]:
            with pytest.raises(Refused):
                merge(world, one, other, who)
        assert not Person.objects.exclude(merged_into=None).exists()

    def test_the_same_card_and_a_merged_one(self, world: World) -> None:
        keep, drop = two(world)
        with pytest.raises(ValidationError, match="одна и та же"):
            merge(world, keep, keep)
        merge(world, keep, drop)
        third = factories.participant(world.clients["own"])
        with pytest.raises(ValidationError, match="уже объединили"):
            merge(world, third, drop)

    def test_a_change_since_it_was_seen(self, world: World) -> None:
        keep, drop = two(world)
        seen = {keep.pk: keep.version, drop.pk: drop.version + 1}
        with pytest.raises(Conflict):
            merge(world, keep, drop, seen=seen)
        seen[drop.pk] = drop.version
        assert merge(world, keep, drop, seen=seen) == keep.person

    def test_a_merged_card_takes_no_new_place(self, world: World, today: date) -> None:
        keep, drop = two(world)
        bare = factories.client(world.staff["anna"], world.noio1)
        merge(world, keep, drop)
        drop.person.refresh_from_db()
        with pytest.raises(ValidationError, match="объединили с другой"):
            services.add_participant(
                actor=world.users["anna"],
                client=bare,
                person=drop.person,
                values={},
                roles=[],
                today=today,
            )


def test_both_cards_and_places_tell_of_it(world: World) -> None:
    keep, drop = two(world)
    visit = factories.visit(world.clients["own"], participants=[drop])
    before = AuditEntry.objects.count()
    merge(world, keep, drop)
    events = AuditEntry.objects.order_by("id")[before:]
    told = {e.subject: e.after for e in events if e.action == "event"}
    assert set(told) == {
        f"contacts.participant:{keep.pk}",
        f"contacts.participant:{drop.pk}",
        f"contacts.person:{keep.person_id}",
        f"contacts.person:{drop.person_id}",
    }
    assert told[f"contacts.participant:{keep.pk}"]["контакты"] == [visit.pk]
    changed = {e.subject for e in events if e.action == "update"}
    assert f"contacts.person:{drop.person_id}" in changed
    assert f"contacts.participant:{drop.pk}" in changed


def test_the_same_queries_for_3_contacts_and_30(world: World, count_queries: Any) -> None:
    counts = []
    for number in (1, 3, 30):
        keep, drop = two(world)
        for _ in range(number):
            factories.visit(world.clients["own"], participants=[drop])
            factories.need(world.clients["own"], participant=drop)
            factories.participant(world.clients["own"], reports_to=drop)
        with count_queries() as queries:
            merge(world, keep, drop)
        counts.append(len(queries))
    assert counts[1] == counts[2]  # the first one reads the actor's reach
    assert Visit.objects.filter(participants=keep).count() == 30


def test_a_merged_person_is_offered_nowhere(world: World) -> None:
    keep, drop = two(world)
    bare = factories.client(world.staff["anna"], world.noio1)
    name = drop.person.last_name
    anna = world.users["anna"]
    assert [p.pk for p in selectors.known_people(anna, bare, name)] == [drop.person_id]
    merge(world, keep, drop)
    assert selectors.known_people(anna, bare, name) == []
    assert drop.person not in selectors.doubtful(anna)
