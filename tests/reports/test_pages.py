"""Pages, REST and batches: what a person meets on the way."""

import csv
import io
import zipfile
from datetime import timedelta

import pytest
from django.urls import reverse

from core import clock
from core.enums import JobStatus
from core.models import JobRun
from core.services import update
from reports import printing, services
from reports.enums import ReportStatus
from reports.models import CooperationReport
from reports.selectors.batches import progress_of
from tests import factories
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """What is printed is told by test_content; here it costs nothing."""
    monkeypatch.setattr(printing, "as_pdf", lambda sheet: b"%PDF- quick")


def test_the_editor_saves_order_switches_and_words(case: Case, client_as):
    report = case.report()
    address = f"/reports/{report.pk}/edit/"
    assert client_as("anna").get(address).status_code == 200
    codes = [row["code"] for row in report.sections]
    typed = {"version": report.version}
    for place, code in enumerate(codes, 1):
        typed |= {f"place_{code}": 10 - place, f"on_{code}": "on", f"text_{code}": f"о {code}"}
    del typed["on_prices"]
    assert client_as("anna").post(address, typed).status_code == 302
    report.refresh_from_db()
    assert [row["code"] for row in report.sections] == codes[::-1]
    assert [row["code"] for row in report.sections if not row["on"]] == ["prices"]
    assert client_as("anna").post(address, typed).status_code == 409  # somebody was first


def test_rest_asks_edits_and_does_not_approve_ones_own(case: Case, api_as):
    today = clock.today()
    asked = {
        "client": case.client.pk,
        "since": str(today - timedelta(days=90)),
        "until": str(today),
    }
    made = api_as("galina").post("/api/v1/reports/", asked, format="json")
    assert (made.status_code, made.json()["status"]) == (201, "requested")
    draft = case.report()
    sections = [{"code": "news", "on": True, "text": "слова"}]
    typed = {"sections": sections}
    changed = api_as("anna").patch(
        f"/api/v1/reports/{draft.pk}/", typed, format="json", headers={"if-match": "1"}
    )
    assert changed.status_code == 200 and changed.json()["sections"][0] == sections[0]
    address = f"/api/v1/reports/{draft.pk}/approve/"
    own = api_as("anna").post(address, format="json", headers={"if-match": "2"})
    assert own.status_code == 403
    done = api_as("galina").post(address, format="json", headers={"if-match": "2"})
    assert (done.status_code, done.json()["status"]) == (200, "final")


def test_a_batch_is_stopped_tried_again_and_packed(case: Case, world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    other = factories.client(world.staff["anna"], world.noio1, name="=ЗЛО()")
    today = clock.today()
    batch = services.request_batch(
        actor=case.head,
        clients=[case.client, other],
        title="Отдел",
        since=today - timedelta(days=60),
        until=today,
        now=clock.now(),
    )
    one, two = CooperationReport.objects.filter(batch=batch).order_by("pk")
    none = {"step": lambda *a: None, "hold": lambda: None, "stop": lambda: None}
    services.build(one.pk, now=clock.now(), **none)
    JobRun.objects.filter(key=str(one.pk)).update(status=JobStatus.DONE)
    assert services.cancel_batch(actor=case.head, batch=batch) == 1
    told = progress_of(batch, services.BUILD)
    assert (told.built, told.cancelled, told.is_ended) == (1, 1, True)
    assert services.retry_batch(actor=case.head, batch=batch) == 1
    assert not progress_of(batch, services.BUILD).is_ended
    two.refresh_from_db()
    assert two.status == ReportStatus.REQUESTED
    assert services.pack(batch.pk, **none) == {"reports": 1}
    with zipfile.ZipFile(services.pack_path(batch.pk)) as packed:
        rows = list(
            csv.reader(io.StringIO(packed.read("Список.csv").decode("utf-8-sig")), delimiter=";")
        )
        member = next(row[0] for row in rows if row[0].endswith(".pdf"))
        assert packed.read(member) == b"%PDF- quick"
    assert {row[1] for row in rows[1:]} == {case.client.name, "'=ЗЛО()"}
    assert list(tmp_path.rglob("*.part")) == []


def test_a_zip_that_breaks_leaves_nothing(case: Case, settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    batch = factories.report_batch(case.head, case.report())

    def full(sheet: printing.Sheet) -> bytes:
        raise OSError("no space left")

    monkeypatch.setattr(printing, "as_pdf", full)
    none = {"step": lambda *a: None, "hold": lambda: None, "stop": lambda: None}
    with pytest.raises(OSError, match="no space"):
        services.pack(batch.pk, **none)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_zip_is_given_only_while_all_of_it_is_in_scope(
    case, world, settings, tmp_path, client_as
):
    settings.MEDIA_ROOT = tmp_path
    batch = factories.report_batch(world.users["anna"], case.report())
    none = {"step": lambda *a: None, "hold": lambda: None, "stop": lambda: None}
    services.pack(batch.pk, **none)
    assert client_as("anna").get(f"/reports/batches/{batch.pk}/zip/").status_code == 200
    case.client.specialist = world.staff["boris"]
    case.client.save()
    assert client_as("anna").get(f"/reports/batches/{batch.pk}/zip/").status_code == 404


def test_a_button_acts_only_on_what_the_person_saw(case: Case, client_as):
    """The page stands open while the colleague sends the report to the head."""
    report = case.report()
    page = client_as("anna").get(f"/reports/{report.pk}/").content.decode()
    seen = report.version
    assert page.count(f'name="version" value="{seen}"') == 2  # to the head, figures anew
    report = services.submit(actor=case.author, report=report)
    address = f"/reports/{report.pk}/build/"
    said = client_as("anna").post(address, {"version": seen}, follow=True).content.decode()
    report.refresh_from_db()
    assert "уже изменили" in said and report.status == ReportStatus.REVIEW
    client_as("anna").post(address, {"version": report.version})
    report.refresh_from_db()
    assert report.status == ReportStatus.REQUESTED


def test_a_link_is_revoked_as_it_was_seen(case: Case, client_as):
    report = case.final()
    link = factories.report_link(report, case.participant)
    seen = link.version
    page = client_as("anna").get(f"/reports/{report.pk}/").content.decode()
    revoke = page.split(reverse("report_link_revoke", args=[link.pk]))[1].split("</form>")[0]
    assert f'name="version" value="{seen}"' in revoke
    link = update(link, {"mailed_at": clock.now()}, actor=case.author)
    address = reverse("report_link_revoke", args=[link.pk])
    said = client_as("anna").post(address, {"version": seen}, follow=True).content.decode()
    link.refresh_from_db()
    assert "уже что-то сделали" in said and link.revoked_at is None
    said = client_as("anna").post(address, {"version": link.version}, follow=True).content.decode()
    link.refresh_from_db()
    assert "Ссылка отозвана" in said and link.revoked_at
