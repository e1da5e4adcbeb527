"""Letters about a new price: what they say, that they are frozen, once, and nobody else's."""

import csv
import io
import re
import zipfile
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.models import Client, IndexationOffer
from accounts.services import make_offer, refuse
from core import clock, jobs, pdf
from core.enums import JobStatus
from core.errors import Refused
from core.models import AuditEntry, JobRun
from needs.models import Need
from reports import letter as paper
from reports import services
from reports.letter import Letter, Told, shortened, summed
from reports.models import LetterBatch, LetterFile, PriceLetter, TextBlock
from reports.selectors.letters import draw, letter_of, progress_of, run_of
from tests import factories
from tests.personas import World
from tests.reports.conftest import Case, text_of

pytestmark = pytest.mark.django_db


def offered(world: World, client: Client | None = None, percent: str = "15") -> IndexationOffer:
    """An offer made to a client (of anna's) by its specialist."""
    number = f"Д-{70 + IndexationOffer.objects.count()}"
    contract = factories.contract(client or world.clients["own"], number=number, kit="Бухгалтерия")
    offer = factories.offer(world.campaign, contract, price_before=Decimal(12000))
    elena = world.users["elena"]
    return make_offer(actor=elena, offer=offer, percent=Decimal(percent), on=clock.today())


def written(world: World, offer: IndexationOffer, who: str = "anna") -> PriceLetter:
    return services.write_letter(actor=world.users[who], offer=offer, now=clock.now())


@pytest.fixture
def quick_press(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is printed is told elsewhere; here it costs nothing."""
    monkeypatch.setattr(paper, "as_pdf", lambda *a: b"%PDF- quick")


# --- what it says ------------------------------------------------------------------------------
def test_a_letter_says_the_price_the_date_the_reason_and_what_the_client_confirmed(
    world: World, case: Case
) -> None:
    TextBlock.objects.filter(section="letter", segment="retail").update(text="Растут **расходы**.")
    factories.need(case.client, title="Не подтверждено", effect="Мечта", effect_hours=999)
    row = written(world, offered(world, case.client))
    said = text_of(services.pdf_of_letter(row))
    for words in (
        "ООО «Тихая гавань»", "Д-74", "Бухгалтерия", "12 000,00 ₽", "13 800,00 ₽", "+15 %",
        "1 800,00 ₽ в месяц", "с 1 декабря 2026 года", "Растут расходы.",
        "подтвердили эффект 1 задачи", "86,5 часа", "955 400,00 ₽", "«Сами искали бы месяц»",
        "Главный бухгалтер", str(case.client.specialist), row.digest,
    ):  # fmt: skip
        assert words in said, words
    assert "Мечта" not in said and "999" not in said


def test_without_confirmed_effects_the_letter_claims_none(world: World) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    html = paper.as_html(*_printed(written(world, offered(world, client))))
    assert "Что вам дала" not in html


def _printed(row: PriceLetter) -> tuple:
    from reports.selectors.letters import look_of

    return letter_of(row), look_of(row.letterhead), row.made_on, row.digest


def test_nothing_of_the_inside_view_appears(world: World, case: Case) -> None:
    """Canaries in every such field; the guard is that the selectors never ask for them."""
    Client.objects.filter(pk=case.client.pk).update(
        competitor="xcompetitorx", specifics="xspecificsx", portrait="xportraitx"
    )
    Need.objects.filter(pk=case.need.pk).update(
        effect_risk="xriskx", effect_formula="xformulax", difficulties="xdifficultx",
        works="xworksx", context="xcontextx", folder="xfolderx", solution="xsolutionx",
    )  # fmt: skip
    type(case.participant).objects.filter(pk=case.participant.pk).update(notes="xnotesx")
    factories.risk(case.client, text="xsignx")
    factories.visit(case.client, result="xresultx", feedback="xfeedbackx", goal="xgoalx")
    factories.lamp(case.client, "red")
    offer = offered(world, case.client, "17.25")
    IndexationOffer.objects.filter(pk=offer.pk).update(
        exception_reason="xexceptionx", refusal_reason="xrefusalx"
    )
    row = written(world, offer)
    body = (paper.as_html(*_printed(row)).split("</style>")[-1] + str(row.snapshot)).casefold()
    assert not re.findall(r"x[a-z]+x", body)
    for word in ("лампоч", "красн", "риск", "конкурент", "план", "границ", "не ниже", "исключен"):
        assert word not in body, word
    named = {"planned", "floor", "ceiling", "limit", "stage", "exception"}
    assert not named & set(row.snapshot)


def test_a_hostile_name_is_printed_as_it_was_typed(world: World) -> None:
    name = "<img src='http://127.0.0.1:1/x'><script>alert(1)</script>"
    client = factories.client(world.staff["anna"], world.noio1, name=name)
    TextBlock.objects.filter(section="letter").update(text="<b>html</b> [a](http://127.0.0.1:1/)")
    row = written(world, offered(world, client))
    html = paper.as_html(*_printed(row))
    assert "<script" not in html and "<img" not in html and 'href="http' not in html
    assert "<script>alert(1)</script>" in text_of(services.pdf_of_letter(row))


def test_the_dearest_cases_are_told_and_the_rest_is_counted() -> None:
    cases = [
        Told(f"{n}", "слова", Decimal(n), Decimal(100 * n) if n % 2 else None, date(2026, 5, 1), "")
        for n in range(1, 6)
    ]
    tasks, hours, roubles, told = summed(cases)
    assert (tasks, hours, roubles) == (5, 15, 900)
    assert [one.title for one in told] == ["5", "3", "1"]


@pytest.mark.parametrize(
    ("words", "said"), [("коротко", "коротко"), ("слово " * 100, None), ("ы" * 900, None)]
)
def test_a_long_quotation_is_cut_at_a_word_and_marked(words: str, said: str | None) -> None:
    found = shortened(words)
    assert found == said if said else found.endswith("…") and len(found) <= paper.LONGEST_QUOTE
    assert found.removesuffix("…") == words[: len(found.removesuffix("…"))]


def test_effects_count_from_a_year_before_the_campaign(world: World, today: date) -> None:
    client = factories.client(world.staff["anna"], world.noio1)
    participant = factories.participant(client, starts_on=date(2020, 1, 1))
    first = world.campaign.starts_on - timedelta(days=365)

    def confirmed(title: str, on: date) -> Need:
        need = factories.need(client, title=title, effect_hours=3, opened_on=date(2024, 12, 1))
        galina = world.staff["galina"]
        factories.need_step(need, "06", on=on, participant=participant, author=galina)
        return need

    confirmed("в срок", first)
    confirmed("раньше", first - timedelta(days=1))
    dropped = confirmed("снята", first)
    Need.objects.filter(pk=dropped.pk).update(status="dropped")
    offer = offered(world, client)
    assert [told.title for told in draw([offer], today)[offer.pk].told] == ["в срок"]


def test_an_offer_made_after_the_campaigns_day_is_paid_from_the_month_after(world: World) -> None:
    offer = offered(world)
    found = draw([offer], date(2026, 12, 15))[offer.pk]
    assert found.effective_on == date(2027, 1, 1)


# --- frozen, and not doubled -------------------------------------------------------------------
def test_a_letter_keeps_its_words_though_the_client_changed(world: World, case: Case) -> None:
    row = written(world, offered(world, case.client))
    before = text_of(services.pdf_of_letter(row))
    Client.objects.filter(pk=case.client.pk).update(name="Другое имя")
    Need.objects.filter(pk=case.need.pk).update(title="Другая задача")
    TextBlock.objects.filter(section="letter").update(text="Иначе")
    assert text_of(services.pdf_of_letter(PriceLetter.objects.get(pk=row.pk))) == before


def test_the_database_refuses_to_change_a_letter(world: World) -> None:
    row = written(world, offered(world))
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        PriceLetter.objects.filter(pk=row.pk).update(made_on=date(2020, 1, 1))


def test_a_letter_made_twice_at_the_same_figures_is_one(world: World, move_clock: Callable) -> None:
    offer = offered(world)
    first = written(world, offer)
    move_clock(clock.now() + timedelta(days=2))
    assert written(world, offer, "galina") == first
    changed = make_offer(
        actor=world.users["anna"], offer=offer, percent=Decimal("15.5"), on=clock.today()
    )
    other = written(world, changed)
    assert (other.pk != first.pk, letter_of(other).price_after) == (True, Decimal("13860.00"))
    assert offer.letters.count() == 2


def test_a_new_letterhead_or_text_makes_another_letter(world: World) -> None:
    offer = offered(world)
    first = written(world, offer)
    services.save_letterhead(
        actor=world.users["elena"], values={"name": "Другой центр", "requisites": "", "colour":
        "#114411"}, logo=None, now=clock.now(),
    )  # fmt: skip
    second = written(world, offer)
    TextBlock.objects.filter(section="letter").update(text="Иначе")
    third = written(world, offer)
    assert len({first.pk, second.pk, third.pk}) == 3
    assert letter_of(third).text == "Иначе"


# --- who may, and of what ----------------------------------------------------------------------
def test_only_an_offer_that_waits_for_an_answer_gets_a_letter(world: World) -> None:
    planned = world.row("accounts.indexationoffer")
    with pytest.raises(ValidationError, match="ждёт ответа"):
        written(world, planned)
    offer = offered(world)
    refuse(actor=world.users["anna"], offer=offer, on=clock.today(), reason="дорого")
    with pytest.raises(ValidationError, match="ждёт ответа"):
        written(world, offer)


def test_a_strangers_offer_gets_no_letter(world: World) -> None:
    offer = offered(world, world.clients["foreign"])
    with pytest.raises(Refused):
        written(world, offer)
    with pytest.raises(Refused):
        written(world, offer, "zhanna")
    with pytest.raises(ValidationError, match="нет"):
        order(world, IndexationOffer.objects.all())


def order(world: World, offers: object, who: str = "anna") -> LetterBatch:
    return services.request_letters(
        actor=world.users[who], campaign=world.campaign, offers=offers, title="Все",
        now=clock.now(),
    )  # fmt: skip


def test_an_order_takes_what_one_sees_and_leaves_its_trace(world: World) -> None:
    mine, _ = offered(world), offered(world, world.clients["foreign"])
    known = written(world, mine)
    second = offered(world, factories.client(world.staff["anna"], world.noio1))
    batch = order(world, IndexationOffer.objects.all())
    assert set(batch.letters.values_list("offer_id", flat=True)) == {mine.pk, second.pk}
    assert (batch.size, batch.written) == (2, 1) and known in batch.letters.all()
    entry = AuditEntry.objects.get(subject=f"reports.letterbatch:{batch.pk}", action="create")
    assert (entry.actor, entry.after["size"]) == (world.users["anna"], 2)
    new = batch.letters.exclude(pk=known.pk).get()
    trace = AuditEntry.objects.get(subject=f"reports.priceletter:{new.pk}")
    assert trace.about == f"accounts.client:{second.client_id}" and "snapshot" not in trace.after


def test_an_order_asks_no_more_queries_for_more_letters(world: World) -> None:
    def asked() -> int:
        with CaptureQueriesContext(
            connection,
        ) as found:
            order(world, IndexationOffer.objects.all())
        return len(found)

    offered(world)
    asked()
    offered(world, factories.client(world.staff["anna"], world.noio1))
    few = asked()
    for _ in range(5):
        offered(world, factories.client(world.staff["anna"], world.noio1))
    assert asked() == few


def test_more_letters_than_a_run_can_print_are_refused(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from reports.services import letters

    monkeypatch.setattr(letters, "MOST", 1)
    offered(world)
    offered(world, factories.client(world.staff["anna"], world.noio1))
    with pytest.raises(ValidationError, match="сузьте"):
        order(world, IndexationOffer.objects.all())
    assert not LetterBatch.objects.filter(title="Все").exists()


# --- printed and packed ------------------------------------------------------------------------
def work(batch: LetterBatch) -> JobRun:
    run = jobs.claim(clock.now())
    assert run is not None and (run.kind, run.key) == (services.LETTERS, str(batch.pk))
    jobs.perform(run)
    run.refresh_from_db()
    return run


@pytest.fixture(autouse=True)
def no_heart(monkeypatch: pytest.MonkeyPatch) -> None:
    """It beats on a connection of its own, which sees nothing of the test's transaction."""
    monkeypatch.setattr(jobs.JobContext, "beat", lambda self: None)


@pytest.fixture
def folder(settings: object, tmp_path: object) -> None:
    settings.MEDIA_ROOT = tmp_path  # type: ignore[attr-defined]


def two(world: World) -> LetterBatch:
    offered(world, factories.client(world.staff["anna"], world.noio1, name="=Формула"))
    offered(world, factories.client(world.staff["anna"], world.noio1, name="ООО «Я/..\\»"))
    return order(world, IndexationOffer.objects.all())


@pytest.mark.usefixtures("quick_press", "folder")
def test_a_batch_becomes_a_zip_with_an_index(world: World, client_as: Callable) -> None:
    batch = two(world)
    browser = client_as("anna")
    assert browser.get(f"/letters/batches/{batch.pk}/zip/").status_code == 404
    assert work(batch).counters == {"letters": 2, "failed": 0, "packed": 2}
    answer = browser.get(f"/letters/batches/{batch.pk}/zip/")
    content = b"".join(answer.streaming_content)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        names = archive.namelist()
        rows = list(
            csv.reader(io.StringIO(archive.read("Список.csv").decode("utf-8-sig")), delimiter=";")
        )
    assert names == ["0001_Формула_Д-74.pdf", "0002_ООО_Я_Д-75.pdf", "Список.csv"]
    assert rows[1][1] == "'=Формула" and rows[1][4:7] == [
        "12000.00".replace(".", ","),
        "15,00",
        "13800,00",
    ]
    assert client_as("boris").get(f"/letters/batches/{batch.pk}/zip/").status_code == 404
    Client.objects.filter(name="=Формула").update(specialist=world.staff["vera"])
    assert browser.get(f"/letters/batches/{batch.pk}/zip/").status_code == 404


@pytest.mark.usefixtures("folder")
def test_a_letter_that_cannot_be_printed_holds_nobody_up_and_is_tried_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = two(world)
    broken = ["=Формула"]

    def press(letter: Letter, *rest: object) -> bytes:
        if letter.client in broken:
            raise pdf.Unprintable("Не печатается.")
        return b"%PDF- quick"

    monkeypatch.setattr(paper, "as_pdf", press)
    assert work(batch).counters == {"letters": 1, "failed": 1, "packed": 1}
    progress = progress_of(batch, run_of(batch, services.LETTERS))
    assert (progress.built, progress.failed, progress.is_ended) == (1, 1, True)
    broken.clear()
    services.retry_letters(actor=world.users["anna"], batch=batch)
    with pytest.raises(ValidationError, match="ещё печатаются"):
        services.retry_letters(actor=world.users["anna"], batch=batch)
    assert work(batch).counters == {"letters": 1, "failed": 0, "packed": 2}


@pytest.mark.usefixtures("quick_press", "folder")
def test_the_card_is_asked_for_anew_once_all_is_printed(world: World, client_as: Callable) -> None:
    batch = two(world)
    anna = client_as("anna")
    part = f"/letters/batches/{batch.pk}/progress/"
    assert "HX-Refresh" not in anna.get(part, headers={"hx-request": "true"})
    work(batch)
    assert anna.get(part, headers={"hx-request": "true"})["HX-Refresh"] == "true"
    alone = anna.get(part)
    assert (alone.status_code, alone["Location"]) == (302, f"/letters/batches/{batch.pk}/")


@pytest.mark.usefixtures("quick_press", "folder")
def test_packing_asks_no_more_queries_for_more_letters(
    world: World, count_queries: Callable
) -> None:
    def asked(batch: LetterBatch) -> int:
        quiet = {"hold": lambda: None, "stop": lambda: None, "step": lambda *_: None}
        services.print_letters(batch.pk, now=clock.now(), **quiet)  # printed: only packed below
        with count_queries() as queries:
            services.print_letters(batch.pk, now=clock.now(), **quiet)
        return len(queries)

    few = asked(two(world))
    for _ in range(6):
        offered(world, factories.client(world.staff["anna"], world.noio1))
    assert asked(order(world, IndexationOffer.objects.all())) == few


@pytest.mark.usefixtures("folder")
def test_a_stopped_batch_keeps_what_is_printed_and_goes_on(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = two(world)
    anna = world.users["anna"]

    def press(*rest: object) -> bytes:
        if not LetterFile.objects.filter(letter__in=batch.letters.all()).exists():
            services.cancel_letters(actor=anna, batch=batch)
        return b"%PDF- quick"

    monkeypatch.setattr(paper, "as_pdf", press)
    run = work(batch)
    assert run.status == JobStatus.CANCELLED
    progress = progress_of(batch, run)
    assert (progress.built, progress.cancelled) == (1, 1)
    with pytest.raises(ValidationError, match="уже закончилась"):
        services.cancel_letters(actor=anna, batch=batch)
    services.retry_letters(actor=anna, batch=batch)
    assert work(batch).counters == {"letters": 1, "failed": 0, "packed": 2}


@pytest.mark.usefixtures("quick_press", "folder")
def test_a_run_taken_over_writes_no_letter(world: World) -> None:
    batch = two(world)

    def lost() -> None:
        raise jobs.LeaseLost

    with pytest.raises(jobs.LeaseLost):
        services.print_letters(
            batch.pk, now=clock.now(), step=lambda *a: None, hold=lost, stop=lambda: None
        )
    assert not LetterFile.objects.filter(letter__in=batch.letters.all()).exists()
    assert not services.letters_path(batch.pk).exists()


# --- pages -------------------------------------------------------------------------------------
@pytest.mark.usefixtures("quick_press", "folder")
def test_from_the_board_to_the_letters(world: World, client_as: Callable) -> None:
    offered(world)
    browser = client_as("anna")
    board = browser.get(f"/campaigns/{world.campaign.pk}/").content.decode()
    assert f'hx-get="/campaigns/{world.campaign.pk}/letters/"' in board
    part = browser.get(f"/campaigns/{world.campaign.pk}/letters/").content.decode()
    assert "Ждут ответа 1 предложение, письмо есть у 0" in part
    empty = browser.post(f"/campaigns/{world.campaign.pk}/letters/new/", {"segment": "network"})
    assert empty.status_code == 422
    answer = browser.post(f"/campaigns/{world.campaign.pk}/letters/new/", {"segment": "retail"})
    batch = LetterBatch.objects.latest("pk")
    assert (answer.status_code, answer.url) == (302, f"/letters/batches/{batch.pk}/")
    assert batch.title == "Розница"
    waiting = browser.get(answer.url).content.decode()
    assert "ждёт" in waiting and 'hx-trigger="every 2s"' in waiting
    work(batch)
    ready = browser.get(answer.url).content.decode()
    assert "Скачать архив" in ready and 'hx-trigger="every 2s"' not in ready
    listed = browser.get(f"/letters/?campaign={world.campaign.pk}").content.decode()
    assert "13\u00a0800,00" in listed


def test_the_offers_card_shows_the_letter_before_and_after(
    world: World, client_as: Callable
) -> None:
    offer = offered(world)
    browser = client_as("anna")
    assert (
        f'hx-get="/offers/{offer.pk}/letters/"'
        in browser.get(f"/offers/{offer.pk}/").content.decode()
    )
    preview = browser.get(f"/offers/{offer.pk}/letter/").content.decode()
    assert "13\u00a0800,00" in preview and not PriceLetter.objects.filter(offer=offer).exists()
    made = browser.post(f"/offers/{offer.pk}/letter/make/")
    row = PriceLetter.objects.get(offer=offer)
    assert made.url == f"/letters/{row.pk}/"
    assert row.digest in browser.get(made.url).content.decode()
    assert f"/letters/{row.pk}/pdf/" in browser.get(f"/offers/{offer.pk}/letters/").content.decode()
    answer = browser.get(f"/letters/{row.pk}/pdf/")
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("application/pdf", "no-store")
    planned = world.row("accounts.indexationoffer")
    back = browser.post(f"/offers/{planned.pk}/letter/make/", follow=True)
    assert services.NOT_OFFERED in back.content.decode()


def test_pages_of_letters_show_no_more_queries_with_more_rows(
    world: World, client_as: Callable, count_queries: Callable
) -> None:
    browser = client_as("anna")
    offered(world)
    batch = order(world, IndexationOffer.objects.all())
    addresses = ["/letters/", f"/letters/batches/{batch.pk}/", "/letters/batches/"]

    def counted() -> list[int]:
        found = []
        for address in addresses:
            with count_queries() as queries:
                assert browser.get(address).status_code == 200
            found.append(len(queries))
        return found

    counted()
    few = counted()
    for _ in range(6):
        client = factories.client(world.staff["anna"], world.noio1)
        batch.letters.add(written(world, offered(world, client)))
    assert counted() == few


# --- REST --------------------------------------------------------------------------------------
def test_rest_reads_letters_and_orders_them_once(world: World, api_as: Callable) -> None:
    offered(world)
    offered(world, world.clients["foreign"])
    anna = api_as("anna")
    asked = {"campaign": world.campaign.pk, "segment": "retail"}
    headers = {"Idempotency-Key": "letters-of-november"}
    made = anna.post("/api/v1/letter-batches/", asked, format="json", headers=headers)
    assert (made.status_code, made.json()["size"], made.json()["title"]) == (201, 1, "Розница")
    again = anna.post("/api/v1/letter-batches/", asked, format="json", headers=headers)
    assert again.json() == made.json()
    assert LetterBatch.objects.filter(title="Розница").count() == 1
    (row,) = anna.get(f"/api/v1/price-letters/?batch={made.json()['id']}").json()["results"]
    assert (row["price_before"], row["percent"], row["price_after"], row["effective_on"]) == (
        "12000.00", "15.00", "13800.00", "2026-12-01",
    )  # fmt: skip
    assert api_as("boris").get(f"/api/v1/price-letters/{row['id']}/").status_code == 404
    assert api_as("boris").get(f"/api/v1/letter-batches/{made.json()['id']}/").status_code == 404
    foreign = anna.get("/api/v1/price-letters/?batch=987654321")
    assert foreign.status_code == 400
    nothing = anna.post("/api/v1/letter-batches/", asked | {"segment": "network"}, format="json")
    assert nothing.status_code == 400


@pytest.mark.usefixtures("quick_press")
def test_rest_gives_the_letter_as_a_file(world: World, api_as: Callable) -> None:
    row = written(world, offered(world))
    answer = api_as("anna").get(f"/api/v1/price-letters/{row.pk}/content/")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content == b"%PDF- quick"


def test_the_words_of_the_office_are_edited_like_those_of_sections(
    world: World, client_as: Callable
) -> None:
    block = TextBlock.objects.get(section="letter", segment="retail")
    browser = client_as("elena")
    listed = browser.get("/reports/texts/?section=letter").content.decode()
    assert "Письмо о новой цене" in listed and f"/reports/texts/{block.pk}/" in listed
    typed = {"version": block.version, "text": "Цена растёт вместе с расходами."}
    assert browser.post(f"/reports/texts/{block.pk}/", typed).status_code == 302
    row = written(world, offered(world))
    assert letter_of(row).text == "Цена растёт вместе с расходами."
