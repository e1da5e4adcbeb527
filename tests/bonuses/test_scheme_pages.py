"""The pages of the rules: built step by step, saying what is wrong, tried before they rule."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from bonuses.enums import SchemeStatus
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, Sheet
from bonuses.selectors.whatif import what_if
from tests.bonuses.builders import AUGUST, D, base, block, clear, kpi, manual, publish, scheme
from tests.bonuses.test_pages import text
from tests.bonuses.test_way import TODAY, closed, paid  # noqa: F401
from tests.personas import World

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Any]
KPI = {
    "label": "Оплаты", "order": "0", "source": "payments", "weight": "100",
    "plan_level": "scheme", "target_kind": "", "plan": "95,5", "better": "higher",
    "scale": "linear", "floor": "80", "cap": "105", "if_missing": "zero",
}  # fmt: skip


def steps(*rows: tuple[str, str]) -> dict[str, str]:
    found = {"steps-TOTAL_FORMS": str(len(rows)), "steps-INITIAL_FORMS": "0"}
    for n, (threshold, percent) in enumerate(rows):
        found |= {f"steps-{n}-threshold": threshold, f"steps-{n}-percent": percent}
    return found


def test_a_scheme_is_built_and_published_on_its_pages(world: World, client_as: ClientAs) -> None:
    director = client_as("elena")
    new = {"name": "Премия 2027", "kind": "specialist", "effective_from": "2027-01",
           "objection_days": "3"}  # fmt: skip
    assert director.get("/pay/schemes/add/").context["form"].initial == {
        "effective_from": date(2026, 10, 1)
    }
    assert director.post("/pay/schemes/add/", new).status_code == 302
    draft = BonusScheme.objects.get(name="Премия 2027")
    page = f"/pay/schemes/{draft.pk}/"
    assert "В схеме нет ни одного блока." in text(director.get(page))
    part = {"label": "Всё", "share": "90", "period": "month", "order": "0"}
    assert director.post(f"{page}blocks/add/", part).status_code == 302
    made = BonusBlock.objects.get(scheme=draft)
    shown = text(director.get(page))
    assert "Доли блоков в сумме дают 90 %, а не 100 %" in shown and "нет показателей" in shown
    refused = director.post(f"{page}publish/", {"version": draft.version}, follow=True)
    assert "Доли блоков в сумме дают 90 %" in text(refused)
    edit = f"/pay/blocks/{made.pk}/edit/"
    changed = part | {"share": "100", "version": made.version}
    assert director.post(edit, changed).headers["Location"] == page
    stale = director.post(edit, part | {"share": "55,5", "version": made.version})
    assert stale.status_code == 409 and 'value="55,5"' in stale.content.decode()
    add = f"/pay/blocks/{made.pk}/kpis/add/"
    assert director.get(add).status_code == 200
    assert director.post(add, KPI | steps()).status_code == 302
    measure = BonusKpi.objects.get(block=made)
    assert (measure.plan, measure.floor) == (D("95.5"), 80)
    old = director.post(f"{page}publish/", {"version": "99"}, follow=True)
    assert "Схему изменили, пока вы смотрели" in text(old)
    done = director.post(f"{page}publish/", {"version": draft.version}, follow=True)
    assert "Схема опубликована" in text(done)
    # Final: no form of it or of its parts opens any more.
    for address in (f"{page}edit/", edit, f"/pay/kpis/{measure.pk}/edit/", add,
                    f"{page}blocks/add/"):  # fmt: skip
        assert director.get(address).headers["Location"] == page
    copied = director.post(f"{page}copy/", follow=True)
    assert "Черновик создан" in text(copied)
    withdrawn = director.post(f"{page}withdraw/", {"version": draft.version + 1}, follow=True)
    assert "Схема отозвана" in text(withdrawn)
    assert "Отозвать можно только действующую" in text(
        director.post(f"{page}withdraw/", follow=True)
    )


@pytest.mark.parametrize(
    ("change", "rows", "place", "told"),
    [
        ({"weight": "сто"}, (), "weight", "Введите число"),
        ({"weight": "101"}, (), "weight", "100"),
        ({"plan_level": "unit"}, (), "target_kind", "Выберите, какую плановую цифру брать."),
        ({}, (("1", "50"), ("1", "60")), "rows", "Пороги повторяются."),
        ({}, (("один", "50"),), "rows", "Введите число"),
        ({"label": ""}, (("один", "50"),), "label", "Введите число"),
    ],
)
def test_a_wrong_kpi_keeps_what_was_typed_in_fields_and_steps(
    world: World, client_as: ClientAs, change: dict[str, str], rows: Any, place: str, told: str
) -> None:
    made = block(scheme(name="Проба"))
    typed = KPI | change | steps(*rows, ("7", "70"))
    answer = client_as("elena").post(f"/pay/blocks/{made.pk}/kpis/add/", typed)
    assert answer.status_code == 422
    shown = answer.content.decode()
    assert told in shown
    if place != "rows":
        assert list(answer.context["form"].errors) == [place]
    assert 'value="95,5"' in shown
    for threshold, percent in (*rows, ("7", "70")):
        assert f'value="{threshold}"' in shown and f'value="{percent}"' in shown
    assert not made.kpis.exists()


def test_steps_are_changed_and_taken_away_with_their_kpi(world: World, client_as: ClientAs) -> None:
    director, draft = client_as("elena"), scheme(name="Проба")
    made = kpi(block(draft), "needs", 100, (1, 50), (2, 100))
    edit = f"/pay/kpis/{made.pk}/edit/"
    shown = director.get(edit).content.decode()
    assert 'name="steps-1-threshold" value="2' in shown
    typed = KPI | {"scale": "fact_steps", "source": "needs", "version": made.version}
    stored = {
        "steps-TOTAL_FORMS": "2", "steps-INITIAL_FORMS": "2", "steps-0-threshold": "1",
        "steps-0-percent": "50", "steps-0-DELETE": "on", "steps-1-threshold": "2,5",
        "steps-1-percent": "90",
    }  # fmt: skip
    assert director.post(edit, typed | stored).status_code == 302
    assert list(made.steps.values_list("threshold", "percent")) == [(D("2.5"), 90)]
    stale = director.post(edit, typed | stored | {"label": "Иначе"})
    assert stale.status_code == 409 and 'value="Иначе"' in stale.content.decode()
    page = f"/pay/schemes/{draft.pk}/"
    assert director.post(f"/pay/kpis/{made.pk}/delete/").headers["Location"] == page
    assert director.post(f"/pay/blocks/{made.block_id}/delete/").headers["Location"] == page
    edited = {"name": "Иная", "kind": "head", "effective_from": "02.2027", "objection_days": "5"}
    version = BonusScheme.objects.get(pk=draft.pk).version
    assert director.post(f"{page}edit/", edited | {"version": version}).status_code == 302
    draft.refresh_from_db()
    assert (draft.name, draft.kind, draft.effective_from) == ("Иная", "head", date(2027, 2, 1))
    gone = director.post(f"{page}delete/", {"version": draft.version}, follow=True)
    assert "Черновик удалён" in text(gone)
    assert not BonusScheme.objects.filter(pk=draft.pk).exists()


def test_a_scheme_for_a_month_that_is_paid_is_refused(
    closed: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    late = scheme(name="Задним числом", effective_from=AUGUST)
    kpi(block(late), "manual")
    answer = client_as("elena").post(f"/pay/schemes/{late.pk}/publish/", follow=True)
    assert "листы по месяц «август 2026» закрыты. Самый ранний месяц — сентябрь 2026" in text(
        answer
    )
    ruling = Sheet.objects.first().scheme
    answer = client_as("elena").post(f"/pay/schemes/{ruling.pk}/withdraw/", follow=True)
    assert "уже рассчитаны листы" in text(answer)


@pytest.fixture
def two_schemes(world: World) -> tuple[World, BonusScheme]:
    """Анна 90, Борис 50 of a plan of 100; a draft with a floor of 60 %."""
    clear()
    publish_manual = scheme()
    measure = kpi(block(publish_manual), "manual")
    publish(publish_manual)
    for name, fact in (("anna", 90), ("boris", 50)):
        base(world.staff[name])
        manual(world.staff[name], fact, world.users["elena"])
    draft = scheme(name="Построже", effective_from=date(2027, 1, 1))
    kpi(block(draft), "manual", floor=D(60))
    assert measure.pk
    return world, draft


def test_what_a_scheme_would_change_per_person_and_in_total(
    two_schemes: tuple[World, BonusScheme], client_as: ClientAs
) -> None:
    """The draft took the KPI over by name, with its facts: Борис falls below the new floor."""
    world, draft = two_schemes
    answer = client_as("elena").get(f"/pay/schemes/{draft.pk}/what-if/?month=2026-08")
    found = answer.context["found"]
    assert (found.now, found.then, found.change) == (
        D("28000.00"), D("18000.00"), D("-10000.00"),
    )  # fmt: skip
    assert (found.losing, found.winning) == (1, 0)
    rows = {row.employee: row for row in found.rows}
    assert rows[world.staff["boris"]].change == D("-10000.00")
    assert "28 000,00 ₽" in text(answer) and "меньше — 1 из 5" in text(answer)
    assert not Sheet.objects.exists()


def test_what_another_plan_would_cost(
    two_schemes: tuple[World, BonusScheme], client_as: ClientAs
) -> None:
    """A plan of 80 instead of 100: Анна reaches the cap of 100 %, Борис 62,5 %: 32 500."""
    world, _ = two_schemes
    ruling = BonusScheme.objects.get(status=SchemeStatus.PUBLISHED, name="Премирование",
                                     effective_from=date(2026, 1, 1))  # fmt: skip
    measure = BonusKpi.objects.get(block__scheme=ruling)
    address = f"/pay/schemes/{ruling.pk}/what-if/?month=2026-08&plan_{measure.pk}="
    found = client_as("elena").get(f"{address}80").context["found"]
    assert (found.now, found.then) == (D("28000.00"), D("32500.00"))
    assert {row.employee: row.then for row in found.rows if row.then} == {
        world.staff["anna"]: D("20000.00"), world.staff["boris"]: D("12500.00")
    }  # fmt: skip
    wrong = client_as("elena").get(f"{address}много")
    assert wrong.context["found"] is None and 'value="много"' in wrong.content.decode()
    assert what_if(ruling, AUGUST, TODAY, {}).change == 0


def test_what_if_says_why_it_cannot_be_counted(world: World, client_as: ClientAs) -> None:
    director = client_as("elena")
    empty = scheme(name="Пустая")
    shown = text(director.get(f"/pay/schemes/{empty.pk}/what-if/"))
    assert "Схему пока нельзя рассчитать." in shown and "нет ни одного блока" in shown
    kpi(block(empty), "needs")
    ahead = text(director.get(f"/pay/schemes/{empty.pk}/what-if/?month=2027-05"))
    assert "Выберите месяц, который уже начался." in ahead
