"""The demo gives the talk's lamps on any date, and is the same every time."""

import hashlib
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, Q

from accounts.models import (
    ApiToken,
    Client,
    User,
)
from config.demo import build, fill
from config.demo.mixing import mix, sql_mix
from lamps.models import Lamp, LampPeriod, Night
from lamps.services import compute_night

pytestmark = pytest.mark.django_db

# A plain Monday; a Saturday after the long holidays; a leap day; a month's end; a first of May.
DATES = [
    date(2026, 11, 23),
    date(2027, 1, 9),
    date(2028, 2, 29),
    date(2026, 3, 31),
    date(2026, 5, 1),
]
ON = DATES[0]
TABLE = [
    ("НОИО 1", 5, 27, 101),
    ("НОИО 2", 0, 19, 125),
    ("НОИО 3", 0, 14, 168),
    ("НОИО 4", 3, 23, 137),
    ("НОИО 5", 0, 12, 124),
]
# Raw values, points and sum in hundredths, colour, slots of what ends soon: the talk's rows.
ROWS = {
    "Ромашка": ([1779, 0, 0, 2, 0, 0, 1], [40, 0, 0, 20, 10, 10, 10], 90, "green", [1, 6]),
    "Василек": ([2, 2, 1, 2, 1, 1, 1], [0, 10, 10, 20, 0, 0, 10], 50, "yellow", [1, 6]),
    "Лютик": ([0, 0, 0, 2, 1, 3, 1], [0, 0, 0, 20, 0, 0, 10], 30, "red", [6]),
}


def talk_table() -> list[tuple[Any, ...]]:
    colours = {c: Count("pk", filter=Q(colour=c)) for c in ("red", "yellow", "green")}
    rows = Lamp.objects.values("unit__name").annotate(**colours).order_by("unit__name")
    return [(r["unit__name"], r["red"], r["yellow"], r["green"]) for r in rows]


@pytest.mark.parametrize("on", DATES, ids=str)
def test_the_night_gives_the_talks_lamps(on: date) -> None:
    fill(on=on)
    compute_night(on - timedelta(days=1))
    compute_night(on)
    assert talk_table() == TABLE
    rows = {
        lamp.client.name: (lamp.raw, lamp.points, lamp.total, lamp.colour, lamp.expiring)
        for lamp in Lamp.objects.filter(client__name__in=ROWS).select_related("client")
    }
    assert rows == ROWS
    crossed = LampPeriod.objects.filter(starts_on=on, since=on).count()
    assert 3 <= crossed <= 8
    soon = Lamp.objects.exclude(expiring=[]).values("unit").annotate(n=Count("pk"))
    assert len(soon) == 5 and all(row["n"] >= 10 for row in soon)


def test_history_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "HISTORY_DAYS", 4)
    out = StringIO()
    call_command("demo", on=ON, stdout=out)
    assert "Демонстрация готова: клиентов 758" in out.getvalue()
    assert set(Night.objects.values_list("on", flat=True)) == {
        ON - timedelta(days=n) for n in range(4)
    }
    assert talk_table() == TABLE
    again = StringIO()
    call_command("demo", on=ON, stdout=again)
    assert again.getvalue().strip() == "Данные уже есть, ничего не изменено."
    assert Client.objects.count() == 788


def test_nights_cut_off_are_finished(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "HISTORY_DAYS", 2)
    fill(clients=100, on=ON)
    assert build.unfinished() == ON
    out = StringIO()
    call_command("demo", stdout=out)
    assert "рассчитаны" in out.getvalue()
    assert Night.objects.count() == 2
    assert build.unfinished() is None


def test_the_centre_stood_worse_a_year_ago() -> None:
    fill(on=ON)
    compute_night(ON - timedelta(days=364))
    colours = dict(Lamp.objects.values_list("colour").annotate(n=Count("pk")))
    served = sum(colours.values())
    assert 0.02 < colours["red"] / served < 0.08
    assert 0.15 < colours["yellow"] / served < 0.22
    assert colours["green"] / served < 0.80


def facts_digest() -> str:
    """All rows that the demo writes, with ids."""
    out = hashlib.sha256()
    tables = [
        *(t for t in connection.introspection.table_names()
          if t.startswith(("accounts_", "contacts_", "visits_", "needs_"))),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        for table in sorted(tables):
            order = "client_id, service_id, day" if table == "accounts_usage" else "1"
            columns = "client_id, service_id, day, quantity" if table == "accounts_usage" else "*"
            buffer = StringIO()
            cursor.copy_expert(
                f"COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT", buffer
            )
            out.update(buffer.getvalue().encode())
    return out.hexdigest()


def test_two_fills_are_equal() -> None:
    def one(clients: int, on: date) -> str:
        with transaction.atomic():
            fill(clients=clients, on=on)
            found = facts_digest()
            transaction.set_rollback(True)
        return found

    first = one(300, ON)
    assert one(300, ON) == first
    assert one(300, ON + timedelta(days=1)) != first


def test_python_and_sql_draw_the_same_chance() -> None:
    cases = [(0, 0), (1, 2), (758, 401), (999_999, 365), (123_456, 17)]
    with connection.cursor() as cursor:
        for case in cases:
            cursor.execute(f"SELECT {sql_mix(*case)}")
            assert cursor.fetchone()[0] == mix(*case)


def test_production_refuses(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        call_command("demo")
    with pytest.raises(CommandError, match="нет"):
        call_command("demo", logins=True)


def test_production_by_force_holds_no_known_password(settings: Any) -> None:
    settings.PRODUCTION, settings.MODE = True, "production"
    call_command("demo", force=True, clients=100, on=ON, no_history=True, stdout=StringIO())
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert not ApiToken.objects.exists()
    with pytest.raises(CommandError, match="не пуста"):
        call_command("demo", force=True)


def test_a_larger_centre_keeps_the_shares() -> None:
    fill(clients=2000, on=ON)
    compute_night(ON)
    colours = dict(Lamp.objects.values_list("colour").annotate(n=Count("pk")))
    assert sum(colours.values()) == 2000
    assert colours["red"] == round(2000 * 8 / 758)
    assert colours["yellow"] == round(2000 * 95 / 758)
    assert set(Lamp.objects.filter(client__name__in=ROWS).values_list("total", flat=True)) == {
        90, 50, 30,
    }  # fmt: skip
