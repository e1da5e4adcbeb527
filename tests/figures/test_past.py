"""A past month stays as it was, whatever happens today."""

from datetime import date, timedelta

import pytest

from accounts import services as accounts
from contacts import services as contacts
from contacts.enums import ParticipantRole
from contacts.models import RolePeriod
from tests import factories
from tests.figures.conftest import AUGUST, Centre, moment
from visits.figures import Period
from visits.selectors.figures import FigureRow, Figures, reach_of, read_figures

pytestmark = pytest.mark.django_db


def read(centre: Centre, today: date, period: Period = AUGUST) -> Figures:
    return read_figures(reach_of(centre.users["elena"]), period, today)


def counts(centre: Centre, today: date) -> dict:
    """Every number of every row that has one."""
    return {
        (row.unit and row.unit.pk, row.employee and row.employee.pk): (
            {key: n for key, n in row.counts.items() if n},
            row.met,
        )
        for row in read(centre, today).rows()
    }


def row_of(figures: Figures, name: str, centre: Centre) -> FigureRow:
    return next(r for r in figures.rows() if r.employee == centre.staff[name])


def test_closing_a_role_today(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    contacts.set_roles(
        actor=centre.users["anna"],
        participant=centre.people["anna"][1],
        roles=[],
        on=today,
        today=today,
    )
    assert not RolePeriod.objects.filter(participant=centre.people["anna"][1], ends_on=None)
    assert counts(centre, today) == before
    # The present month does move: the negative control.
    month = Period(today.replace(day=1), date(2026, 9, 30))
    now = row_of(read(centre, today, month), "anna", centre)
    assert now.counts["coverage_main_key_user", "whole"] == 1


def test_closing_a_place_and_verifying_one_today(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    first, second = centre.people["boris"][:2]
    contacts.close_participant(
        actor=centre.users["boris"], participant=first, on=today, today=today
    )
    contacts.verify_participant(actor=centre.users["boris"], participant=second, on=today)
    assert counts(centre, today) == before


def test_handing_a_pool_over_today(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    accounts.assign_clients(
        actor=centre.users["elena"],
        client_ids=[client.pk for client in centre.pools["anna"]],
        specialist=centre.staff["vera"],
        on=today,
    )
    assert counts(centre, today) == before
    month = Period(today.replace(day=1), date(2026, 9, 30))
    vera = row_of(read(centre, today, month), "vera", centre)
    assert vera.counts["materials", "whole"] == 6


def test_who_left_keeps_past_figures(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    accounts.assign_clients(
        actor=centre.users["elena"],
        client_ids=[client.pk for client in centre.pools["boris"]],
        specialist=centre.staff["anna"],
        on=today,
    )
    accounts.save_employee(
        actor=centre.users["elena"], employee=centre.staff["boris"], values={"left_on": today}
    )
    assert counts(centre, today) == before
    assert row_of(read(centre, today), "boris", centre).left_on == today


def test_losing_a_client_today(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    accounts.disconnect_client(
        actor=centre.users["elena"],
        client=centre.pools["anna"][0],
        values={"on": today, "reason": "цена"},
    )
    assert counts(centre, today) == before


def test_a_transfer_of_an_employee_today(centre: Centre, today: date) -> None:
    before = counts(centre, today)
    accounts.assign_clients(
        actor=centre.users["elena"],
        client_ids=[client.pk for client in centre.pools["boris"]],
        specialist=centre.staff["anna"],
        on=today,
    )
    accounts.save_position(
        actor=centre.users["elena"],
        values={
            "employee": centre.staff["boris"],
            "unit": centre.noio2,
            "kind": "specialist",
            "starts_on": today,
        },
    )
    assert counts(centre, today) == before


def test_who_counts_on_the_last_day_of_the_month(centre: Centre, today: date) -> None:
    """Role, place, client and assignment are asked as of 31 August, inclusive."""
    anna, last = centre.staff["anna"], AUGUST.until

    def whole() -> int:
        return row_of(read(centre, today), "anna", centre).counts["coverage_key_user", "whole"]

    assert whole() == 2
    extra = factories.participant(centre.pools["anna"][0], starts_on=last)
    assert whole() == 3
    RolePeriod.objects.filter(participant=extra).update(ends_on=last + timedelta(days=1))
    assert whole() == 3
    RolePeriod.objects.filter(participant=extra).update(starts_on=last, ends_on=None)
    type(extra).objects.filter(pk=extra.pk).update(starts_on=last - timedelta(days=9), ends_on=last)
    assert whole() == 2
    assert anna.left_on is None


def test_one_person_of_two_roles_and_two_periods_counts_once_in_each(
    centre: Centre, today: date
) -> None:
    place = centre.people["anna"][1]
    RolePeriod.objects.create(
        participant=place, role=ParticipantRole.KEY_USER, starts_on=date(2026, 3, 1)
    )
    RolePeriod.objects.create(
        participant=place,
        role=ParticipantRole.KEY_USER,
        starts_on=date(2026, 2, 1),
        ends_on=date(2026, 12, 1),
    )
    row = row_of(read(centre, today), "anna", centre)
    assert row.counts["coverage_key_user", "whole"] == 3
    assert row.counts["coverage_main_key_user", "whole"] == 2


def test_coverage_asks_for_a_useful_completed_contact(centre: Centre, today: date) -> None:
    def part() -> int:
        return row_of(read(centre, today), "vera", centre).counts["coverage_key_user", "part"]

    client, place = (
        centre.pools["vera"][0],
        factories.participant(centre.pools["vera"][0], starts_on=date(2026, 1, 1)),
    )
    assert part() == 1
    given = {"participants": [place], "started_at": moment(AUGUST.until)}
    row = factories.visit(client, centre.staff["vera"], materials=0, **given)
    assert part() == 1
    type(row).objects.filter(pk=row.pk).update(materials=1, status="cancelled")
    assert part() == 1
    type(row).objects.filter(pk=row.pk).update(status="done", started_at=moment(date(2026, 9, 1)))
    assert part() == 1
    type(row).objects.filter(pk=row.pk).update(started_at=moment(AUGUST.until, 23))
    assert part() == 2
