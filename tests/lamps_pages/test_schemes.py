"""Pages of the rules: copy, edit, what would change, publish, withdraw; and refusals."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from core.models import AuditEntry
from lamps import services
from lamps.models import LampScheme, SchemeIndicator
from tests.lamps_pages.conftest import As, Centre, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(centre: Centre) -> LampScheme:
    """A copy of the scheme in force, from tomorrow."""
    return services.copy_scheme(LampScheme.objects.get(), actor=centre.users["elena"])


def rule_of(draft: LampScheme, code: str) -> SchemeIndicator:
    return draft.indicators.get(indicator__code=code)


def rule_form(rule: SchemeIndicator, tiers: list[tuple[str, str]], **given: Any) -> dict[str, Any]:
    """What the page of an indicator sends."""
    stored = rule.tiers.count()
    values = {
        "indicator": rule.indicator_id,
        "order": rule.order,
        "source": rule.source,
        "service": rule.service_id or "",
        "direction": rule.direction,
        "window_days": rule.window_days or "",
        "missing_policy": rule.missing_policy,
        "stale_after_days": rule.stale_after_days,
        "warning_days": "" if rule.warning_days is None else rule.warning_days,
        "version": rule.version,
        "tiers-TOTAL_FORMS": len(tiers),
        "tiers-INITIAL_FORMS": stored,
    }
    for n, (threshold, weight) in enumerate(tiers):
        values |= {f"tiers-{n}-threshold": threshold, f"tiers-{n}-weight": weight}
    return values | given


def scheme_form(scheme: LampScheme, **given: Any) -> dict[str, Any]:
    """What the page of a draft sends."""
    return {
        "name": scheme.name,
        "segment": scheme.segment,
        "effective_from": scheme.effective_from.isoformat(),
        "yellow_from": "0,4",
        "green_from": "0,8",
        "norm_red": "5",
        "norm_yellow": "15",
        "norm_green": "80",
        "tolerance": "0",
        "version": scheme.version,
    } | given


def test_the_list_and_who_may_enter(centre: Centre, page_as: As, draft: LampScheme) -> None:
    for who in ("elena", "zhanna"):
        body = text(page_as(who).get(reverse("lamp_schemes")))
        assert "Основная схема" in body
        assert "0,4 и 0,8" in body
        assert "Черновик" in body
    assert page_as("anna").get(reverse("lamp_schemes")).status_code == 403
    assert page_as("galina").get(reverse("lamp_scheme", args=[draft.pk])).status_code == 403
    missing = reverse("lamp_scheme", args=[987_654_321])
    assert page_as("elena").get(missing).status_code == 404


def test_a_published_version_is_read_only(centre: Centre, page_as: As) -> None:
    scheme = LampScheme.objects.get()
    rule = rule_of(scheme, "activity")
    browser = page_as("elena")
    body = text(browser.get(reverse("lamp_scheme", args=[scheme.pk])))
    assert "от 50 — 0,4" in body
    assert "Изменить" not in body
    assert "Опубликовать" not in body
    assert "Копия в черновик" in body
    edit = reverse("lamp_scheme_edit", args=[scheme.pk])
    assert browser.get(edit).status_code == 302
    answer = browser.post(edit, scheme_form(scheme, name="Другая"))
    assert answer.status_code in (302, 422)
    page = reverse("lamp_scheme_indicator_edit", args=[scheme.pk, rule.pk])
    assert browser.get(page).status_code == 302
    browser.post(page, rule_form(rule, [("1", "0,4")]))
    gone = reverse("lamp_scheme_indicator_delete", args=[scheme.pk, rule.pk])
    assert "не меняется" in text(browser.post(gone, follow=True))
    scheme.refresh_from_db()
    assert scheme.name == "Основная схема"
    assert list(rule.tiers.values_list("threshold", "weight")) == [(50, 40)]


def test_copy_edit_publish_withdraw(centre: Centre, page_as: As) -> None:
    browser = page_as("elena")
    scheme = LampScheme.objects.get()
    answer = browser.post(reverse("lamp_scheme_copy", args=[scheme.pk]))
    copy = LampScheme.objects.exclude(pk=scheme.pk).get()
    assert answer.url == reverse("lamp_scheme", args=[copy.pk])
    edit = reverse("lamp_scheme_edit", args=[copy.pk])
    assert 'value="0,4"' in text(browser.get(edit))
    answer = browser.post(edit, scheme_form(copy, name="Новая", yellow_from="0,45"))
    assert answer.status_code == 302
    copy.refresh_from_db()
    assert (copy.name, copy.yellow_from) == ("Новая", 45)
    rule = rule_of(copy, "activity")
    page = reverse("lamp_scheme_indicator_edit", args=[copy.pk, rule.pk])
    assert 'value="50"' in text(browser.get(page))
    tiers = [("50", "0,4"), ("500", "0,55")]
    assert browser.post(page, rule_form(rule, tiers)).status_code == 302
    assert list(rule.tiers.values_list("threshold", "weight")) == [(50, 40), (500, 55)]
    publish = reverse("lamp_scheme_publish", args=[copy.pk])
    copy.refresh_from_db()
    body = text(browser.post(publish, {"version": copy.version}, follow=True))
    assert "Схема опубликована" in body
    copy.refresh_from_db()
    assert copy.status == "published"
    withdraw = reverse("lamp_scheme_withdraw", args=[copy.pk])
    assert "Схема отозвана" in text(browser.post(withdraw, follow=True))
    about = f"lamps.lampscheme:{copy.pk}"
    assert AuditEntry.objects.filter(subject=about).count() == 4


def test_hundredths_are_read_as_people_write_them(
    centre: Centre, page_as: As, draft: LampScheme
) -> None:
    browser = page_as("elena")
    edit = reverse("lamp_scheme_edit", args=[draft.pk])
    for typed, said in [
        ("0,425", "двумя знаками"),
        ("много", "двумя знаками"),
        ("-1", "двумя знаками"),
        ("10,01", "От 0 до 10"),
        ("٤", "двумя знаками"),
        ("1e1000000", "двумя знаками"),
        ("", "Обязательное поле"),
    ]:
        answer = browser.post(edit, scheme_form(draft, yellow_from=typed))
        assert answer.status_code == 422
        body = answer.content.decode()
        assert said in body, typed
    answer = browser.post(edit, scheme_form(draft, yellow_from="0.5"))
    assert answer.status_code == 302


def test_a_stale_form_shows_what_is_stored(centre: Centre, page_as: As, draft: LampScheme) -> None:
    browser = page_as("elena")
    edit = reverse("lamp_scheme_edit", args=[draft.pk])
    form = scheme_form(draft, name="Моя")
    services.update_scheme(draft, {"name": "Чужая"}, actor=centre.users["zhanna"])
    answer = browser.post(edit, form)
    assert answer.status_code == 409
    assert "Чужая" in answer.content.decode()
    assert 'value="Моя"' in answer.content.decode()


def test_refusals_stand_at_their_place(centre: Centre, page_as: As, draft: LampScheme) -> None:
    browser = page_as("elena")
    answer = browser.post(
        reverse("lamp_scheme_edit", args=[draft.pk]), scheme_form(draft, yellow_from="0,9")
    )
    assert answer.status_code == 422
    assert "Порог жёлтого должен быть ниже порога зелёного" in answer.content.decode()
    rule = rule_of(draft, "activity")
    page = reverse("lamp_scheme_indicator_edit", args=[draft.pk, rule.pk])
    twice = browser.post(page, rule_form(rule, [("50", "0,4"), ("50", "0,5")]))
    assert twice.status_code == 422
    assert "Пороги повторяются" in twice.content.decode()
    wrong = browser.post(page, rule_form(rule, [("много", "0,4")]))
    assert wrong.status_code == 422
    assert list(rule.tiers.values_list("threshold", "weight")) == [(50, 40)]


def test_a_draft_that_cannot_be_computed(centre: Centre, page_as: As, draft: LampScheme) -> None:
    browser = page_as("elena")
    rule = rule_of(draft, "activity")
    page = reverse("lamp_scheme_indicator_edit", args=[draft.pk, rule.pk])
    form = rule_form(rule, [("50", "0,4")], **{"tiers-0-DELETE": "on", "window_days": ""})
    assert browser.post(page, form).status_code == 302
    body = text(browser.get(reverse("lamp_scheme", args=[draft.pk])))
    assert "не указано, за сколько последних дней считать." in body
    assert "нет ни одной ступени." in body
    assert "Зелёной не станет ни одна лампочка" in body
    assert re.search(r"<button[^>]*disabled", body)
    draft.refresh_from_db()
    said = text(browser.post(reverse("lamp_scheme_publish", args=[draft.pk]), follow=True))
    assert "Зелёной не станет ни одна лампочка" in said
    draft.refresh_from_db()
    assert draft.status == "draft"
    assert "исправьте" in text(browser.get(reverse("lamp_scheme_preview", args=[draft.pk])))


def test_what_would_change(centre: Centre, page_as: As, draft: LampScheme) -> None:
    """Without К1У the yellow lamp turns red, and nothing is written."""
    services.remove_indicator(rule_of(draft, "k1"), actor=centre.users["elena"])
    draft.refresh_from_db()
    services.update_scheme(draft, {"green_from": 70}, actor=centre.users["elena"])
    before = services.digest()
    browser = page_as("elena")
    body = text(
        browser.get(reverse("lamp_scheme_preview", args=[draft.pk]), headers={"HX-Request": "true"})
    )
    assert "<html" not in body
    assert "цвет сменили бы <b>1 клиент</b> из 7" in body
    assert "Всего 7: красных 1 (14,3 %), жёлтых 1 (14,3 %), зелёных 5 (71,4 %)" in body
    assert "Всего 7: красных 2 (28,6 %), жёлтых 0 (0,0 %), зелёных 5 (71,4 %)" in body
    assert services.digest() == before


def test_add_and_remove_an_indicator(centre: Centre, page_as: As, draft: LampScheme) -> None:
    browser = page_as("elena")
    rule = rule_of(draft, "gnd")
    form = rule_form(rule, [("0", "0,1")]) | {"tiers-INITIAL_FORMS": 0}
    gone = reverse("lamp_scheme_indicator_delete", args=[draft.pk, rule.pk])
    assert browser.post(gone).status_code == 302
    assert not draft.indicators.filter(pk=rule.pk).exists()
    add = reverse("lamp_scheme_indicator_add", args=[draft.pk])
    assert browser.get(add).status_code == 200
    del form["version"]
    assert browser.post(add, form).status_code == 302
    assert rule_of(draft, "gnd").tiers.get().weight == 10
    again = browser.post(add, form)
    assert again.status_code == 422
    assert "Показатель уже есть в схеме" in again.content.decode()


def test_a_new_scheme_and_its_end(centre: Centre, page_as: As) -> None:
    browser = page_as("zhanna")
    add = reverse("lamp_scheme_add")
    assert browser.get(add).status_code == 200
    form = scheme_form(LampScheme.objects.get(), name="Для сетей", segment="network")
    form["effective_from"] = (centre.today + timedelta(days=9)).isoformat()
    assert browser.post(add, form).status_code == 302
    made = LampScheme.objects.get(name="Для сетей")
    body = text(browser.get(reverse("lamp_scheme", args=[made.pk])))
    assert "В схеме нет ни одного показателя" in body
    stale = {"version": made.version + 5}
    delete = reverse("lamp_scheme_delete", args=[made.pk])
    assert "изменили" in text(browser.post(delete, stale, follow=True))
    browser.post(delete, {"version": made.version})
    assert not LampScheme.objects.filter(pk=made.pk).exists()


def test_a_get_writes_nothing(centre: Centre, page_as: As, draft: LampScheme) -> None:
    browser = page_as("elena")
    for name in ("copy", "publish", "withdraw", "delete"):
        assert browser.get(reverse(f"lamp_scheme_{name}", args=[draft.pk])).status_code == 405
    assert LampScheme.objects.count() == 2
