"""Two files that the director loaded: one with rows that were refused, one taken back whole."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import transaction

from accounts.enums import Segment
from accounts.models import Client, User
from core import clock
from core.bulk import engine, reading
from core.bulk.enums import ImportStatus, Mode, Outcome
from core.bulk.models import Import, ImportChange, ImportRow
from core.bulk.resources import Row, find

HEAD = ["Код в КИС", "Название", "ИНН", "Специфика деятельности"]
MAPPING = {"0": "external_id", "1": "name", "2": "inn", "3": "specifics"}
KNOWN = (
    "Два юридических лица, бухгалтерия общая; отчётность сдают одним днём.",
    "Участвуют в закупках по 44-ФЗ, вопросы чаще всего в конце квартала.",
    "Склад и розница в разных системах, сверка раз в месяц.",
    "Кадровый учёт ведёт подрядчик, договор до конца года.",
)
# What the file names besides: a digit too few, check digits that do not meet, no name.
WRONG = (
    ("demo-new-1", "ООО «Северный склад»", "770708389", ""),
    ("demo-new-2", "АО «Первый перевал»", "7707083890", ""),
    ("demo-new-3", "", "7707083893", "Новый клиент без названия"),
)
OLD_HEAD = ["Код", "Наименование", "Сегмент", "Клиент с"]
OLD_MAPPING = {"0": "external_id", "1": "name", "2": "segment", "3": "connected_on"}
MISTAKEN = 12  # rows of the file that was taken back


def write(on: date) -> None:
    """Load one file through the engine itself, so that it can be taken back like any other."""
    director = User.objects.get(username="director")
    known = Client.objects.filter(external_id__startswith="demo-", disconnected_on=None)
    chosen = list(known.order_by("pk")[: len(KNOWN)])
    lines = [
        (client.external_id or "", client.name, client.inn, told)
        for client, told in zip(chosen, KNOWN, strict=True)
    ]
    found = _file(director, "Специфика клиентов.xlsx", on - timedelta(days=2))
    _load(found, [*lines[:2], *WRONG, *lines[2:]])
    taken_back = _file(director, "Клиенты, старая выгрузка.csv", on - timedelta(days=9))
    named = known.order_by("-pk").values_list("name", "segment", "connected_on")[:MISTAKEN]
    ImportRow.objects.bulk_create(
        ImportRow(
            of=taken_back,
            number=number,
            cells=[f"demo-{number * 3}", name, Segment(segment).label, f"{since:%d.%m.%Y}"],
            outcome=Outcome.UPDATED,
        )
        for number, (name, segment, since) in enumerate(named, start=2)
    )
    taken_back.headers, taken_back.mapping = OLD_HEAD, OLD_MAPPING
    _end(taken_back, ImportStatus.UNDONE, {Outcome.UPDATED: MISTAKEN})


def _file(who: User, name: str, day: date) -> Import:
    at = datetime.combine(day, time(10, 20), clock.MOSCOW)
    return Import.objects.create(
        resource="clients",
        file_name=name,
        sha256=f"{name}{day}".encode().hex()[:64].ljust(64, "0"),
        size=24_576,
        mode=Mode.BEST_EFFORT,
        headers=HEAD,
        mapping=MAPPING,
        uploaded_by=who,
        uploaded_at=at,
        finished_at=at + timedelta(minutes=3),
    )


def _load(found: Import, lines: list[tuple[str, ...]]) -> None:
    """Read, write and keep the rows as a job does, without a file behind them."""
    resource = find(found.resource)
    rows = []
    for number, cells in enumerate(lines, start=2):
        row = Row(number)
        for place, name in found.mapping.items():
            if cells[int(place)]:
                engine.read_cell(row, resource.column(name), reading.cell(cells[int(place)]))
        rows.append(row)
    with transaction.atomic():
        engine.hold_resource(resource)
        engine.write(resource, actor=found.uploaded_by, rows=rows)
    changes = [(row, change) for row in rows for change in row.changes]
    ImportChange.objects.bulk_create(
        ImportChange(
            of=found, row=row.number, model=change.model, key=change.pk, action=change.action,
            before=change.before, after=change.after, version=change.version,
        )
        for row, change in changes
    )  # fmt: skip
    ImportRow.objects.bulk_create(
        ImportRow(
            of=found, number=row.number, cells=list(cells), outcome=row.outcome,
            errors=row.errors, notes=row.notes,
        )
        for row, cells in zip(rows, lines, strict=True)
    )  # fmt: skip
    counts: dict[str, Any] = {}
    for row in rows:
        counts[row.outcome] = counts.get(row.outcome, 0) + 1
    _end(found, ImportStatus.DONE, counts)


def _end(found: Import, status: str, counts: dict[str, Any]) -> None:
    found.status, found.counts = status, dict.fromkeys(Outcome.values, 0) | counts
    found.rows_total = found.rows.count()
    found.rows_done = found.rows_total + 1
    found.save()
