"""What /readyz asks, and that a stranger learns one word of it."""

from collections import namedtuple
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from core import clock, readiness
from lamps.models import Night

pytestmark = pytest.mark.django_db


def asked() -> tuple[int, dict[str, str]]:
    answer = Client().get("/readyz")
    return answer.status_code, answer.json()


def test_all_is_well() -> None:
    assert asked() == (200, {"status": "ok"})


def test_a_database_that_is_away_is_all_that_is_said(monkeypatch: Any) -> None:
    class Away:
        def cursor(self) -> Any:
            raise RuntimeError("host=10.0.0.1 password=x")

    monkeypatch.setattr(readiness, "connection", Away())
    assert readiness.missing() == (["database"], [])
    assert asked() == (503, {"status": "unavailable"})


def test_a_migration_not_applied(monkeypatch: Any) -> None:
    monkeypatch.setattr(readiness, "_migrated", False)
    monkeypatch.setattr(readiness.MigrationExecutor, "migration_plan", lambda *_: ["0099"])
    assert readiness.missing() == (["migrations"], [])
    assert asked() == (503, {"status": "unavailable"})
    monkeypatch.undo()
    assert asked() == (200, {"status": "ok"})


def test_a_disk_nearly_full(monkeypatch: Any, settings: Any) -> None:
    settings.READY_DISK_PERCENT = 10
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda _: usage(1000, 901, 99))
    assert readiness.missing() == (["disk"], [])
    monkeypatch.setattr(readiness.shutil, "disk_usage", lambda _: usage(1000, 900, 100))
    assert readiness.missing() == ([], [])


@pytest.mark.parametrize("day, said", [(12, []), (13, ["night"])])
def test_two_lost_nights_are_a_fault(monkeypatch: Any, day: int, said: list[str]) -> None:
    moment = datetime(2026, 9, day, 9, 0, tzinfo=UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)
    Night.objects.create(on=date(2026, 9, 10), computed_at=moment)
    assert readiness.missing() == (said, [])


def test_redis_away_only_slows_down(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert readiness.missing() == ([], ["redis"])
    assert asked() == (200, {"status": "degraded"})
