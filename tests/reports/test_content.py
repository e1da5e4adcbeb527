"""What a report says: figures equal to the tables', nothing of the inside, nothing hostile."""

import re
import zipfile
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.models import Client
from core import clock
from needs.models import Need, NeedStage
from reports import layout, printing, services
from reports.enums import SectionCode
from reports.selectors.drafting import draw
from reports.selectors.reports import snapshot_of
from reports.services.building import sheet_of
from reports.snapshot import Needs, Snapshot, as_json, digest, from_json, spans_of
from reports.words import to_html
from tests import factories
from tests.kernel.test_pdf import hostile, inside, listener  # noqa: F401  (a fixture)
from tests.reports.conftest import Case, text_of
from visits.enums import RiskKind

pytestmark = pytest.mark.django_db


def test_each_figure_is_what_the_tables_hold(case: Case):
    today = clock.today()
    found = draw(case.client, today - timedelta(days=364), today, today)
    assert found.usage.kplus.total == 1534
    assert (found.needs.hours, found.needs.roubles) == (Decimal("86.5"), Decimal("955400.00"))
    (one,) = found.needs.cases
    assert (one.confirmed_by, one.effect) == (
        f"{case.participant.person}, Главный бухгалтер",
        "Сами искали бы месяц",
    )
    assert [(use.label, use.total) for use in found.services] == [("ЦОК", 5), ("ПЭ", 17)]
    assert found.prices.total == Decimal("12200.50")
    assert "Новые правила стройки" in [news.title for news in found.news]
    assert found.cok.rights[0].quota == 2 and found.cok.expiring == found.cok.rights
    assert (found.cabinet.total, found.usage.groups[0].people) == (17, 1)
    assert found.usage.groups[0].contacts == 1
    assert found.next_year.monthly == Decimal("12200.50")
    assert [(one.label, one.quota) for one in found.next_year.included] == [("ЦОК", 2)]
    assert [lesson.topic for lesson in found.usage.lessons] == ["Поиск за минуту"]


def test_what_is_printed_is_what_was_frozen(case: Case):
    report = case.final()
    said = text_of(services.pdf_of(report))
    frozen = snapshot_of(report)
    for figure in ("1 534", "86,5", "955 400,00", "12 200,50", "17"):
        assert figure in said, figure
    for words in (frozen.client, *[c.title for c in frozen.needs.cases], report.digest[:20]):
        assert words in said
    assert "Черновик" not in said
    assert re.search(r"Стр\. 2 из \d", said)


def test_a_later_print_says_the_same_though_the_client_changed(case: Case, move_clock):
    report = case.final()
    before = text_of(services.pdf_of(report))
    Client.objects.filter(pk=case.client.pk).update(name="Совсем другое имя")
    Need.objects.filter(pk=case.need.pk).update(solution="Другое решение", title="Другая задача")
    factories.usage(case.client, 999, day=clock.today() - timedelta(days=3))
    move_clock(clock.now() + timedelta(days=366))
    report = type(report).objects.get(pk=report.pk)
    assert text_of(printing.as_pdf(sheet_of(report))) == before


def test_the_draft_is_marked_and_its_figures_lead_to_their_rows(case: Case, client_as):
    report = case.report()
    assert "Черновик" in text_of(services.pdf_of(report))
    page = client_as("anna").get(f"/reports/{report.pk}/preview/").content.decode()
    assert f'href="/needs/{case.need.pk}/"' in page and f"/needs/?client={case.client.pk}" in page
    assert f"/clients/{case.client.pk}/?tab=usage" in page
    sealed = client_as("anna").get(f"/reports/{case.final().pk}/preview/").content.decode()
    assert "figure-link" not in sealed and "1\u00a0534" in sealed


@pytest.fixture
def secretive(case: Case, world) -> Case:
    """Canaries in every field of the inside view; the guard is that nothing asks for them."""
    hidden = {
        "competitor": "xcompetitorx", "specifics": "xspecificsx", "portrait": "xportraitx стройка",
    }  # fmt: skip
    Client.objects.filter(pk=case.client.pk).update(**hidden)
    Need.objects.filter(pk=case.need.pk).update(
        effect_risk="xriskx", effect_formula="xformulax", difficulties="xdifficultx",
        works="xworksx", context="xcontextx", folder="xfolderx",
    )  # fmt: skip
    type(case.participant).objects.filter(pk=case.participant.pk).update(
        notes="xnotesx", attitude="against"
    )
    factories.risk(case.client, kind=RiskKind.COMPETITOR, text="xsignx")
    factories.visit(
        case.client, result="xresultx", feedback="xfeedbackx", goal="xgoalx", plan="xplanx"
    )
    factories.agreement(case.client, what="xagreementx")
    factories.gnd_record(case.client, note="xgndx")
    factories.churn(case.client, reason="xreasonx")
    factories.lamp(case.client, "red")
    factories.need_step(factories.need(case.client, title="вторая"), "03", evidence="xevidencex")
    factories.offer(
        factories.campaign(2031), factories.contract(case.client), stage="exception",
        is_exception=True, exception_reason="xexceptionx", agreed_percent=3, asked_by=case.author,
        agreed_on=clock.today(), refusal_reason="xrefusalx",
    )  # fmt: skip
    case.client.refresh_from_db()
    return case


def assert_nothing_of_the_inside(said: str, where: str) -> None:
    body = said.split("</style>")[-1].casefold()
    assert not re.findall(r"x[a-z]+x", body), where
    for word in ("лампоч", "красн", "жёлт", "риск", "конкурент", "преми", "против", "гнд"):
        assert word not in body, (where, word)


def test_nothing_of_the_inside_view_appears(secretive: Case, client_as):
    """Neither in the figures that are kept, nor on the page, nor on paper."""
    report = secretive.report(returned_note="xnotex")
    assert_nothing_of_the_inside(str(report.snapshot), "snapshot")
    assert_nothing_of_the_inside(printing.as_html(sheet_of(report)), "html")
    page = client_as("anna").get(f"/reports/{report.pk}/preview/").content.decode()
    assert secretive.client.name in page
    assert_nothing_of_the_inside(page.partition("<body")[2], "preview")
    said = text_of(services.pdf_of(report))
    assert secretive.need.title in said
    assert_nothing_of_the_inside(said, "pdf")


def test_nothing_of_the_inside_view_leaves_by_rest_or_in_a_zip(
    secretive: Case, api_as, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path
    report = secretive.report()
    for address in (f"/api/v1/reports/{report.pk}/", f"/api/v1/reports/?client={report.client_id}"):
        told = api_as("anna").get(address).content.decode()
        assert f'"id":{report.pk}' in told
        assert_nothing_of_the_inside(told, address)
        assert secretive.need.title not in told  # the figures stand in the document alone
    content = api_as("anna").get(f"/api/v1/reports/{report.pk}/content/").content
    assert_nothing_of_the_inside(text_of(content), "content")
    batch = factories.report_batch(secretive.author, report, title="Пакет")
    nothing = {"step": lambda *a: None, "hold": lambda: None, "stop": lambda: None}
    services.pack(batch.pk, **nothing)
    with zipfile.ZipFile(tmp_path / "reports" / f"batch-{batch.pk}.zip") as packed:
        index = packed.read("Список.csv").decode("utf-8-sig")
        assert secretive.client.name in index.replace('""', '"')
        assert_nothing_of_the_inside(index + " ".join(packed.namelist()), "index")
        document = next(name for name in packed.namelist() if name.endswith(".pdf"))
        assert_nothing_of_the_inside(text_of(packed.read(document)), "zip")


def test_a_section_without_data_says_so(world):
    empty = factories.client(world.staff["anna"], world.noio1, portrait="", specifics="")
    report = factories.report(empty, world.users["anna"])
    said = text_of(services.pdf_of(report))
    assert said.count("Нет данных за период") == 9
    for label in SectionCode.labels:
        assert label in said


def test_sections_are_switched_ordered_and_given_words(case: Case):
    report = case.report()
    rows = [
        {"code": "news", "on": True, "text": "Сначала **новости**"},
        {"code": "usage", "on": True, "text": ""},
    ]
    report = services.save_sections(actor=case.author, report=report, sections=rows, version=1)
    body = printing.as_html(sheet_of(report)).split("</style>")[-1]
    assert body.index("part-news") < body.index("part-usage")
    assert "Сначала <strong>новости</strong>" in body and "part-prices" not in body


def test_hostile_words_do_nothing(case: Case, listener, tmp_path):  # noqa: F811
    """In every name and text at once: shown as typed, nothing fetched, nothing embedded."""
    port, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-8842")
    attack = hostile(port, secret)
    short = f"<img src=http://127.0.0.1:{port}/x><script>1</script>"[:200]
    Client.objects.filter(pk=case.client.pk).update(name=short)
    NeedStage.objects.update(is_on=False)  # a confirmed effect is not written otherwise
    Need.objects.filter(pk=case.need.pk).update(
        title=short, key_need=attack, solution=attack, effect=attack
    )
    NeedStage.objects.exclude(code__in=("02", "05")).update(is_on=True)
    case.client.refresh_from_db()
    report = case.report()
    rows = [layout.Section(code, True, attack[:4000]) for code in SectionCode.values]
    report = services.save_sections(
        actor=case.author, report=report, sections=layout.as_json(rows), version=1
    )
    data = services.pdf_of(report)
    assert asked == [] and b"CANARY-8842" not in inside(data)
    said = text_of(data)
    assert "<script>1</script>" in said.replace("< ", "<")
    body = printing.as_html(sheet_of(report)).split("</style>", 1)[1]
    assert not re.search(r"<(script|img|link|object|embed|iframe|style)\b", body)


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("**жирно** и *косо*", "<p><strong>жирно</strong> и <em>косо</em></p>\n"),
        ("* раз\n* два", "<ul>\n<li>раз</li>\n<li>два</li>\n</ul>\n"),
        ("строка\nвторая", "<p>строка<br>\nвторая</p>\n"),
        ("<b onclick=x>a</b>", "<p>&lt;b onclick=x&gt;a&lt;/b&gt;</p>\n"),
        ("[x](http://a.b)", "<p>[x](http://a.b)</p>\n"),
        ("![x](file:///etc/passwd)", "<p>![x](file:///etc/passwd)</p>\n"),
        ("# не заголовок", "<p># не заголовок</p>\n"),
        ("", ""),
    ],
)
def test_the_editors_markdown_is_small_and_safe(typed, shown):
    assert to_html(typed) == shown


def test_a_snapshot_reads_back_to_the_last_digit(case: Case):
    today = clock.today()
    found = draw(case.client, today - timedelta(days=364), today, today)
    again = from_json(Snapshot, as_json(found))
    assert again == found and type(again.needs.cases[0].hours) is Decimal
    assert all(is_dataclass(again) and getattr(again, f.name) is not None for f in fields(again))
    assert digest({"b": 1, "a": 2}) == digest({"a": 2, "b": 1}) != digest({"a": 2, "b": 3})


def test_months_billed_alike_are_one_line():
    months = [(date(2026, m, 1), Decimal(a)) for m, a in ((1, 5), (2, 5), (3, 7), (5, 7))]
    spans = [(s.first.month, s.last.month, s.months, s.total) for s in spans_of(months)]
    assert spans == [(1, 2, 2, 10), (3, 3, 1, 7), (5, 5, 1, 7)]


def test_drawing_asks_no_more_for_many_rows(case: Case):
    today = clock.today()

    def queries() -> int:
        with CaptureQueriesContext(connection) as asked:
            draw(case.client, today - timedelta(days=364), today, today)
        return len(asked)

    few = queries()
    for n in range(12):
        need = factories.need(case.client, title=f"Задача {n}", effect="да")
        factories.need_step(need, "06", participant=case.participant, author=case.head.employee)
        factories.hook(title=f"Стройка {n}")
        factories.training(case.client, topic=f"Тема {n}", held_on=today - timedelta(days=n))
    assert queries() == few


@pytest.mark.slow
def test_long_names_and_many_needs_give_a_document(case: Case):
    """300 characters, emoji, zero width, 500 needs: printed, every case there."""
    name = ("ООО «Длинное\u200bНазвание🙂" + "Ы" * 300)[:300]
    Client.objects.filter(pk=case.client.pk).update(name=name)
    case.client.refresh_from_db()
    today = clock.today()
    found = draw(case.client, today - timedelta(days=364), today, today)
    (one,) = found.needs.cases
    cases = tuple(replace(one, title=f"Задача {n}-я") for n in range(500))
    many = replace(found, needs=Needs(cases))
    look = printing.Look("Центр", "", "#1a5cad")
    said = text_of(printing.as_pdf(printing.Sheet(many, layout.usual({}), look)))
    # The first thirty are told and summed, the rest stand in the table of the sum.
    assert [said.count(f"Задача {n}-я") for n in range(500)] == [2] * 30 + [1] * 470
    assert "43 250" in said and "ЫЫЫ" in said
