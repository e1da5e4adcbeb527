"""The paper itself: figures equal to the frozen ones, tagged, hostile words harmless, no heading
alone, heads of tables repeated."""

import io
import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import timedelta
from decimal import Decimal
from html.parser import HTMLParser
from itertools import cycle, pairwise
from typing import Any

import pytest
from PIL import Image
from pypdf import PdfReader

from accounts.models import Client, ContractPrice, Invoice
from contacts.models import Participant
from core import clock
from core.russian import day, number, roubles
from reports import layout, printing, services
from reports.enums import SectionCode
from reports.selectors.drafting import draw
from reports.selectors.reports import snapshot_of
from reports.services.building import sheet_of
from reports.snapshot import Needs, Snapshot, as_json
from tests import factories
from tests.kernel.test_pdf import hostile, inside, listener  # noqa: F401  (a fixture)
from tests.reports.conftest import Case, text_of

pytestmark = pytest.mark.django_db
LOOK = printing.Look("Центр", "ИНН 0000000000", "#1a5cad")


@pytest.fixture
def priced(case: Case) -> Case:
    """The client of `case` with a contract whose price changed, and an offer of the next one."""
    contract = factories.contract(case.client, 11000, kit="Юрист и кадры", number="Д-901")
    factories.contract_price(
        contract, monthly=Decimal("12200.50"), effective_on=clock.today() - timedelta(days=100)
    )
    factories.offer(
        factories.campaign(2031), contract, stage="offered", price_before=Decimal("12200.50"),
        offered_percent=Decimal(8), offered_on=clock.today() - timedelta(days=1),
    )  # fmt: skip
    return case


def pages_of(data: bytes) -> list[str]:
    """The text of each page, with every space alike."""
    return [
        "\n".join(" ".join(line.split()) for line in page.extract_text().splitlines())
        for page in PdfReader(io.BytesIO(data)).pages
    ]


def plain(value: Any) -> str:
    return " ".join(str(value).replace("\u00a0", " ").split())


def figures_of(found: Snapshot) -> Iterator[str]:
    """Every figure and name of a snapshot as a reader sees it."""
    yield from (found.client, day(found.since), day(found.until), day(found.drawn_on))
    yield from map(number, [found.usage.kplus.total, *found.usage.kplus.months])
    for group in found.usage.groups:
        yield f"{group.department} {group.people} {group.contacts}"
    for lesson in found.usage.lessons:
        yield f"{lesson.topic} {day(lesson.held_on)} {lesson.people}"
    for case in found.needs.cases:
        yield from (case.title, case.wanted, case.solution, case.effect, case.confirmed_by)
        yield from (f"{number(case.hours)} ч", roubles(case.roubles), day(case.confirmed_on))
    yield from (number(found.needs.hours), roubles(found.needs.roubles))
    for use in found.services:
        yield f"{use.label} {number(use.total)} {use.months_used} из {len(use.months)}"
    for deal in found.prices.deals:
        yield from (deal.kit, f"договор {deal.number}")
        for step in deal.steps:
            yield f"{day(step.starts_on)} {roubles(step.monthly)}"
    for span in found.prices.spans:
        yield f"{roubles(span.amount)} {span.months} {roubles(span.total)}"
    yield roubles(found.prices.total)
    for news in found.news:
        yield from (news.title, day(news.published_on), news.text)
    for one in (found.cok, found.co):
        for right in one.rights:
            yield f"раво с {day(right.starts_on)} по {day(right.valid_until)}"
    yield number(found.cabinet.total)
    for price in found.next_year.prices:
        yield from (roubles(price.now), roubles(price.after), day(price.starts_on))
    for included in found.next_year.included:
        yield f"{included.label} {number(included.quota)} {day(included.valid_until)}"


def test_the_text_of_the_pdf_holds_every_frozen_figure(priced: Case):
    report = priced.final()
    said = text_of(services.pdf_of(report))
    wanted = [plain(one) for one in figures_of(snapshot_of(report))]
    assert len(wanted) >= 50
    assert [one for one in wanted if one not in said] == []


def test_a_year_later_the_same_text_whatever_became_of_the_client(priced: Case, world, move_clock):
    """Names, prices, bills, people, the look: all of them changed meanwhile."""
    report = priced.final()
    before = text_of(printing.as_pdf(sheet_of(report)))
    Client.objects.filter(pk=priced.client.pk).update(name="Другое имя", segment="network")
    ContractPrice.objects.update(monthly=1)
    Invoice.objects.update(amount=2)
    Participant.objects.filter(client=priced.client).update(job_title="Уволен")
    factories.usage(priced.client, 999, day=clock.today() - timedelta(days=3))
    services.save_letterhead(
        actor=world.users["elena"],
        values={"name": "Новый центр", "requisites": "новые", "colour": "#004400"},
        logo=None,
        now=clock.now(),
    )
    move_clock(clock.now() + timedelta(days=366))
    again = type(report).objects.get(pk=report.pk)
    assert text_of(printing.as_pdf(sheet_of(again))) == before
    assert draw(again.client, again.since, again.until, clock.today()) != snapshot_of(again)


# --- accessibility ---------------------------------------------------------------------------


def tags_of(node: Any) -> Iterator[Any]:
    """The structure elements under a node, in the order of reading."""
    node = node.get_object()
    if isinstance(node, list):
        for one in node:
            yield from tags_of(one)
    elif hasattr(node, "get"):
        if "/S" in node:
            yield node
        if node.get("/K") is not None and not isinstance(node["/K"], int):
            yield from tags_of(node["/K"])


def test_the_document_is_tagged_titled_and_russian_as_pdf_ua_wants(priced: Case):
    """What can be judged of PDF/UA-1 (ISO 14289-1) without a validator."""
    picture = io.BytesIO()
    Image.new("RGB", (90, 30), "#7a1f3d").save(picture, "PNG")
    sheet = sheet_of(priced.final())
    sheet = replace(sheet, look=replace(sheet.look, logo=picture.getvalue()))
    reader = PdfReader(io.BytesIO(printing.as_pdf(sheet)))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "ru"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    metadata = root["/Metadata"].get_data().decode()
    assert 'pdfuaid:part="1"' in metadata and priced.client.name in metadata
    assert reader.metadata is not None and reader.metadata.title == sheet.title
    assert all(page["/Tabs"] == "/S" for page in reader.pages if "/Annots" in page)
    assert not list(reader.attachments)
    tags = list(tags_of(root["/StructTreeRoot"]["/K"]))
    kinds = [tag["/S"] for tag in tags]

    headings = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert headings[0] == 1 and headings.count(1) == 1 and headings.count(2) == 10
    assert all(b - a <= 1 for a, b in pairwise(headings)), headings

    figures = [tag for tag in tags if tag["/S"] == "/Figure"]
    assert [bool(str(tag.get("/Alt", "")).strip()) for tag in figures] == [True, True]

    heads = {tag["/ID"]: tag for tag in tags if tag["/S"] == "/TH"}
    cells = [tag for tag in tags if tag["/S"] == "/TD"]
    assert kinds.count("/Table") == kinds.count("/THead") == kinds.count("/Caption") > 7
    named = [cell["/A"]["/Headers"] for cell in cells]
    assert len(named) == len(cells) > 60
    # Each cell is read with the head of its column and of its row.
    assert {len(names) for names in named} == {2}
    assert all(name in heads for names in named for name in names)


# --- hostile words ---------------------------------------------------------------------------


def poisoned(value: Any, words: Iterator[str]) -> Any:
    """A snapshot with such words in place of every text that it holds."""
    if isinstance(value, str):
        return next(words)
    if isinstance(value, tuple):
        return tuple(poisoned(one, words) for one in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: poisoned(getattr(value, f.name), words) for f in fields(value)}
        )
    return value


def attacks(port: int, secret: Any) -> list[str]:
    """Ways to break out of where a name stands and to have something fetched, one in each."""
    http = f"http://127.0.0.1:{port}"
    return [
        f"\"'></title></style><style>@import '{http}/i';body{{background:url({http}/bg)}}</style>",
        f"</svg><svg><image href='{http}/svg'/><use xlink:href='file://{secret}'/></svg>",
        f"<svg><foreignObject><img src='{http}/fo' onload='x'></foreignObject></svg>",
        f"<script src='{http}/script'></script><link rel='stylesheet' href='{http}/css'>",
        f"<link rel='attachment' href='file://{secret}'><object data='{http}/object'></object>",
        f"<img src='data:image/svg+xml,<svg><image href=%22{http}/data%22/></svg>'>",
        f"![m]({http}/md) [l](file://{secret}) <{http}/auto> [r]: {http}/ref",
        "{% include 'x' %} {{ settings.SECRET_KEY }} ]]> --> \u202e \u200b 🙂",
    ]


def attributes_of(body: str) -> set[str]:
    """The names of all attributes of all tags of a page."""
    found: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            found.update(name for name, _ in attrs)

    Reader().feed(body)
    return found


def test_hostile_words_in_every_name_and_text_do_nothing(
    priced: Case, client_as, listener, tmp_path  # noqa: F811
):  # fmt: skip
    port, asked = listener
    secret = tmp_path / "secret.txt"
    secret.write_text("CANARY-8842")
    each = attacks(port, secret)
    words = "\n\n".join([hostile(port, secret), *each])
    found = poisoned(snapshot_of(priced.report()), cycle(each))
    sections = [layout.Section(code, True, words[: layout.LONGEST]) for code in SectionCode.values]
    sheets = [
        printing.Sheet(
            replace(found, client=one), sections, replace(LOOK, name=one, requisites=words),
            2, True, one, one,
        )
        for one in each[:2]
    ]  # fmt: skip
    sheet = sheets[0]
    assert asked == []
    printing.as_pdf(sheets[1])
    data = printing.as_pdf(sheet)
    assert asked == [] and b"CANARY-8842" not in inside(data)
    assert not list(PdfReader(io.BytesIO(data)).attachments)
    body = printing.as_html(sheet).split("</style>", 1)[1]
    assert not re.findall(r"<(?:script|img|image|link|object|embed|iframe|style|use)\b", body)
    assert body.count("<svg") == 1  # the chart's own
    assert not {name for name in attributes_of(body) if re.fullmatch(r"src|data|on\w+", name)}
    assert all(href.startswith("#part-") for href in re.findall(r'<[^>]* href="([^"]*)"', body))
    shown = factories.report(
        priced.client, priced.author, snapshot=as_json(found),
        sections=layout.as_json(sections), returned_note=words[:2000],
    )  # fmt: skip
    page = client_as("anna").get(f"/reports/{shown.pk}/preview/").content.decode()
    on_page = page.partition("<body")[2]
    assert not re.findall(r"<(?:script|img|image|link|object|embed|iframe|style|use)\b", on_page)
    assert asked == []


# --- extremes and pages ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "ООО «Ромашка\u200b\u200d\ufeff»",
        "\u202eОбратно и שלום مرحبا",
        "🙂📈👨‍👩‍👧 Эмодзи",
        "Слово" * 60,
        "е\u0301" * 150,
    ],
    ids=["zero width", "right to left", "emoji", "one long word", "combining"],
)
def test_a_strange_name_gives_a_document_whose_figures_stand(priced: Case, name: str):
    found = replace(snapshot_of(priced.report()), client=name, specialist=name)
    data = printing.as_pdf(printing.Sheet(found, layout.usual({}), LOOK))
    pages = pages_of(data)
    assert len(pages) < 9
    assert "1 534" in pages[0] and day(found.until) in pages[0]
    assert PdfReader(io.BytesIO(data)).metadata.title.startswith("Отчёт о сотрудничестве")


def _footless(page: str) -> list[str]:
    """The lines of a page without its foot and the watermark."""
    return [
        line
        for line in page.splitlines()
        if line.strip() and not re.fullmatch(r"Стр\. \d+ из \d+|Центр|Черновик", line.strip())
    ]


@pytest.mark.slow
@pytest.mark.parametrize("lines", range(0, 40, 5))
def test_no_heading_stands_alone_at_the_foot(priced: Case, lines: int):
    """Whatever comes before it, something of its own follows a heading on its page."""
    texts = {"usage": "Строка текста.\n" * lines, "news": "Слова перед новостями."}
    found = snapshot_of(priced.report())
    data = printing.as_pdf(printing.Sheet(found, layout.usual(texts), LOOK, is_draft=False))
    heads = {plain(f"{n} {label}") for n, label in enumerate(SectionCode.labels, 1)}
    heads |= {"В отчёте", "Кто работает с нами", "Обучение", "Итог по подтверждённым задачам"}
    pages = pages_of(data)
    for page in pages[1:]:
        last = plain(_footless(page)[-1])
        assert last not in heads and last != "Слова перед новостями.", page
    feet = [re.findall(r"Стр\. (\d+) из (\d+)", page) for page in pages]
    assert feet == [[]] + [[(str(n), str(len(pages)))] for n in range(2, len(pages) + 1)]
    assert len(_footless(pages[-1])) > 3  # the requisites do not stand on a page of their own


@pytest.mark.slow
def test_a_long_table_repeats_its_head_on_every_page(priced: Case):
    found = snapshot_of(priced.report())
    (one,) = found.needs.cases
    cases = tuple(replace(one, title=f"Задача {n}-я") for n in range(200))
    data = printing.as_pdf(
        printing.Sheet(replace(found, needs=Needs(cases)), layout.usual({}), LOOK)
    )
    pages = [page for page in pages_of(data) if len(re.findall(r"Задача \d+-я", page)) > 8]
    assert len(pages) > 3
    for page in pages:
        assert re.search(r"Задача\s+Подтверждено\s+Часов\s+Рублей", page), page


def test_the_contents_name_the_pages_of_the_sections(priced: Case):
    pages = pages_of(services.pdf_of(priced.final()))
    contents = pages[1].partition("В отчёте")[2]
    for number_, label in enumerate(SectionCode.labels, 1):
        told = re.search(rf"{re.escape(label)}\s*(\d+)", contents)
        assert told is not None, (label, contents)
        at = int(told[1])
        heading = rf"(?m)^{number_} {re.escape(label)}$"
        assert len(re.findall(heading, pages[at - 1])) >= 1, (label, at)


def test_every_letter_of_paper_comes_from_the_bundled_fonts(priced: Case):
    """Those of the chart too: what a machine has by chance is not what the client sees."""
    found = replace(snapshot_of(priced.report()), client="Эмодзи 🙂")
    data = printing.as_pdf(printing.Sheet(found, layout.usual({}), LOOK))
    fonts = set(re.findall(rb"/BaseFont': '/[A-Z]{6}\+([\w-]+)", inside(data)))
    bundled = {f"Golos-Text{tail}".encode() for tail in ("", "-Medium", "-Semi-Bold", "-Bold")}
    assert bundled < fonts <= bundled | {b"Noto-Emoji", b"Noto-Emoji-Bold"}


def test_a_report_without_any_data_is_short_and_whole(world):
    empty = factories.client(world.staff["anna"], world.noio1, portrait="", specifics="")
    pages = pages_of(services.pdf_of(factories.report(empty, world.users["anna"])))
    assert len(pages) == 3
    assert sum(page.count("Нет данных за период") for page in pages) == 9
