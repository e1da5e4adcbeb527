"""What tests of bulk writes and imports share."""

import io
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from core import clock
from core.bulk import jobs, services
from core.bulk.models import Import
from core.bulk.resources import find
from core.jobs import Cancelled
from tests import factories
from tests.personas import World


@pytest.fixture(autouse=True)
def media(tmp_path: Path, settings: Any) -> Path:
    """A media folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


@pytest.fixture
def load(api_as: Callable[[str], Any]) -> Callable[..., Any]:
    """`load("usage", rows, dry_run=True)`: the answer of a bulk call, by the writing key."""

    def call(resource: str, rows: list[Any], persona: str = "writer", **body: Any) -> Any:
        address = f"/api/v1/bulk/{resource}/"
        return api_as(persona).post(address, {"rows": rows, **body}, format="json")

    return call


@pytest.fixture
def company(world: World) -> dict[str, Any]:
    """A row of a client that is not here yet."""
    return {
        "external_id": "K-1",
        "name": "ООО Новая",
        "inn": factories.inn(500),
        "kpp": "770101001",
        "segment": "Розница",
        "connected_on": "01.09.2026",
    }


def csv_of(*rows: list[Any], separator: str = ";", encoding: str = "utf-8") -> bytes:
    """A CSV file as spreadsheets write it."""
    return "\r\n".join(separator.join(map(str, row)) for row in rows).encode(encoding)


def xlsx_of(*rows: list[Any], change: Callable[[Any], None] = lambda book: None) -> bytes:
    """A workbook of one sheet."""
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sent(name: str, content: bytes) -> SimpleUploadedFile:
    """A file as a browser sends it."""
    return SimpleUploadedFile(name, content)


class Run:
    """A job's context without a worker behind it; `cancel_after` steps it is told to stop."""

    def __init__(self, found: Import, kind: str, cancel_after: int | None = None) -> None:
        from core.models import JobRun

        run, _ = JobRun.objects.get_or_create(
            kind=kind,
            business_date=services.day_of(found),
            key=str(found.pk),
            defaults={"requested_at": clock.now(), "requested_by": found.uploaded_by},
        )
        self.run_id, self.key = run.pk, run.key
        self.left = cancel_after
        self.steps: list[tuple[str, int]] = []

    def step(self, text: str, percent: int) -> None:
        self.steps.append((text, percent))

    def hold(self) -> None:
        pass

    def check_cancelled(self) -> None:
        if self.left is not None:
            if self.left == 0:
                raise Cancelled
            self.left -= 1


class Importing:
    """The way of a file, step by step, as the director goes it."""

    def __init__(self, actor: Any) -> None:
        self.actor = actor

    def upload(self, resource: str, name: str, content: bytes, repeat: bool = False) -> Import:
        return services.upload(
            actor=self.actor,
            resource=find(resource),
            file=sent(name, content),
            name=name,
            repeat=repeat,
            now=clock.now(),
        )

    def check(self, found: Import, mapping: dict[int, str] | None = None) -> Import:
        if mapping is None:
            mapping = {int(place): name for place, name in found.mapping.items()}
        services.choose_columns(actor=self.actor, found=found, mapping=mapping)
        jobs.check(Run(found, "import_check"), date.min)  # type: ignore[arg-type]
        found.refresh_from_db()
        return found

    def write(self, found: Import, mode: str = "best_effort", stop: int | None = None) -> Import:
        services.confirm(actor=self.actor, found=found, mode=mode)
        run = Run(found, "import_run", stop)
        try:
            jobs.write(run, date.min)  # type: ignore[arg-type]
        except Cancelled:
            assert stop is not None
        found.refresh_from_db()
        return found

    def take_back(self, found: Import) -> Import:
        services.take_back(actor=self.actor, found=found)
        jobs.take_back(Run(found, "import_undo"), date.min)  # type: ignore[arg-type]
        found.refresh_from_db()
        return found

    def checked(self, resource: str, name: str, content: bytes) -> Import:
        return self.check(self.upload(resource, name, content))


@pytest.fixture
def importing(world: World) -> Importing:
    return Importing(world.users["elena"])
