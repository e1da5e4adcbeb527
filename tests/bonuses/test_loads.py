"""Sales and facts by hand, many at a time: by the rules of one, with an author and an undo."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bonuses.enums import SchemeKind
from bonuses.models import ManualFact, Upsell
from core.models import AuditEntry
from tests import factories
from tests.bonuses.builders import AUGUST, D, clear, kpi, manual_scheme, publish, scheme
from tests.bonuses.builders import block as block_of
from tests.bulk.conftest import Importing, csv_of, importing, load, media  # noqa: F401
from tests.personas import World

pytestmark = pytest.mark.django_db
Load = Callable[..., Any]


@pytest.fixture
def centre(world: World) -> World:
    """No facts of pay yet; one KPI by hand for specialists, in force from January."""
    clear()
    manual_scheme()
    return world


def sale(world: World, **given: Any) -> dict[str, Any]:
    values = {
        "external_id": "U-1",
        "employee": str(world.staff["anna"]),
        "inn": world.clients["own"].inn,
        "on": "12.08.2026",
        "product": "Конструктор договоров",
        "amount": "10 000,50",
        "document": "счёт 7",
    }
    return values | given


def fact(world: World, **given: Any) -> dict[str, Any]:
    values = {
        "employee": str(world.staff["anna"]),
        "kpi": "вносится ВРУЧНУЮ",
        "month": "08.2026",
        "value": "91,5",
        "document": "служебная записка 3",
    }
    return values | given


ROWS: dict[str, Callable[..., dict[str, Any]]] = {"upsells": sale, "manual-facts": fact}
MODELS: dict[str, Any] = {"upsells": Upsell, "manual-facts": ManualFact}
codes = pytest.mark.parametrize("code", list(ROWS))


@codes
def test_written_once_with_an_author_however_often_it_is_sent(
    centre: World,
    load: Load,  # noqa: F811
    code: str,
) -> None:
    rows = [ROWS[code](centre)]
    dry = load(code, rows, dry_run=True).json()
    assert (dry["applied"], dry["created"], MODELS[code].objects.count()) == (False, 1, 0)
    first = load(code, rows).json()
    assert (first["applied"], first["created"]) == (True, 1), first
    row = MODELS[code].objects.get()
    assert (row.author, row.document) == (centre.users["writer"], rows[0]["document"])
    audits = AuditEntry.objects.count()
    again = load(code, rows).json()
    assert (again["unchanged"], AuditEntry.objects.count()) == (1, audits)
    row.refresh_from_db()
    assert row.version == 1


@codes
def test_a_changed_value_is_written_and_raises_the_version(
    centre: World,
    load: Load,  # noqa: F811
    code: str,
) -> None:
    """The value of a fact stands in no audit row, and is a change like any other."""
    field = "amount" if code == "upsells" else "value"
    load(code, [ROWS[code](centre)])
    changed = load(code, [ROWS[code](centre, **{field: "77,25"})], persona="galina").json()
    assert changed["updated"] == 1, changed
    row = MODELS[code].objects.get()
    author = centre.users["writer" if code == "upsells" else "galina"]
    assert (getattr(row, field), row.version, row.author) == (D("77.25"), 2, author)
    if code == "manual-facts":
        told = AuditEntry.objects.filter(subject__startswith="bonuses.manualfact")
        assert "77.25" not in str(list(told.values("before", "after")))


@codes
def test_an_import_is_taken_back_to_the_last_value(
    centre: World,
    importing: Importing,  # noqa: F811
    code: str,
) -> None:
    field = "amount" if code == "upsells" else "value"
    rows = [ROWS[code](centre), ROWS[code](centre)]
    head = list(rows[0])
    first = importing.checked(code, "a.csv", csv_of(head, list(rows[0].values())))
    assert first.counts["created"] == 1, list(first.rows.values("errors"))
    assert MODELS[code].objects.count() == 0
    first = importing.write(first)
    before = MODELS[code].objects.values().get()
    assert before["author_id"] == centre.users["elena"].pk
    other = list((rows[1] | {field: "1,25", "document": "другой"}).values())
    second = importing.write(importing.checked(code, "b.csv", csv_of(head, other)))
    assert getattr(MODELS[code].objects.get(), field) == D("1.25")
    second = importing.take_back(second)
    assert (second.status, second.problem) == ("undone", "")
    assert MODELS[code].objects.values().get() | {"version": 1} == before | {"version": 1}
    # The first is older than what stands now, and says which row is in the way.
    first = importing.take_back(first)
    assert "Строка 2: запись изменена позже." in first.problem


@pytest.mark.parametrize(
    ("code", "change", "field"),
    [
        ("upsells", {"amount": "0"}, ""),
        ("upsells", {"amount": "сто"}, "amount"),
        ("upsells", {"on": "01.01.2030"}, "on"),
        ("upsells", {"employee": "Некто Никто"}, "employee"),
        ("upsells", {"employee": None}, "employee"),
        ("upsells", {"document": None}, "document"),
        ("upsells", {"inn": "500100732259"}, "inn"),
        ("upsells", {"external_id": None}, "external_id"),
        ("upsells", {"product": "x" * 201}, "product"),
        ("manual-facts", {"kpi": "% оплат"}, "kpi"),
        ("manual-facts", {"kpi": "999999"}, "kpi"),
        ("manual-facts", {"month": "12.2019"}, "kpi"),
        ("manual-facts", {"month": None}, "month"),
        ("manual-facts", {"value": None}, "value"),
        ("manual-facts", {"document": ""}, "document"),
        ("manual-facts", {"employee": "Некто Никто"}, "employee"),
    ],
)
def test_a_wrong_value_is_refused_at_its_column(
    centre: World,
    load: Load,  # noqa: F811
    code: str,
    change: dict[str, Any],
    field: str,
) -> None:
    answer = load(code, [ROWS[code](centre, **change)]).json()
    assert answer["refused"] == 1, answer
    assert {error["field"] for error in answer["rows"][0]["errors"]} == {field}, answer
    assert MODELS[code].objects.count() == 0


@codes
def test_twice_in_one_call_is_refused(centre: World, load: Load, code: str) -> None:  # noqa: F811
    answer = load(code, [ROWS[code](centre), ROWS[code](centre)], mode="best_effort").json()
    assert (answer["created"], answer["refused"]) == (1, 1)
    assert answer["rows"][1]["errors"][0]["message"] == "То же, что в строке 0."


@codes
def test_a_head_writes_about_their_own_people_and_nobody_about_themselves(
    centre: World,
    load: Load,  # noqa: F811
    code: str,
) -> None:
    strange = ROWS[code](centre, employee=str(centre.staff["vera"]))
    answer = load(code, [strange], persona="galina").json()
    assert [error["field"] for error in answer["rows"][0]["errors"]] == ["employee"]
    assert load(code, [ROWS[code](centre)], persona="galina").json()["created"] == 1
    assert load(code, [ROWS[code](centre)], persona="anna").status_code == 403
    assert load(code, [ROWS[code](centre)], persona="zhanna").status_code == 403


def test_nobody_loads_a_fact_of_their_own(centre: World, load: Load) -> None:  # noqa: F811
    publish_for_heads = scheme(SchemeKind.HEAD)
    kpi(block_of(publish_for_heads), "manual", label="Порядок в отделе")
    publish(publish_for_heads)
    row = fact(centre, employee=str(centre.staff["galina"]), kpi="Порядок в отделе")
    answer = load("manual-facts", [row], persona="galina").json()
    assert answer["rows"][0]["errors"] == [
        {"field": "employee", "message": "Свой показатель вносит другой человек."}
    ]
    assert load("manual-facts", [row], persona="elena").json()["created"] == 1


def test_the_kpi_is_the_one_in_force_for_the_position_in_the_month(
    centre: World,
    load: Load,  # noqa: F811
) -> None:
    """The same name stands in an older version, in a newer one and in the heads' scheme."""
    wanted = ManualFact._meta.get_field("kpi").related_model.objects.latest("pk")
    newer = manual_scheme(effective_from=date(2026, 9, 1)).blocks.get().kpis.get()
    heads = publish_manual(SchemeKind.HEAD)
    rows = [
        fact(centre),
        fact(centre, month="09.2026"),
        fact(centre, employee=str(centre.staff["galina"])),
        fact(centre, employee=str(centre.staff["boris"]), kpi=str(wanted.pk)),
    ]
    answer = load("manual-facts", rows).json()
    assert answer["created"] == 4, answer
    found = ManualFact.objects.values_list("employee", "month", "kpi")
    anna, galina, boris = (centre.staff[name].pk for name in ("anna", "galina", "boris"))
    assert set(found) == {
        (anna, AUGUST, wanted.pk),
        (anna, date(2026, 9, 1), newer.pk),
        (galina, AUGUST, heads.pk),
        (boris, AUGUST, wanted.pk),
    }


def publish_manual(kind: str) -> Any:
    """A scheme in force with one KPI by hand, of the usual name."""
    row = scheme(kind)
    found = kpi(block_of(row), "manual")
    publish(row)
    return found


@codes
def test_rows_add_no_queries(
    centre: World,
    load: Load,  # noqa: F811
    count_queries: Any,
    code: str,
) -> None:
    people = [factories.employee(centre.noio1, last_name=f"Работников{n}") for n in range(12)]

    def rows(some: list[Any], start: int) -> list[dict[str, Any]]:
        more = [
            {"external_id": f"U-{start + n}"} if code == "upsells" else {} for n in range(len(some))
        ]
        return [
            ROWS[code](centre, employee=str(person), **given)
            for person, given in zip(some, more, strict=True)
        ]

    load(code, rows(people[:1], 100), persona="galina")
    with count_queries() as few:
        assert load(code, rows(people[1:3], 200), persona="galina").json()["created"] == 2
    with count_queries() as many:
        assert load(code, rows(people[3:], 300), persona="galina").json()["created"] == 9
    assert len(many) <= len(few)
