"""The tally by client and calendar span says what the needs say, whatever is done to them."""

import random
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection

from needs.enums import NeedStatus
from needs.models import Need, NeedStep
from needs.selectors import firsts
from needs.selectors.funnel import Funnel, read_funnel, read_months
from tests import factories
from tests.need_figures import builders
from tests.need_figures.conftest import Centre
from visits.figures import Period
from visits.selectors.figures import reach_of

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)
PERIODS = [
    Period(date(2026, 1, 1), date(2026, 12, 31)),
    Period(date(2025, 1, 1), date(2026, 12, 31)),
    Period(date(2024, 1, 1), date(2024, 12, 31)),
    Period(date(2019, 1, 1), date(2019, 12, 31)),
    Period(date(2000, 1, 1), date(2099, 12, 31)),
    Period(date(2024, 10, 1), date(2024, 12, 31)),
    Period(date(2026, 7, 1), date(2026, 9, 30)),
    Period(date(2025, 1, 1), date(2025, 6, 30)),
    Period(date(2026, 7, 1), date(2026, 12, 31)),
    Period(date(2024, 12, 31), date(2025, 1, 1)),
    Period(date(2025, 1, 2), date(2026, 9, 11)),
]


def numbers(found: Funnel) -> list[Any]:
    return [(row.label, row.counts) for row in found.rows()] + [found.total.counts]


def both(centre: Centre, name: str, period: Period, monkeypatch: Any) -> tuple[Any, Any]:
    """The funnel as it is read, and read from the needs themselves."""
    reach = reach_of(centre.users[name])
    quick = numbers(read_funnel(reach, period, TODAY))
    with monkeypatch.context() as patch:
        patch.setattr(firsts, "can_count", lambda stages: False)
        plain = numbers(read_funnel(reach, period, TODAY))
    return quick, plain


@pytest.fixture
def years(centre: Centre) -> Centre:
    """Needs of three years beside those of the centre."""
    rows = [
        builders.write(client, centre.staff[name], centre.unit_of(name), day, n % 5)
        for name in ("anna", "vera")
        for n, client in enumerate([*centre.pools["anna"], *centre.pools["vera"]])
        for day in (date(2024, 12, 31), date(2025, 1, 1), date(2025, 7, 1))
    ]
    builders.save(rows, centre.staff["elena"])
    return centre


@pytest.mark.parametrize("period", PERIODS, ids=str)
@pytest.mark.parametrize("name", ["elena", "galina", "anna"])
def test_it_is_equal_to_the_needs(
    years: Centre, name: str, period: Period, monkeypatch: Any
) -> None:
    quick, plain = both(years, name, period, monkeypatch)
    assert quick == plain


def scattered(centre: Centre, seed: int) -> None:
    """Needs of a few clients at random: units of three levels and none, days close together."""
    chance = random.Random(seed)
    below = factories.unit("Группа", centre.noio1)
    units = [centre.noio1, centre.noio2, below, None]
    clients = [*centre.pools["anna"][:2], *centre.pools["vera"][:2]]
    for client in clients:
        client.segment = chance.choice(["retail", "network"])
        client.save()
    rows = [
        builders.write(
            chance.choice(clients),
            centre.staff[chance.choice(["anna", "boris", "vera"])],
            chance.choice(units),
            date(2025, 3, 1) + timedelta(days=chance.randrange(70)),
            chance.randrange(5),
        )
        for _ in range(60)
    ]
    builders.save(rows, centre.staff["elena"])


@pytest.mark.parametrize("seed", range(6))
def test_any_days_of_any_tree_are_equal_to_the_needs(
    centre: Centre, seed: int, monkeypatch: Any
) -> None:
    scattered(centre, seed)
    chance = random.Random(-seed)
    for name in ("elena", "galina", "anna"):
        reach = reach_of(centre.users[name])
        for _ in range(4):
            since = date(2025, 2, 20) + timedelta(days=chance.randrange(60))
            period = Period(since, since + timedelta(days=chance.randrange(50)))
            unit = chance.choice([None, *reach.choices()])
            segment = chance.choice(["", "retail"])

            def read(period=period, unit=unit, segment=segment, reach=reach) -> list[Any]:
                months = read_months(reach, period, unit, segment)
                return [
                    *numbers(read_funnel(reach, period, TODAY, unit, segment)),
                    *((month.period, month.counts) for month in [*months.months, months.total]),
                ]

            quick = read()
            with monkeypatch.context() as patch:
                patch.setattr(firsts, "can_count", lambda stages: False)
                assert quick == read(), (name, period, unit, segment)


def test_it_follows_every_write(years: Centre, monkeypatch: Any) -> None:
    def check() -> None:
        for period in PERIODS:
            quick, plain = both(years, "elena", period, monkeypatch)
            assert quick == plain

    rows = list(Need.objects.order_by("pk"))
    rows[0].status = NeedStatus.DROPPED
    rows[0].save()
    check()
    Need.objects.filter(pk__in=[row.pk for row in rows[1:4]]).update(
        opened_on=date(2025, 2, 2), unit=years.noio2
    )
    check()
    Need.objects.filter(pk=rows[5].pk).update(client=years.pools["vera"][1])
    check()
    staged = next(row for row in rows if row.stage and row.stage.code == "01")
    NeedStep.objects.filter(need=staged).delete()
    Need.objects.filter(pk=staged.pk).update(stage=None, stage_on=None)
    check()
    gone = Need.objects.filter(client=years.pools["anna"][0])
    NeedStep.objects.filter(need__in=gone).delete()
    gone.update(stage=None, stage_on=None)  # a confirmed one stays
    gone.delete()
    check()


def test_a_write_that_counts_nothing_leaves_it_alone(centre: Centre) -> None:
    def places() -> list[Any]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT ctid::text FROM needs_tally ORDER BY 1")
            return cursor.fetchall()

    before = places()
    Need.objects.update(title="Другое")
    assert places() == before
