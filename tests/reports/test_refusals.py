"""What the services of reports refuse, at which field, and that nothing is written then."""

import io
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from PIL import Image

from core import clock
from core.errors import Conflict, Refused
from reports import layout, printing, services
from reports.models import CooperationReport, Letterhead, ReportBatch, ReportLink, TextBlock
from reports.policy import REPORTING, CooperationReportPolicy, ReportBatchPolicy
from reports.selectors.batches import Choice, clients_of
from reports.selectors.reports import letterhead_in_force
from reports.services import LinkClosed
from reports.services.batches import MOST
from reports.services.letterhead import LARGEST_LOGO, contrast_with_white
from tests import factories
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    monkeypatch.setattr(printing, "as_pdf", lambda sheet: b"%PDF- quick")


def picture(width: int = 90, height: int = 30, kind: str = "PNG") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (width, height), "#7a1f3d").save(made, kind)
    return made.getvalue()


def letterhead(world, logo: bytes | None = None, **more: Any) -> Letterhead:
    values = {"name": "Центр", "requisites": "ИНН", "colour": "#1a5cad"}
    return services.save_letterhead(
        actor=world.users["elena"], values=values, logo=logo, now=clock.now(), **more
    )


# --- the look --------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "name"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
def test_a_logo_is_kept_until_it_is_dropped(world, kind, name):
    logo = picture(kind=kind)
    assert letterhead(world, logo).logo_kind == name
    assert bytes(letterhead(world).logo) == logo
    assert letterhead(world, drop_logo=True).logo is None
    assert letterhead_in_force().logo_kind == ""


@pytest.mark.parametrize(
    ("logo", "words"),
    [(b"x" * (LARGEST_LOGO + 1), "больше 512 КБ"), (picture(3001, 2), "шире или выше")],
)
def test_a_logo_too_large_is_refused_at_its_field(world, logo, words):
    before = Letterhead.objects.count()
    with pytest.raises(ValidationError, match=words) as refused:
        letterhead(world, logo)
    assert list(refused.value.message_dict) == ["logo"]
    assert Letterhead.objects.count() == before


def test_a_logo_stands_on_the_cover_in_the_colour_of_the_centre(world, case: Case):
    letterhead(world, picture())
    sheet = services.sheet_of(case.report())
    html = printing.as_html(sheet)
    assert 'src="asset:logo"' in html and 'alt="Центр"' in html and "--brand: #1a5cad" in html


@pytest.mark.parametrize(
    ("colour", "ratio"), [("#ffffff", 1.0), ("#000000", 21.0), ("#767676", 4.54), ("#zzzzzz", 21.0)]
)
def test_contrast_is_that_of_wcag(colour, ratio):
    assert round(contrast_with_white(colour), 2) == ratio


def test_the_look_is_the_offices_alone(world):
    with pytest.raises(Refused):
        services.save_letterhead(
            actor=world.users["galina"], values={"name": "x", "requisites": "", "colour": "#000"},
            logo=None, now=clock.now(),
        )  # fmt: skip


def test_a_text_block_is_changed_by_whoever_saw_it_last(world):
    block = TextBlock.objects.first()
    saved = services.save_block(
        actor=world.users["elena"], block=block, text="Слова", version=block.version
    )
    assert saved.text == "Слова"
    with pytest.raises(Conflict):
        services.save_block(actor=world.users["elena"], block=block, text="Другие", version=1)
    with pytest.raises(Refused):
        services.save_block(actor=world.users["anna"], block=block, text="Чужие")


# --- links -----------------------------------------------------------------------------------


def linked(case: Case) -> tuple[ReportLink, str]:
    return services.make_link(
        actor=case.author, report=case.final(), participant=case.participant, now=clock.now()
    )


def test_whoever_left_gets_no_link(case: Case):
    final = case.final()
    case.participant.ends_on = clock.today()
    case.participant.save()
    before = ReportLink.objects.count()
    with pytest.raises(ValidationError, match="больше нет в СПР") as refused:
        services.make_link(
            actor=case.author, report=final, participant=case.participant, now=clock.now()
        )
    assert list(refused.value.message_dict) == ["participant"]
    assert ReportLink.objects.count() == before


def test_without_an_address_no_letter_goes_out_and_the_link_stays(case: Case, settings):
    settings.MAIL_IS_ON = True
    link, secret = linked(case)
    assert not link.participant.person.email
    with pytest.raises(ValidationError, match="не указан e-mail"):
        services.mail_link(actor=case.author, link=link, address="x", now=clock.now())
    assert mail.outbox == []
    assert services.use_link(secret=secret, now=clock.now()) == link.report


def test_a_link_is_spent_once_even_by_two_at_once(case: Case):
    _, secret = linked(case)
    services.use_link(secret=secret, now=clock.now())
    with pytest.raises(LinkClosed) as closed:
        services.use_link(secret=secret, now=clock.now())
    assert closed.value.state == "used"
    with pytest.raises(LinkClosed) as unknown:
        services.use_link(secret="нет такой", now=clock.now())
    assert unknown.value.state == "unknown"


def test_a_link_that_somebody_changed_meanwhile_is_not_revoked(case: Case):
    link, _ = linked(case)
    with pytest.raises(Conflict):
        services.revoke_link(actor=case.author, link=link, now=clock.now(), version=9)
    assert ReportLink.objects.get(pk=link.pk).revoked_at is None


# --- the life --------------------------------------------------------------------------------


def test_each_step_wants_the_state_it_comes_from(case: Case):
    """A step out of its turn is refused in words and changes nothing."""
    draft = case.report()
    with pytest.raises(ValidationError, match="ждёт утверждения"):
        services.give_back(actor=case.head, report=draft, note="x")
    with pytest.raises(ValidationError, match="ещё не утверждён"):
        services.request_edition(actor=case.author, report=draft, now=clock.now())
    sent = services.submit(actor=case.author, report=draft)
    with pytest.raises(ValidationError, match="отправляют черновик"):
        services.submit(actor=case.author, report=sent)
    with pytest.raises(ValidationError, match="что поправить"):
        services.give_back(actor=case.head, report=sent, note="  \u200b ")
    final = services.approve(actor=case.head, report=sent, now=clock.now())
    with pytest.raises(ValidationError, match="Утвердить можно"):
        services.approve(actor=case.head, report=final, now=clock.now())
    with pytest.raises(ValidationError, match="Править можно черновик"):
        services.save_sections(
            actor=case.author, report=final, sections=[{"code": "usage", "on": True, "text": ""}]
        )
    assert CooperationReport.objects.get(pk=final.pk).version == 3


@pytest.mark.parametrize(
    ("sections", "field"),
    [
        ([{"code": "нет такого", "text": ""}], "sections"),
        ([{"text": "без кода"}], "sections"),
        ([{"code": "usage", "text": ""}, {"code": "usage", "text": ""}], "sections"),
        ([{"code": "usage", "on": "да", "text": ""}], "sections"),
        ([{"code": "usage", "text": "\u202eзадом наперёд"}], "text_usage"),
        ([{"code": "usage", "text": "ж" * (layout.LONGEST + 1)}], "text_usage"),
    ],
)
def test_what_is_no_layout_is_refused_at_its_section(case: Case, sections, field):
    report = case.report()
    with pytest.raises(ValidationError) as refused:
        services.save_sections(actor=case.author, report=report, sections=sections)
    assert list(refused.value.message_dict) == [field]
    assert CooperationReport.objects.get(pk=report.pk).sections == report.sections


@pytest.mark.parametrize("missing", ["since", "until"])
def test_a_period_without_an_end_is_refused_at_its_field(case: Case, missing):
    given = {"since": clock.today(), "until": clock.today()} | {missing: None}
    with pytest.raises(ValidationError) as refused:
        services.request_report(actor=case.author, client=case.client, now=clock.now(), **given)
    assert list(refused.value.message_dict) == [missing]


def test_a_period_of_the_last_century_is_refused(case: Case):
    from datetime import date

    with pytest.raises(ValidationError, match="раньше 2000"):
        services.request_report(
            actor=case.author, client=case.client, now=clock.now(),
            since=date(1999, 12, 31), until=date(2000, 5, 1),
        )  # fmt: skip


def test_presented_without_a_date_or_twice_is_refused(case: Case):
    final = case.final()
    call = {"actor": case.head, "report": final, "participant": case.participant,
            "outcome": "", "now": clock.now()}  # fmt: skip
    with pytest.raises(ValidationError) as refused:
        services.present(on=None, **call)
    assert list(refused.value.message_dict) == ["on"]
    case.participant.ends_on = clock.today()
    case.participant.save()
    with pytest.raises(ValidationError, match="не было в СПР"):
        services.present(on=clock.today(), **call)


def test_a_visit_of_another_day_or_of_a_head_alone_is_refused(case: Case, k2):
    final = case.final()
    call = {"report": final, "participant": case.participant, "outcome": "", "now": clock.now(),
            "on": clock.today()}  # fmt: skip
    with pytest.raises(ValidationError, match="отмечает руководитель"):
        services.present(actor=case.author, visit=k2, **call)
    k2.held_on = clock.today() - timedelta(days=1)
    k2.save()
    with pytest.raises(ValidationError, match="в другой день"):
        services.present(actor=case.head, visit=k2, **call)
    assert CooperationReport.objects.get(pk=final.pk).presented_on is None


# --- batches ---------------------------------------------------------------------------------


def test_a_batch_too_large_is_refused_whole(case: Case):
    today = clock.today()
    before = ReportBatch.objects.count()
    with pytest.raises(ValidationError, match=f"Больше {MOST}"):
        services.request_batch(
            actor=case.head, clients=[case.client] * (MOST + 1), title="Все", now=clock.now(),
            since=today - timedelta(days=9), until=today,
        )  # fmt: skip
    assert ReportBatch.objects.count() == before


def test_conditions_of_a_batch_add_up_within_ones_own_scope(case: Case, world):
    anna, boris = world.users["anna"], world.users["boris"]
    chosen = clients_of(anna, Choice(unit=world.noio1, segment=case.client.segment))
    assert case.client in chosen and world.clients["colleague"] not in chosen
    assert case.client not in clients_of(boris, Choice())
    case.client.is_key = True
    case.client.save()
    only = Choice(specialist=world.staff["anna"], only_key=True)
    assert case.client in clients_of(world.users["galina"], only)
    assert only.title.endswith("ключевые") and Choice().title == "Все мои клиенты"
    case.client.disconnected_on = clock.today()
    case.client.save()
    assert case.client not in clients_of(anna, Choice())


def test_whoever_writes_reports_is_named_in_one_place(world, case: Case):
    """An author leads or serves; nobody approves their own; an order is its giver's."""
    policy = CooperationReportPolicy()
    own = factories.report(case.client, case.head)
    assert not policy.can(case.head, "approve", own)
    assert policy.can(case.head, "approve", case.report())
    assert not policy.can(case.author, "approve", own)
    batch = factories.report_batch(case.head, own)
    assert list(ReportBatchPolicy().visible_to(case.head).filter(pk=batch.pk)) == [batch]
    assert not ReportBatchPolicy().visible_to(case.author).filter(pk=batch.pk)
    assert "administrator" not in REPORTING and len(REPORTING) == 3
