"""Writes of agreements: who does it until when, what is refused, what a held review allows."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from core.audit import reference
from core.errors import Conflict, Refused
from core.models import AuditEntry, CalendarDay, Setting
from core.policy import policy_for
from tests import factories
from tests.personas import World
from visits import services
from visits.models import Agreement

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)  # a Wednesday


def add(world: World, who: str = "anna", whose: str | None = "own", **more: Any) -> Agreement:
    given = {name: more.pop(name) for name in ("visit", "control_point") if name in more}
    client = world.clients[whose] if whose else None
    return services.add_agreement(
        actor=world.users[who],
        client=client,
        today=TODAY,
        values={"what": "прислать подборку"} | more,
        **given,
    )


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


class TestAdd:
    def test_without_a_due_date_three_working_days_later(self, world: World) -> None:
        row = add(world)
        assert (row.agreed_on, row.due_on) == (TODAY, date(2026, 9, 21))
        assert row.responsible is None
        entry = AuditEntry.objects.get(subject=reference(row))
        assert entry.about == reference(world.clients["own"])

    def test_the_usual_days_and_the_calendar_are_settings(self, world: World) -> None:
        Setting.objects.create(code="visits.agreement_days", value=1)
        CalendarDay.objects.create(on=date(2026, 9, 17), is_working=False, note="день фирмы")
        assert add(world).due_on == date(2026, 9, 18)

    def test_a_day_off_that_was_typed_stays(self, world: World) -> None:
        assert add(world, due_on=date(2026, 9, 19)).due_on == date(2026, 9, 19)

    def test_of_a_contact_it_is_agreed_on_its_day(self, world: World) -> None:
        visit = world.row("visits.visit")
        row = add(world, whose=None, visit=visit)
        assert (row.client, row.visit, row.agreed_on) == (visit.client, visit, visit.held_on)

    def test_a_contact_with_another_client_is_a_mistake_of_the_caller(self, world: World) -> None:
        with pytest.raises(ValueError, match="another client"):
            add(world, "elena", visit=world.row("visits.visit", "foreign"))

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"what": " \u200b "}, "what"),
            ({"what": "а" * 1001}, "what"),
            ({"due_on": date(2026, 9, 15)}, "due_on"),
            ({"due_on": date(2076, 9, 15)}, "due_on"),
        ],
    )
    def test_bad_values(self, world: World, values: dict, field: str) -> None:
        assert list(errors(add, world, **values)) == [field]
        assert not Agreement.objects.exclude(pk__in=_built(world)).exists()

    def test_a_participant_of_another_client(self, world: World) -> None:
        told = errors(add, world, participant=world.row("contacts.participant", "foreign"))
        assert told == {"participant": ["Это участник другого клиента."]}

    def test_unknown_field_is_a_mistake_of_the_caller(self, world: World) -> None:
        with pytest.raises(ValueError, match="status"):
            add(world, status="done")

    def test_foreign_client_and_administrator(self, world: World) -> None:
        for who, whose in (("anna", "foreign"), ("zhanna", "own"), ("dmitry", "own")):
            with pytest.raises(Refused):
                add(world, who, whose)


def _built(world: World) -> list[int]:
    rows = (world.rows[whose].get("visits.agreement") for whose in world.rows)
    return [row.pk for row in rows if row is not None]


class TestResponsible:
    @pytest.mark.parametrize("name", ["anna", "zoya", "galina", "elena"])
    def test_whoever_reaches_the_client(self, world: World, name: str) -> None:
        assert add(world, "galina", responsible=world.staff[name]).responsible.pk == (
            world.staff[name].pk
        )

    @pytest.mark.parametrize("name", ["boris", "vera", "dmitry"])
    def test_not_one_who_does_not_see_the_client(self, world: World, name: str) -> None:
        told = errors(add, world, "galina", responsible=world.staff[name])
        assert "не видит этого клиента" in told["responsible"][0]

    def test_without_a_client_somebody_must_be_named(self, world: World) -> None:
        assert list(errors(add, world, "galina", None)) == ["responsible"]
        row = add(world, "galina", None, responsible=world.staff["boris"])
        assert row.responsible == world.staff["boris"]
        told = errors(add, world, "galina", None, responsible=world.staff["vera"])
        assert list(told) == ["responsible"]

    def test_a_task_of_nobody_by_name_moves_with_the_pool(self, world: World) -> None:
        row = add(world)
        policy = policy_for(Agreement)
        assert policy.can(world.users["anna"], "change", row)
        assert not policy.can(world.users["boris"], "view", row)
        client = world.clients["own"]
        client.specialist = world.staff["boris"]
        client.save()
        assert policy.can(world.users["boris"], "change", row)
        assert not policy.can(world.users["anna"], "view", row)

    def test_a_specialist_leaves_the_heads_task_alone(self, world: World) -> None:
        row = add(world, "galina", responsible=world.staff["galina"])
        policy = policy_for(Agreement)
        assert policy.can(world.users["anna"], "view", row)
        assert not policy.can(world.users["anna"], "change", row)
        with pytest.raises(Refused):
            close(world, row, "anna")


def close(world: World, row: Agreement, who: str = "anna", **more: Any) -> Agreement:
    given = {"outcome": "отправлено", "today": TODAY} | more
    return services.close_agreement(actor=world.users[who], agreement=row, **given)


class TestLater:
    def change(
        self, world: World, row: Agreement, version: int | None = None, **values: Any
    ) -> Any:
        return services.update_agreement(
            actor=world.users["anna"], agreement=row, values=values, today=TODAY, version=version
        )

    def test_change(self, world: World) -> None:
        row = self.change(world, add(world), what="позвонить", due_on=TODAY)
        assert (row.what, row.due_on, row.version) == ("позвонить", TODAY, 2)

    def test_an_emptied_due_date_is_the_usual_one(self, world: World) -> None:
        row = add(world, due_on=date(2027, 1, 15))
        assert self.change(world, row, due_on=None).due_on == date(2026, 9, 21)

    def test_somebody_was_quicker(self, world: World) -> None:
        row = add(world)
        self.change(world, row, what="первое")
        with pytest.raises(Conflict):
            self.change(world, row, version=1, what="второе")

    def test_close_and_reopen(self, world: World) -> None:
        row = close(world, add(world))
        assert (row.status, row.closed_on, row.outcome) == ("done", TODAY, "отправлено")
        with pytest.raises(ValidationError, match="уже закрыта"):
            close(world, row)
        with pytest.raises(ValidationError, match="закрыта"):
            self.change(world, row, what="иное")
        row = services.reopen_agreement(actor=world.users["anna"], agreement=row)
        assert (row.status, row.closed_on, row.outcome) == ("open", None, "")
        with pytest.raises(ValidationError, match="и так в работе"):
            services.reopen_agreement(actor=world.users["anna"], agreement=row)

    @pytest.mark.parametrize("reason", ["", " \u200b\n"])
    def test_why_it_was_dropped_must_be_said(self, world: World, reason: str) -> None:
        row = add(world)
        told = errors(
            services.drop_agreement,
            actor=world.users["anna"],
            agreement=row,
            reason=reason,
            today=TODAY,
        )
        assert list(told) == ["outcome"]
        row = services.drop_agreement(
            actor=world.users["anna"], agreement=row, reason="клиент отказался", today=TODAY
        )
        assert (row.status, row.outcome) == ("dropped", "клиент отказался")

    def test_characters_that_turn_the_text_around(self, world: World) -> None:
        told = errors(close, world, add(world), outcome="а\u202eб")
        assert list(told) == ["outcome"]
        told = errors(
            services.drop_agreement,
            actor=world.users["anna"],
            agreement=add(world),
            reason="а\u202eб",
            today=TODAY,
        )
        assert list(told) == ["outcome"]

    def test_the_client_may_be_a_year_late(self, world: World) -> None:
        row = add(world, due_on=TODAY + timedelta(days=1))
        late = TODAY + timedelta(days=400)
        row = services.update_agreement(
            actor=world.users["anna"], agreement=row, values={"what": "иное"}, today=late
        )
        assert row.due_on == TODAY + timedelta(days=1)


def test_integration_may_record(world: World) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    row = services.add_agreement(
        actor=world.users["writer"], client=client, values={"what": "дело"}, today=TODAY
    )
    assert row.client == client
