"""A long draft that was edited is printed in the background; a short one at once."""

from typing import Any

import pytest

from core import clock, jobs
from core.enums import JobStatus
from core.models import JobRun
from reports import printing, services
from reports.models import CooperationReport, ReportFile
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db
NONE: dict[str, Any] = {"step": lambda *a: None, "hold": lambda: None}


@pytest.fixture(autouse=True)
def press(monkeypatch) -> list[str]:
    """The words of each document that was printed; printing itself costs nothing."""
    printed: list[str] = []

    def draw(sheet: printing.Sheet) -> bytes:
        printed.append(sheet.sections[0].text)
        return f"%PDF- {sheet.sections[0].text}".encode()

    monkeypatch.setattr(printing, "as_pdf", draw)
    return printed


@pytest.fixture
def long(monkeypatch) -> None:
    monkeypatch.setattr(printing, "LONG_HTML", 0)


def edited(case: Case, text: str = "новые слова") -> CooperationReport:
    rows = [{"code": "usage", "on": True, "text": text}]
    return services.save_sections(actor=case.author, report=case.report(), sections=rows)


def runs(report: CooperationReport) -> Any:
    return JobRun.objects.filter(kind=services.PRINT, key=str(report.pk))


def work(report: CooperationReport) -> dict[str, int]:
    return services.print_pdf(report.pk, now=clock.now(), **NONE)


def test_a_short_one_is_printed_in_the_request_and_asks_for_no_job(case: Case, client_as):
    report = edited(case)
    answer = client_as("anna").get(f"/reports/{report.pk}/pdf/")
    assert answer.content.decode() == "%PDF- новые слова" and not runs(report).exists()


def test_a_long_one_asks_for_a_job_when_it_is_saved(case: Case, client_as, long, press):
    report = edited(case)
    assert runs(report).get().status == JobStatus.QUEUED
    answer = client_as("anna").get(f"/reports/{report.pk}/pdf/")
    assert answer.headers["Location"] == f"/reports/{report.pk}/printing/"
    page = client_as("anna").get(answer.headers["Location"])
    assert "печатается в очереди" in page.content.decode()
    assert "hx-get" in page.content.decode() and "HX-Redirect" not in page.headers
    assert press == []  # nothing was printed in a request
    assert work(report) == {"printed": 1}
    polled = client_as("anna").get(answer.headers["Location"], headers={"hx-request": "true"})
    assert polled.headers["HX-Redirect"] == f"/reports/{report.pk}/pdf/"
    assert client_as("anna").get(f"/reports/{report.pk}/pdf/").content == press_of(report)


def press_of(report: CooperationReport) -> bytes:
    return bytes(ReportFile.objects.get(report=report).content)


def test_a_long_one_that_failed_says_why_and_is_asked_for_again(case: Case, client_as, long):
    report = edited(case)
    runs(report).update(status=JobStatus.FAILED, error="Документ слишком большой")
    address = f"/reports/{report.pk}/printing/"
    page = client_as("anna").get(address).content.decode()
    assert "Документ слишком большой" in page and "Напечатать" in page and "every 1s" not in page
    sent = client_as("anna").post(f"/reports/{report.pk}/print/")
    assert sent.headers["Location"] == address
    assert runs(report).get().status == JobStatus.QUEUED


def test_what_is_saved_while_it_is_printed_is_printed_again(case: Case, long, monkeypatch, press):
    """The file that stays is of the text that stands."""
    report = edited(case, "первые")
    draw = printing.as_pdf

    def slow(sheet: printing.Sheet) -> bytes:
        if not press:
            services.save_sections(
                actor=case.author, report=report,
                sections=[{"code": "usage", "on": True, "text": "вторые"}],
            )  # fmt: skip
        return draw(sheet)

    monkeypatch.setattr(printing, "as_pdf", slow)
    assert work(report) == {"printed": 1}
    report.refresh_from_db()
    assert press == ["первые", "вторые"]
    assert press_of(report).decode() == "%PDF- вторые"
    assert ReportFile.objects.get(report=report).version == report.version
    assert work(report) == {"printed": 0}


def test_a_run_that_lost_its_lease_keeps_no_file(case: Case, long):
    report = edited(case)

    def lost() -> None:
        raise jobs.LeaseLost

    with pytest.raises(jobs.LeaseLost):
        services.print_pdf(report.pk, now=clock.now(), step=NONE["step"], hold=lost)
    assert not ReportFile.objects.filter(report=report).exists()


def test_what_is_not_built_is_not_printed(case: Case, client_as):
    from django.core.exceptions import ValidationError

    report = case.report(status="requested")
    assert client_as("anna").get(f"/reports/{report.pk}/printing/").status_code == 404
    assert work(report) == {"printed": 0}
    with pytest.raises(ValidationError, match="не собран"):
        services.request_print(actor=case.author, report=report)


def test_jobs_about_one_report_are_not_offered_for_a_day(world):
    from core.forms_jobs import RunForm

    offered = dict(RunForm(user=world.users["zhanna"]).fields["kind"].choices)
    assert not {services.BUILD, services.PRINT, services.PACK} & set(offered)
