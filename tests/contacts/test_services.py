"""Writes of the decision scheme: rules, refusals, the audit row of each."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from contacts import selectors, services
from contacts.models import Participant, Person, RolePeriod
from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db

NAMES = {"last_name": "Иванова", "first_name": "Анна", "phone": "8 495 123-45-67 доб 5"}


def add(world: World, today: date, who: str = "anna", whose: str = "own", **more: Any) -> Any:
    values = more.pop("values", NAMES)
    return services.add_participant(
        actor=world.users[who],
        client=world.clients[whose],
        values=values,
        roles=more.pop("roles", ["key_user"]),
        today=today,
        **more,
    )


def errors(call: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(**kwargs)
    return caught.value.message_dict


def open_roles(row: Participant) -> set[str]:
    return set(row.roles.filter(ends_on=None).values_list("role", flat=True))


class TestAdd:
    def test_person_place_and_roles_in_one(self, world: World, today: date) -> None:
        before = AuditEntry.objects.count()
        row = add(world, today, roles=["key_user", "decision_maker"])
        assert str(row) == "Иванова Анна"
        assert row.person.phone == "+7 495 123-45-67 доб. 5"
        assert row.starts_on == today
        assert open_roles(row) == {"key_user", "decision_maker"}
        written = AuditEntry.objects.order_by("id")[before:]
        assert [entry.subject.split(":")[0] for entry in written] == [
            "contacts.person",
            "contacts.participant",
            "contacts.roleperiod",
            "contacts.roleperiod",
        ]
        client = f"accounts.client:{world.clients['own'].pk}"
        assert {entry.about for entry in written[1:]} == {client}
        assert {entry.actor for entry in written} == {world.users["anna"]}

    def test_known_person_of_ones_own_scope(self, world: World, today: date) -> None:
        person = world.row("contacts.person", "colleague")
        row = add(world, today, who="galina", person=person, values={"email": "new@example.org"})
        assert row.person == person
        person.refresh_from_db()
        assert person.email == "new@example.org"
        assert Person.objects.filter(pk=person.pk).count() == 1

    def test_person_of_another_scope_is_refused(self, world: World, today: date) -> None:
        with pytest.raises(Refused):
            add(world, today, person=world.row("contacts.person", "foreign"))

    def test_twice_in_one_scheme(self, world: World, today: date) -> None:
        person = world.row("contacts.person")
        assert errors(add, world=world, today=today, person=person, values={}) == {
            "__all__": ["Этот человек уже есть в схеме клиента."]
        }

    def test_foreign_client_and_administrator(self, world: World, today: date) -> None:
        for who, whose in (("anna", "foreign"), ("zhanna", "own"), ("igor", "own")):
            with pytest.raises(Refused):
                add(world, today, who=who, whose=whose)
        assert not Person.objects.filter(last_name="Иванова").exists()

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"last_name": "Иванова"}, "first_name"),
            ({"last_name": "\u200b", "first_name": "А"}, "last_name"),
            (NAMES | {"phone": "12"}, "phone"),
            (NAMES | {"email": "нет"}, "email"),
            (NAMES | {"starts_on": date(1999, 12, 31)}, "starts_on"),
            (NAMES | {"starts_on": date(2026, 9, 17)}, "starts_on"),
            (NAMES | {"verified_on": date(2026, 9, 17)}, "verified_on"),
            (NAMES | {"notes": "а" * 20_001}, "notes"),
        ],
    )
    def test_bad_values(self, world: World, today: date, values: dict, field: str) -> None:
        people = Person.objects.count()
        assert list(errors(add, world=world, today=today, values=values)) == [field]
        assert Person.objects.count() == people

    def test_unknown_role(self, world: World, today: date) -> None:
        assert list(errors(add, world=world, today=today, roles=["king"])) == ["role"]


class TestBoss:
    def test_boss_of_another_client(self, world: World, today: date) -> None:
        boss = world.row("contacts.participant", "colleague")
        found = errors(
            add, world=world, today=today, who="galina", values=NAMES | {"reports_to": boss}
        )
        assert found == {"reports_to": ["Это участник другого клиента."]}

    def test_boss_who_left(self, world: World, today: date) -> None:
        boss = factories.participant(world.clients["own"], ends_on=today)
        found = errors(add, world=world, today=today, values=NAMES | {"reports_to": boss})
        assert found == {"reports_to": ["Этот участник уже вышел из схемы."]}

    def test_no_ring(self, world: World, today: date) -> None:
        top = add(world, today)
        middle = add(world, today, values=NAMES | {"last_name": "Б", "reports_to": top})
        low = add(world, today, values=NAMES | {"last_name": "В", "reports_to": middle})
        found = errors(
            services.update_participant,
            actor=world.users["anna"],
            participant=top,
            values={"reports_to": low},
            today=today,
        )
        assert found == {"reports_to": ["В Анна сам подчиняется этому участнику."]}
        own = errors(
            services.update_participant,
            actor=world.users["anna"],
            participant=top,
            values={"reports_to": top},
            today=today,
        )
        assert list(own) == ["reports_to"]

    def test_allowed(self, world: World, today: date) -> None:
        boss = world.row("contacts.participant")
        row = add(world, today)
        row = services.update_participant(
            actor=world.users["anna"], participant=row, values={"reports_to": boss}, today=today
        )
        assert row.reports_to == boss
        row = services.update_participant(
            actor=world.users["anna"], participant=row, values={"reports_to": None}, today=today
        )
        assert row.reports_to is None


class TestUpdate:
    def test_person_and_place_together(self, world: World, today: date) -> None:
        row = add(world, today)
        changed = services.update_participant(
            actor=world.users["anna"],
            participant=row,
            values={"last_name": "Петрова", "job_title": "ГД"},
            today=today,
            version=row.version,
        )
        assert str(changed) == "Петрова Анна"
        assert changed.job_title == "ГД"
        assert changed.version > row.version

    def test_a_change_of_the_person_alone_is_seen_as_a_conflict_in_every_scheme(
        self, world: World, today: date
    ) -> None:
        person = world.row("contacts.person", "colleague")
        here = add(world, today, who="galina", person=person, values={})
        there = world.row("contacts.participant", "colleague")
        services.update_participant(
            actor=world.users["galina"],
            participant=here,
            values={"first_name": "Мария"},
            today=today,
            version=here.version,
        )
        with pytest.raises(Conflict) as caught:
            services.update_participant(
                actor=world.users["boris"],
                participant=there,
                values={"first_name": "Ольга"},
                today=today,
                version=there.version,
            )
        assert caught.value.current.first_name == "Мария"
        assert caught.value.typed == {"first_name": "Ольга"}

    def test_an_imported_phone_stays_until_it_is_changed(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        stored = row.person.phone
        services.update_participant(
            actor=world.users["anna"],
            participant=row,
            values={"phone": stored, "email": "a@example.org"},
            today=today,
        )
        row.person.refresh_from_db()
        assert row.person.phone == stored
        found = errors(
            services.update_participant,
            actor=world.users["anna"],
            participant=row,
            values={"phone": "1"},
            today=today,
        )
        assert list(found) == ["phone"]

    def test_start_moves_earlier_but_not_past_a_role(self, world: World, today: date) -> None:
        row = add(world, today, values=NAMES | {"starts_on": today - timedelta(days=10)})
        call = {"actor": world.users["anna"], "participant": row, "today": today}
        earlier = today - timedelta(days=20)
        row = services.update_participant(**call, values={"starts_on": earlier})
        assert row.starts_on == earlier
        found = errors(services.update_participant, **call, values={"starts_on": today})
        assert list(found) == ["starts_on"]

    def test_start_moves_freely_without_roles(self, world: World, today: date) -> None:
        row = add(world, today - timedelta(days=5), roles=[])
        row = services.update_participant(
            actor=world.users["anna"], participant=row, values={"starts_on": today}, today=today
        )
        assert row.starts_on == today

    def test_foreign(self, world: World, today: date) -> None:
        with pytest.raises(Refused):
            services.update_participant(
                actor=world.users["anna"],
                participant=world.row("contacts.participant", "colleague"),
                values={"notes": "x"},
                today=today,
            )

    def test_nothing_changed_leaves_no_trace(self, world: World, today: date) -> None:
        row = add(world, today)
        before = AuditEntry.objects.count()
        same = services.update_participant(
            actor=world.users["anna"],
            participant=row,
            values={"last_name": "Иванова"},
            roles=["key_user"],
            today=today,
        )
        assert same.version == row.version
        assert AuditEntry.objects.count() == before


class TestRoles:
    def set(self, world: World, row: Participant, on: date, *roles: str, today: date) -> Any:
        return services.set_roles(
            actor=world.users["anna"], participant=row, roles=roles, on=on, today=today
        )

    def test_closing_keeps_the_past(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        began = row.roles.get().starts_on
        changed = self.set(world, row, today, "decision_maker", today=today)
        periods = list(row.roles.order_by("role").values_list("role", "starts_on", "ends_on"))
        assert periods == [
            ("decision_maker", today, None),
            ("main_key_user", began, today),
        ]
        assert changed.version > row.version
        yesterday = RolePeriod.objects.current_on(today - timedelta(days=1))
        assert [p.role for p in yesterday.filter(participant=row)] == ["main_key_user"]

    def test_same_day_replaces(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        began = row.roles.get().starts_on
        self.set(world, row, today, "decision_maker", today=today)
        self.set(world, row, today, "main_key_user", today=today)
        assert list(row.roles.values_list("role", "starts_on", "ends_on")) == [
            ("main_key_user", began, None)
        ]

    def test_back_dated_within_the_place(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        on = today - timedelta(days=30)
        self.set(world, row, on, today=today)
        assert row.roles.get().ends_on == on

    def test_refused_days(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        for on in (today + timedelta(days=1), row.starts_on - timedelta(days=1)):
            found = errors(self.set, world=world, row=row, on=on, today=today)
            assert list(found) == ["roles_on"]

    def test_no_overlap(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        earlier = today - timedelta(days=10)
        self.set(world, row, today, "key_user", today=today)
        with pytest.raises(ValidationError, match="уже действовала до"):
            services.set_roles(
                actor=world.users["anna"],
                participant=row,
                roles=["key_user", "main_key_user"],
                on=earlier,
                today=today,
            )
        with pytest.raises(ValidationError, match="действует с"):
            services.set_roles(
                actor=world.users["anna"], participant=row, roles=[], on=earlier, today=today
            )

    def test_conflict(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        self.set(world, row, today, "key_user", today=today)
        with pytest.raises(Conflict) as caught:
            services.set_roles(
                actor=world.users["anna"],
                participant=row,
                roles=[],
                on=today,
                today=today,
                version=row.version,
            )
        assert caught.value.current.get_roles_display() == "КлП"


class TestClose:
    def test_place_roles_and_subordinates(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        below = factories.participant(world.clients["own"], reports_to=row)
        closed = services.close_participant(
            actor=world.users["anna"], participant=row, on=today, today=today, version=row.version
        )
        assert closed.ends_on == today
        assert row.roles.get().ends_on == today
        below.refresh_from_db()
        assert below.reports_to is None
        with pytest.raises(ValidationError, match="вышел из схемы"):
            services.verify_participant(actor=world.users["anna"], participant=row, on=today)

    def test_days(self, world: World, today: date) -> None:
        row = add(world, today)
        call = {"actor": world.users["anna"], "participant": row, "today": today}
        found = errors(services.close_participant, **call, on=today)
        assert found == {"ends_on": ["В схеме с 16.09.2026: дата ухода должна быть позже."]}
        found = errors(services.close_participant, **call, on=today + timedelta(days=2))
        assert list(found) == ["ends_on"]
        closed = services.close_participant(**call, on=today + timedelta(days=1))
        assert closed.ends_on == today + timedelta(days=1)

    def test_may_come_back(self, world: World, today: date) -> None:
        row = world.row("contacts.participant")
        services.close_participant(
            actor=world.users["anna"], participant=row, on=today, today=today
        )
        again = add(world, today, person=row.person, values={})
        assert again.pk != row.pk


def test_verify(world: World, today: date) -> None:
    row = factories.participant(world.clients["own"])
    done = services.verify_participant(actor=world.users["zoya"], participant=row, on=today)
    assert done.verified_on == today
    with pytest.raises(Refused):
        services.verify_participant(actor=world.users["boris"], participant=row, on=today)


def test_scheme(world: World, today: date, count_queries: Any) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    assert [gap.code for gap in selectors.scheme(client, today).gaps] == ["empty"]
    boss = factories.participant(client, ("decision_maker",), "management", verified_on=today)
    for number in range(3):
        factories.participant(client, ("key_user",), verified_on=today, reports_to=boss)
        factories.participant(client, (), ends_on=today - timedelta(days=number))
    found = selectors.scheme(client, today)
    assert found.participants[0] == boss
    assert len(found.participants) == 4
    assert len(found.former) == 3
    assert found.gaps == []
    assert selectors.role_names(found.participants[0]) == "ЛПР"
    with count_queries() as few:
        selectors.scheme(client, today)
    for _ in range(20):
        factories.participant(client, verified_on=today)
    with count_queries() as many:
        selectors.scheme(client, today)
    assert len(few) == len(many)


def test_known_people_in_scope_only(world: World) -> None:
    galina, own = world.users["galina"], world.clients["own"]
    colleague = world.row("contacts.person", "colleague")
    foreign = world.row("contacts.person", "foreign")
    assert selectors.known_people(galina, own, "") == []
    assert selectors.known_people(galina, own, colleague.last_name.upper()) == [colleague]
    assert selectors.known_people(galina, own, foreign.last_name) == []
    assert selectors.known_people(galina, own, world.row("contacts.person").last_name) == []
