"""Every list of the program is offered as Excel and CSV: its filters, its rows, no formulas."""

import csv
import io
import tracemalloc
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import django_filters
import openpyxl
import pytest
from django.apps import apps
from django.db import DatabaseError, models, transaction
from django.db.models import F, Q, Value
from django.db.models.functions import Concat
from django.test import Client
from django.urls import reverse

from core import clock, export
from core.enums import JobStatus
from core.models import JobRun
from core.tables_jobs import JobRunTable
from core.views import ListPage
from tests.access.expectations import PAGES
from tests.access.walk import Pattern, address, patterns
from tests.conftest import browser_of
from tests.personas import World

pytestmark = pytest.mark.django_db
FORMULA = "=cmd|' /C calc'!A0 "
OURS = (
    "accounts", "contacts", "visits", "needs", "lamps", "bonuses", "reports", "core", "bulk",
)  # fmt: skip
# Words that the program looks up, not text of people: poisoned, a page would not be found at all.
# Lists of numbers, dates and words of our own; those whose texts nobody can change any more.
WORDLESS = frozenset({"bonus_schemes", "campaigns", "jobs", "lamp_schemes", "webhook"})
EMPTY = frozenset({"need_almost"})  # nothing of the little centre is that far
OWN = frozenset({"report_batches", "letter_batches"})  # seen by who ordered them
ONE = frozenset({"letter_batches"})  # filtered by the campaign alone, of which there is one
LOOKED_UP = frozenset(
    {"password", "code", "kind", "resource", "model", "path", "subject", "about", "status"}
)


def is_list(pattern: Pattern) -> bool:
    return isinstance(pattern.view, type) and issubclass(pattern.view, ListPage)


LISTS = {pattern.name: pattern for pattern in patterns() if is_list(pattern)}


def subclasses(found: type) -> Iterator[type]:
    for one in found.__subclasses__():
        yield one
        yield from subclasses(one)


def asked(world: World, name: str) -> tuple[Client, str]:
    """Somebody who may open the list, and its address."""
    page = PAGES[name]
    whose = ("anna", "elena", "zhanna") if name in OWN else ("elena", "zhanna")
    who = next(one for one in whose if one in page.get)
    pk = world.rows["office"].get(page.of) or world.rows["own"].get(page.of)
    return browser_of(world, who), address(LISTS[name].template, {"pk": pk and pk.pk}, "")


def body(response: Any) -> bytes:
    assert response.status_code == 200 and response.streaming
    return b"".join(response.streaming_content)


def lines(response: Any) -> list[list[str]]:
    text = io.StringIO(body(response).decode("utf-8-sig"), newline="")
    return list(csv.reader(text, delimiter=";"))


@pytest.fixture
def poisoned(standing_world: World) -> World:
    """The centre, every text that somebody may have typed beginning as a formula does."""
    for model in apps.get_models():
        if model._meta.app_label not in OURS:
            continue
        for f in model._meta.concrete_fields:
            is_text = isinstance(f, models.CharField | models.TextField)
            if not is_text or f.choices or f.primary_key or f.name in LOOKED_UP:
                continue
            try:
                with transaction.atomic():
                    rows = model._base_manager.exclude(Q(**{f.name: ""}) | Q(**{f.name: None}))
                    rows.update(**{f.name: Concat(Value(FORMULA), F(f.name))})
            except DatabaseError:
                pass  # too short for it, of another shape, or not to be changed at all
    return standing_world


def test_every_list_is_a_page() -> None:
    """What is walked below are all the lists there are."""
    written = {one for one in subclasses(ListPage) if not one.__module__.startswith("tests")}
    assert {pattern.view for pattern in LISTS.values()} == {
        one for one in written if "model" in one.__dict__
    }
    assert len(LISTS) > 35


def test_no_text_of_a_file_is_a_formula(poisoned: World) -> None:
    """One test for all lists: poisoning the centre takes longer than asking."""
    wrong = {name: told for name in sorted(LISTS) if (told := what_is_wrong(poisoned, name))}
    assert wrong == {}


def what_is_wrong(world: World, name: str) -> list[str]:
    browser, path = asked(world, name)
    found = lines(browser.get(path, {"format": "csv"}))
    book = openpyxl.load_workbook(io.BytesIO(body(browser.get(path, {"format": "xlsx"}))))
    cells = [cell for row in book.active for cell in row]
    texts = [cell for row in found for cell in row]
    told = [
        f"CSV: {text}"
        for text in texts
        if text.startswith(("=", "+", "-", "@", "\t", "\r"))
        and not text.lstrip("-").replace(",", "").isdigit()
    ]
    told += [f"XLSX: {cell.value}" for cell in cells if cell.data_type == "f" or cell.hyperlink]
    told += [f"markup: {t}" for t in texts if "</" in t or "&lt;" in t or "&quot;" in t]
    if book.active.max_row != len(found):
        told.append(f"{book.active.max_row} rows in XLSX, {len(found)} in CSV")
    if (len(found) == 1) != (name in EMPTY):
        told.append(f"{len(found) - 1} rows")
    is_poisoned = any(text.startswith("'=cmd") for text in texts)
    if is_poisoned == (name in WORDLESS | EMPTY):
        told.append(f"poisoned: {is_poisoned}")
    return told


def tries(world: World, name: str) -> Iterator[tuple[str, str]]:
    """A value or two for every filter of a list."""
    for key, one in LISTS[name].view.filterset_class.base_filters.items():
        choices = getattr(one, "extra", {}).get("choices", ())
        queryset = getattr(one, "queryset", None)
        if queryset is not None:
            yield key, str(queryset.order_by("pk").values_list("pk", flat=True).first())
        elif choices:
            found = choices() if callable(choices) else choices
            yield from ((key, str(value)) for value, _ in list(found)[:4])
        elif isinstance(one, django_filters.BooleanFilter):
            yield from ((key, value) for value in ("true", "false"))
        elif isinstance(one, django_filters.DateFromToRangeFilter):
            yield f"{key}_after", "2099-01-01"
        else:
            yield key, "нет такого"
            yield key, "2099-01-01"


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_file_has_the_rows_that_the_filters_leave(standing_world: World, name: str) -> None:
    browser, path = asked(standing_world, name)
    page = browser.get(path)
    everything = page.context["table"].paginator.count
    text = page.content.decode()
    if name not in EMPTY:
        assert f"{path}?format=xlsx" in text and f"{path}?format=csv" in text
    assert len(lines(browser.get(path, {"format": "csv"}))) == everything + 1
    narrowed = set()
    for key, value in tries(standing_world, name):
        page = browser.get(path, {key: value})
        file = browser.get(path, {key: value, "format": "csv"})
        if not page.context["filter"].form.is_valid():
            assert file.status_code == 400, f"{key}={value}: a file of more than was asked for"
            continue
        left = page.context["filter"].qs.count()
        assert len(lines(file)) == left + 1, f"{key}={value}"
        narrowed |= {key} if left != everything else set()
    assert narrowed or name in EMPTY | ONE, "no filter of the list was seen to work"


@pytest.mark.parametrize("name", sorted(LISTS))
def test_a_file_is_read_in_portions(
    standing_world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser, path = asked(standing_world, name)
    listed = browser.get(path).context["table"].data.data.model
    read = []
    whole = models.QuerySet.iterator

    def portions(rows: models.QuerySet, chunk_size: int | None = None) -> Any:
        read.append((rows.model, chunk_size))
        return whole(rows, chunk_size)

    monkeypatch.setattr(models.QuerySet, "iterator", portions)
    assert lines(browser.get(path, {"format": "csv"}))
    assert [size for model, size in read if model is listed and size] != []


@pytest.mark.parametrize("wanted", sorted(export.FORMATS))
@pytest.mark.parametrize("name", ["payment_shares", "board", "figures", "figures_k2"])
def test_tables_of_figures_leave_as_files_too(
    standing_world: World, name: str, wanted: str
) -> None:
    answer = browser_of(standing_world, "elena").get(reverse(name), {"format": wanted})
    content = body(answer)
    if wanted == "xlsx":
        rows = openpyxl.load_workbook(io.BytesIO(content)).active.max_row
    else:
        rows = content.decode("utf-8-sig").count("\r\n")
    assert rows > 3


def made(count: int) -> None:
    day = clock.today()
    rows = [
        JobRun(
            kind="night", key=f"{n}", business_date=day - timedelta(days=n % 300),
            status=JobStatus.DONE, requested_at=clock.now(), error=f"{n} " + "ж" * 200,
        )
        for n in range(count)
    ]  # fmt: skip
    JobRun.objects.bulk_create(rows, batch_size=5000)


@pytest.mark.parametrize("wanted", sorted(export.FORMATS))
def test_memory_of_a_file_does_not_grow_with_its_rows(
    now: Any, wanted: str, capsys: pytest.CaptureFixture[str]
) -> None:
    peaks = []
    for count in (2_000, 20_000):
        JobRun.objects.all().delete()
        made(count)
        table = JobRunTable(JobRun.objects.select_related("requested_by"))
        tracemalloc.start()
        size = sum(map(len, export.response(table, "Задания", wanted).streaming_content))
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
        assert size > count * 10
    with capsys.disabled():
        print(f"\n{wanted}: peak {peaks[0]:.1f} MB for 2,000 rows, {peaks[1]:.1f} MB for 20,000")
    assert peaks[1] < peaks[0] * 1.5
