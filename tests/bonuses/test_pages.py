"""Pages of bonuses: what is typed stays, a message stands at its field, two people are told."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils.html import strip_tags

from bonuses.enums import SheetStatus
from bonuses.models import ManualFact, Objection, PayBase, PayrollExport, Sheet, Upsell
from bonuses.services import sheets as services
from bonuses.services.drafts import draft_month
from core import pdf
from core.errors import Refused
from core.models import JobRun
from tests.bonuses.builders import AUGUST, D, sheet, talk_scheme
from tests.bonuses.builders import base as pay_base
from tests.bonuses.test_way import LATER, TODAY, paid, second_manager, sheet_of  # noqa: F401
from tests.personas import World

pytestmark = pytest.mark.django_db
ClientAs = Callable[[str], Any]


def text(response: Any) -> str:
    """The words of a page, spaces as spaces."""
    return " ".join(strip_tags(response.content.decode()).replace("\xa0", " ").split())


# --- what people write down ------------------------------------------------------------------
def kept(world: World) -> dict[str, tuple[Any, str, dict[str, Any], dict[str, str]]]:
    """Page → model, row that stands already, good values, wrong values with what they say."""
    anna, boris = world.staff["anna"].pk, world.staff["boris"].pk
    fact = world.row("bonuses.manualfact")
    return {
        "/pay/bases/": (
            PayBase, world.row("bonuses.paybase", "office"),
            {"employee": boris, "starts_on": "2026-09-01", "amount": "21 000,50", "rate": "0,5"},
            {"amount": "много", "rate": "1,5"},
        ),
        "/pay/upsells/": (
            Upsell, world.row("bonuses.upsell"),
            {"employee": anna, "client": world.clients["own"].pk, "on": "2026-09-10",
             "product": "Семинар", "amount": "-500,25", "document": "Акт 9"},
            {"amount": "0", "on": "2030-01-01"},
        ),
        "/pay/facts/": (
            ManualFact, fact,
            {"employee": anna, "kpi": fact.kpi_id, "month": "2026-07", "value": "91,25",
             "document": "Записка 4"},
            {"value": "почти всё", "month": "июль"},
        ),
    }  # fmt: skip


PAGES = ("/pay/bases/", "/pay/upsells/", "/pay/facts/")
pages = pytest.mark.parametrize("page", PAGES)


@pages
def test_a_row_is_added_changed_and_deleted(world: World, client_as: ClientAs, page: str) -> None:
    model, _, good, _ = kept(world)[page]
    director = client_as("elena")
    before = set(model.objects.values_list("pk", flat=True))
    assert director.get(f"{page}add/").status_code == 200
    assert director.post(f"{page}add/", good).status_code == 302
    row = model.objects.exclude(pk__in=before).get()
    number = "value" if model is ManualFact else "amount"
    assert getattr(row, number) == D(good[number].replace(" ", "").replace(",", "."))
    page_of_row = director.get(f"{page}{row.pk}/edit/").content.decode()
    assert f'name="version" value="{row.version}"' in page_of_row
    changed = good | {number: "77,25", "version": row.version}
    assert director.post(f"{page}{row.pk}/edit/", changed).status_code == 302
    row.refresh_from_db()
    assert (getattr(row, number), row.version) == (D("77.25"), 2)
    answer = director.post(f"{page}{row.pk}/delete/", {"version": "1"}, follow=True)
    assert "Запись изменили, пока вы смотрели" in text(answer)
    answer = director.post(f"{page}{row.pk}/delete/", {"version": "2"}, follow=True)
    assert "Запись удалена." in text(answer)
    assert set(model.objects.values_list("pk", flat=True)) == before


@pages
def test_a_wrong_value_stays_typed_with_its_message_beside_it(
    world: World, client_as: ClientAs, page: str
) -> None:
    model, _, good, wrong = kept(world)[page]
    count = model.objects.count()
    for name, typed in wrong.items():
        answer = client_as("elena").post(f"{page}add/", good | {name: typed})
        assert answer.status_code == 422
        form = answer.context["form"]
        place = name if name in form.errors else "__all__"
        assert list(form.errors) == [place]
        shown = answer.content.decode()
        assert f'value="{typed}"' in shown and str(form.errors[place][0]) in shown
        others = set(good) - {name, "employee", "client", "kpi"}
        assert all(f'value="{good[other]}"' in shown for other in others)
    assert model.objects.count() == count


@pages
def test_of_two_editors_the_second_is_shown_both_values(
    world: World, client_as: ClientAs, page: str
) -> None:
    model, row, good, _ = kept(world)[page]
    number = "value" if model is ManualFact else "amount"
    keep = {"employee": row.employee_id}
    if model is ManualFact:
        keep["month"] = "2026-08"
    mine = good | keep | {number: "11,11", "version": row.version}
    theirs = mine | {number: "22,22"}
    assert client_as("elena").post(f"{page}{row.pk}/edit/", theirs).status_code == 302
    answer = client_as("elena").post(f"{page}{row.pk}/edit/", mine)
    assert answer.status_code == 409
    shown = answer.content.decode()
    assert 'value="11,11"' in shown and "22,22" in text(answer)
    assert getattr(model.objects.get(pk=row.pk), number) == D("22.22")


def test_only_manual_measures_in_force_are_offered(world: World, client_as: ClientAs) -> None:
    offered = client_as("elena").get("/pay/facts/add/").context["form"].fields["kpi"].queryset
    assert {kpi.pk for kpi in offered} == {world.row("bonuses.manualfact").kpi_id}


# --- the way of a sheet ----------------------------------------------------------------------
def press(client: Any, sheet: Sheet, button: str, **given: Any) -> str:
    """Press a button of a sheet; the words of the page it leads to."""
    answer = client.post(f"/pay/{sheet.pk}/{button}/", given, follow=True)
    assert answer.status_code == 200
    return text(answer)


def test_a_sheet_goes_its_way_by_buttons(
    paid: World,  # noqa: F811
    client_as: ClientAs,
    move_clock: Any,
) -> None:
    draft_month(AUGUST, TODAY)
    sheet = sheet_of(paid)
    anna, galina, elena = (client_as(name) for name in ("anna", "galina", "elena"))
    assert "может возразить" in press(galina, sheet, "assess")
    assert "увидит, что вы согласны" in press(anna, sheet, "agree")
    assert "Лист пересчитан" in press(galina, sheet, "recompute")
    assert "Лист изменился, пока вы смотрели" in press(galina, sheet, "assess", version="1")
    version = sheet_of(paid).version
    assert "ждёт утверждения" in press(galina, sheet, "assess", version=version)
    assert "Оценить можно только черновик" in press(elena, sheet, "assess")
    assert "Пересчитать можно только черновик" in press(elena, sheet, "recompute")
    assert "Лист утверждён" in press(elena, sheet, "approve")
    assert "Утвердить можно только оценённый" in press(elena, sheet, "approve")
    assert "снова черновик" in press(elena, sheet, "give-back")
    assert "Вернуть в черновик можно оценённый" in press(elena, sheet, "give-back")
    sheet.refresh_from_db()
    assert (sheet.status, sheet.assessed_by, sheet.approved_by) == (SheetStatus.DRAFT, None, None)
    assert client_as("boris").post(f"/pay/{sheet.pk}/agree/").status_code in {403, 404}


def test_an_approved_sheet_is_given_back_by_a_manager_alone(paid: World) -> None:  # noqa: F811
    draft_month(AUGUST, TODAY)
    sheet = services.agree(sheet_of(paid), actor=paid.users["anna"])
    sheet = services.approve(
        services.assess(sheet, actor=paid.users["galina"]), actor=paid.users["elena"]
    )
    with pytest.raises(Refused, match="возвращает директор"):
        services.give_back(sheet, actor=paid.users["galina"])
    with pytest.raises(ValidationError, match="больше не принимаются"):
        services.agree(sheet, actor=paid.users["anna"])
    with pytest.raises(ValidationError, match="больше не принимаются"):
        services.object_to(sheet.lines.get(), actor=paid.users["anna"], reason="поздно")
    assert services.give_back(sheet, actor=paid.users["elena"]).status == SheetStatus.DRAFT


def test_a_month_is_not_assessed_before_its_end(paid: World, move_clock: Any) -> None:  # noqa: F811
    draft_month(date(2026, 9, 1), TODAY)
    sheet = sheet_of(paid, month=date(2026, 9, 1))
    services.agree(sheet, actor=paid.users["anna"])
    with pytest.raises(ValidationError, match="ещё не закончился"):
        services.assess(sheet, actor=paid.users["galina"])


def test_an_objection_and_its_answer_on_pages(
    paid: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    draft_month(AUGUST, TODAY)
    line = sheet_of(paid).lines.get()
    anna, galina = client_as("anna"), client_as("galina")
    address = f"/pay/lines/{line.pk}/object/"
    assert "Возразить можно до" in text(anna.get(address))
    assert client_as("galina").get(address).status_code == 403
    assert anna.post(address, {"reason": "  "}).status_code == 422
    services.agree(sheet_of(paid), actor=paid.users["anna"])
    assert anna.post(address, {"reason": "Счёт 7 оплачен в срок"}).status_code == 302
    assert sheet_of(paid).agreed_at is None  # who objects agrees no more
    answer = anna.post(address, {"reason": "И ещё счёт 8"})
    assert answer.status_code == 422 and "И ещё счёт 8" in answer.content.decode()
    assert "уже ждёт ответа" in text(answer)
    objection = Objection.objects.get(reason__startswith="Счёт 7")
    assert "Счёт 7 оплачен" in text(anna.get(f"/pay/{line.sheet_id}/"))
    page = f"/pay/objections/{objection.pk}/"
    assert "Счёт 7 оплачен" in text(galina.get(page))
    empty = galina.post(page, {"status": "", "answer": "Верно", "version": objection.version})
    assert empty.status_code == 422 and ">\nВерно</textarea>" in empty.content.decode()
    assert list(empty.context["form"].errors) == ["status"]
    typed = {"status": "declined", "answer": "Счёт 7 — за июль", "version": objection.version}
    assert galina.post(page, typed).status_code == 302
    again = galina.post(page, typed | {"answer": "Иначе"})
    assert again.status_code == 422 and "уже ответили" in text(again)
    shown = text(anna.get(f"/pay/{line.sheet_id}/"))
    assert "Отклонено" in shown and "Счёт 7 — за июль" in shown
    for status, words in (("open", "Примите возражение"), ("accepted", "уже ответили")):
        with pytest.raises(ValidationError, match=words):
            services.answer(objection, actor=paid.users["galina"], status=status, text="т")


# --- the month -------------------------------------------------------------------------------
def test_a_month_goes_its_way_by_buttons(
    paid: World,  # noqa: F811
    client_as: ClientAs,
    move_clock: Any,
) -> None:
    director = client_as("elena")
    month = {"month": "2026-08"}

    def pressed(button: str, **given: Any) -> str:
        answer = director.post(f"/pay/month/{button}/", month | given, follow=True)
        return text(answer)

    assert "Укажите месяц" in pressed("draft", month="когда-нибудь")
    assert "ещё не начался" in pressed("draft", month="2027-01")
    assert "Листов за этот месяц нет" in text(director.get("/pay/month/?month=2026-08"))
    assert "поставлены на расчёт" in pressed("draft")
    assert JobRun.objects.get(kind="bonus_drafts").key == "2026-08"
    draft_month(AUGUST, TODAY)
    assert "нет ни одного" not in pressed("close") and "без утверждения" in pressed("close")
    assert "Оценено: 0 листов. Не готово: 5 листов" in pressed("assess")
    move_clock(LATER)
    second_manager(paid)
    own = sheet_of(paid)
    services.assess(own, actor=paid.users["elena"])
    answer = client_as("second").post("/pay/month/assess/", month, follow=True)
    assert "Оценено: 4 листа." in text(answer)
    assert "Утверждено: 4 листа. Не готово: 1 лист" in pressed("approve")  # one assessed by her
    services.approve(sheet_of(paid), actor=paid.users["second"])
    assert "не закрыто листов: 5" in pressed("export")
    assert "Месяц закрыт: 5 листов." in pressed("close")
    page = text(director.get("/pay/month/?month=2026-08"))
    assert "Выгрузить для зарплаты" in page
    assert director.post("/pay/month/export/", month)["Content-Type"].endswith("sheet")
    page = text(director.get("/pay/month/?month=2026-08"))
    assert PayrollExport.objects.get(month=AUGUST).digest in page
    assert "Повторная выгрузка даёт тот же файл" in page
    assert "Месяц уже выгружен" not in page and "Пересчитать черновики" not in page


def test_without_a_month_the_first_unfinished_is_shown(
    paid: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    assert "август 2026" in client_as("elena").get("/pay/month/").context["title"]
    draft_month(date(2026, 7, 1), TODAY)
    assert "июль 2026" in client_as("elena").get("/pay/month/").context["title"]
    assert "июль 2026" in client_as("galina").get("/pay/month/?month=мимо").context["title"]


def test_a_month_stands_beside_the_one_before_as_far_as_one_may_see(
    world: World, client_as: ClientAs
) -> None:
    draft, _ = sheet(world.staff["anna"], world.row("bonuses.sheet").scheme,
                     date(2026, 9, 1), "40000.00")  # fmt: skip
    # Галина: 31 337,77 and 42 448,88 of August; Дмитрий sees another department.
    shown = text(client_as("galina").get("/pay/month/?month=2026-09"))
    assert "в прошлом месяце 73 786,65 ₽, −33 786,65" in shown
    assert "из 1: черновиков 1, оценено 0, утверждено 0" in shown
    assert "Листов за этот месяц нет" in text(client_as("dmitry").get("/pay/month/?month=2026-09"))
    assert draft.total == D("40000.00")


def test_what_waits_is_on_the_start_page_of_whoever_leads(
    world: World, client_as: ClientAs
) -> None:
    shown = text(client_as("galina").get("/panels/pay-waiting/"))
    assert "август 2026" in shown and "Ждут оценки2 листа" in shown
    Sheet.objects.all().delete()
    assert "Открытых листов нет" in text(client_as("galina").get("/panels/pay-waiting/"))


# --- the estimate, paper, rows ---------------------------------------------------------------
def test_the_estimate_says_what_is_missing_and_how_last_month_was(
    world: World, client_as: ClientAs
) -> None:
    scheme = talk_scheme(effective_from=date(2026, 9, 1))
    pay_base(world.staff["anna"])
    # Two weeks of leave: 12 of 22 days of 20 000 are 10 909,09.
    answer = client_as("anna").get("/pay/estimate/")
    shown = text(answer)
    (estimate,) = answer.context["estimates"]
    assert estimate.sheet.base == D("10909.09") and "10 909,09 ₽" in shown
    assert "12 из 22 рабочих дней" in shown
    assert "в прошлом месяце 31 337,77 ₽" in shown
    by_source = {
        one.line.kpi.source: one.missing for block in estimate.blocks for one in block.lines
    }
    # Half of a plan of 50 000 for 12 of 22 days is the floor; 50 % × 20 % × 65 % are 6,5 points.
    words = by_source["upsell"].replace("\xa0", " ")
    assert words == "ещё 13 636,37 ₽ — до 13 636,37 ₽: будет +709,09 ₽"
    assert "31 337,77" in text(client_as("anna").get("/panels/pay-estimate/"))
    assert not Sheet.objects.filter(scheme=scheme).exists()


def test_without_a_scheme_for_them_the_estimate_says_whom_to_ask(
    world: World, client_as: ClientAs
) -> None:
    assert "Считать пока нечего" in text(client_as("galina").get("/pay/estimate/"))
    world.staff["anna"].positions.all().delete()
    assert "Считать пока нечего" in text(client_as("anna").get("/pay/estimate/"))


def test_paper_that_cannot_be_drawn_is_said_on_the_page(
    world: World, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> bytes:
        raise pdf.Unprintable("Документ слишком велик.")

    monkeypatch.setattr(pdf, "render", refuse)
    sheet = world.row("bonuses.sheet")
    answer = client_as("anna").get(f"/pay/{sheet.pk}/pdf/", follow=True)
    assert "Документ слишком велик." in text(answer)


def test_rows_that_are_gone_are_counted_as_gone(
    paid: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    draft_month(AUGUST, TODAY)
    line = sheet_of(paid).lines.get()
    assert "служебная записка 1" in text(client_as("anna").get(f"/pay/lines/{line.pk}/"))
    paid.staff["anna"].manual_facts.all().delete()
    answer = client_as("anna").get(f"/pay/lines/{line.pk}/")
    assert (answer.context["rows"], answer.context["gone"]) == ([], 1)


def test_a_sheet_beside_last_months(
    paid: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    draft_month(date(2026, 7, 1), TODAY)
    draft_month(AUGUST, TODAY)
    answer = client_as("anna").get(f"/pay/{sheet_of(paid).pk}/")
    (block,) = answer.context["blocks"]
    assert block.lines[0].delta == Decimal(90)
    assert "в прошлом месяце 0,00 ₽" in text(answer)


def test_who_agrees_to_a_sheet_that_was_computed_anew_is_shown_it_first(
    paid: World,  # noqa: F811
    client_as: ClientAs,
) -> None:
    draft_month(AUGUST, TODAY)
    seen = sheet_of(paid)
    paid.staff["anna"].manual_facts.update(value=50)
    draft_month(AUGUST, TODAY)
    browser = client_as("anna")
    page = browser.post(f"/pay/{seen.pk}/agree/", {"version": seen.version}, follow=True)
    assert "Лист изменился, пока вы смотрели" in text(page)
    assert sheet_of(paid).agreed_at is None
    browser.post(f"/pay/{seen.pk}/agree/", {"version": sheet_of(paid).version})
    assert sheet_of(paid).agreed_at is not None
