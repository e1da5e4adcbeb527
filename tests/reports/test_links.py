"""Links to a report: once, for a while, revocable, throttled, and telling nothing."""

import re
from datetime import timedelta

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client as Browser
from django.urls import reverse

from config.logging import masked
from core import clock
from core.models import AuditEntry
from core.views_secret import MISSED
from reports import printing, services
from reports.models import ReportLink
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """What is printed is told by test_content; here it costs nothing."""
    monkeypatch.setattr(printing, "as_pdf", lambda sheet: b"%PDF- quick")


@pytest.fixture
def link(case: Case) -> tuple[ReportLink, str]:
    return services.make_link(
        actor=case.author, report=case.final(), participant=case.participant, now=clock.now()
    )


def page(secret: str) -> str:
    return reverse("report_download", args=[secret])


def test_a_link_gives_the_file_once(link, case: Case):
    row, secret = link
    shown = Browser().get(page(secret))
    assert shown.status_code == 200 and case.client.name not in shown.content.decode()
    given = Browser().post(page(secret))
    assert given["Content-Type"] == "application/pdf" and given.content.startswith(b"%PDF-")
    assert given["Cache-Control"] == "no-store" and "attachment" in given["Content-Disposition"]
    assert Browser().post(page(secret)).status_code == 410
    row.refresh_from_db()
    assert row.used_at == clock.now()
    used = AuditEntry.objects.filter(subject=f"reports.reportlink:{row.pk}").latest("pk")
    assert (used.via, used.actor) == ("ссылка на отчёт", None)


def test_the_base_does_not_hold_the_secret(link):
    row, secret = link
    assert secret not in str(ReportLink.objects.values().get(pk=row.pk))
    assert secret not in str(list(AuditEntry.objects.values()))
    assert secret not in masked(f"GET {page(secret)} 200")


def test_looking_spends_nothing(link):
    for _ in range(3):
        assert Browser().get(page(link[1])).status_code == 200
    assert Browser().head(page(link[1])).status_code == 200
    assert ReportLink.objects.get(pk=link[0].pk).used_at is None


def test_a_link_ends(link, case: Case, move_clock):
    row, secret = link
    move_clock(row.expires_at)
    assert Browser().post(page(secret)).status_code == 410


def test_a_revoked_link_opens_nothing(link, case: Case):
    row, secret = link
    services.revoke_link(actor=case.author, link=row, now=clock.now())
    assert Browser().get(page(secret)).status_code == 410
    assert Browser().post(page(secret)).status_code == 410
    with pytest.raises(ValidationError):
        services.revoke_link(actor=case.author, link=row, now=clock.now())


def test_whoever_left_opens_nothing(link, case: Case):
    case.participant.ends_on = clock.today()
    case.participant.save()
    assert Browser().post(page(link[1])).status_code == 410


def test_guessing_is_slowed_down(link):
    statuses = [Browser().get(page(f"guess{n}")).status_code for n in range(MISSED + 2)]
    assert statuses == [404] * MISSED + [429] * 2


def test_who_works_here_spends_no_link(link, client_as):
    assert client_as("anna").post(page(link[1])).status_code == 403
    assert ReportLink.objects.get(pk=link[0].pk).used_at is None


def test_a_draft_is_not_sent(case: Case):
    with pytest.raises(ValidationError):
        services.make_link(
            actor=case.author, report=case.report(), participant=case.participant, now=clock.now()
        )


def test_mail_is_off_unless_set_up(link, case: Case):
    with pytest.raises(ValidationError, match="не настроена"):
        services.mail_link(actor=case.author, link=link[0], address="x", now=clock.now())
    assert mail.outbox == []


def test_a_letter_holds_the_address_and_nothing_of_the_report(case: Case, settings, client_as):
    settings.MAIL_IS_ON = True
    person = case.participant.person
    person.email = "buh@example.org"
    person.save()
    report = case.final()
    answer = client_as("anna").post(
        reverse("report_link", args=[report.pk]),
        {"participant": case.participant.pk, "by_mail": "on"},
    )
    assert "Письмо отправлено" in answer.content.decode()
    (letter,) = mail.outbox
    assert letter.to == ["buh@example.org"] and case.client.name not in letter.body
    secret = re.search(r"/download/([\w-]+)/", letter.body)[1]
    assert Browser().post(page(secret)).status_code == 200
    assert secret not in answer.content.decode()


def test_a_letter_that_does_not_go_out_closes_its_link(link, case: Case, settings, monkeypatch):
    settings.MAIL_IS_ON = True
    case.participant.person.email = "buh@example.org"
    case.participant.person.save()

    def refuse(self, *args, **kwargs):
        raise OSError("no server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    row = ReportLink.objects.select_related("participant__person", "report__letterhead").get(
        pk=link[0].pk
    )
    with pytest.raises(ValidationError, match="не ушло"):
        services.mail_link(actor=case.author, link=row, address="x", now=clock.now())
    assert Browser().post(page(link[1])).status_code == 410
    assert (clock.now() - row.created_at) < timedelta(days=1)


def test_a_page_hands_out_no_link_that_a_failed_letter_closed(
    case: Case, settings, monkeypatch, client_as
):
    settings.MAIL_IS_ON = True
    case.participant.person.email = "buh@example.org"
    case.participant.person.save()

    def refuse(self, *args, **kwargs):
        raise OSError("no server")

    monkeypatch.setattr("django.core.mail.EmailMessage.send", refuse)
    report = case.final()
    asked = {"participant": case.participant.pk, "by_mail": "on"}
    answer = client_as("anna").post(reverse("report_link", args=[report.pk]), asked, follow=True)
    assert answer.redirect_chain == [(reverse("report", args=[report.pk]), 302)]
    page_said = answer.content.decode()
    assert "Письмо не ушло" in page_said and "создайте новую" in page_said
    assert "/download/" not in page_said and report.links.get().revoked_at


def test_a_link_stays_where_there_is_nowhere_to_write(case: Case, settings, client_as):
    settings.MAIL_IS_ON = True
    case.participant.person.email = ""
    case.participant.person.save()
    asked = {"participant": case.participant.pk, "by_mail": "on"}
    answer = client_as("anna").post(reverse("report_link", args=[case.final().pk]), asked)
    assert "не указан e-mail" in answer.content.decode()
    secret = re.search(r"/download/([\w-]+)/", answer.context["address"])[1]
    assert Browser().post(page(secret)).status_code == 200
