"""From requested to presented: who may, what is refused, what is sealed for ever."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from core import clock, jobs
from core.enums import JobStatus
from core.errors import Conflict, Refused
from core.models import AuditEntry, Event, JobRun
from reports import printing, services
from reports.enums import ReportStatus
from reports.models import CooperationReport, Letterhead, ReportFile
from reports.selectors.reports import editions_of, is_intact, sections_of
from tests import factories
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """What is printed is told by test_content; here it costs nothing."""
    monkeypatch.setattr(printing, "as_pdf", lambda sheet: f"%PDF- {sheet.digest}".encode())


def build(report: CooperationReport) -> dict[str, int]:
    """What the job does."""
    return services.build(
        report.pk, now=clock.now(), step=lambda *a: None, hold=lambda: None, stop=lambda: None
    )


def ask(case: Case) -> CooperationReport:
    today = clock.today()
    return services.request_report(
        actor=case.author,
        client=case.client,
        since=today - timedelta(days=364),
        until=today,
        now=clock.now(),
    )


def test_a_request_is_built_in_the_background(case: Case):
    report = ask(case)
    run = JobRun.objects.get(kind=services.BUILD, key=str(report.pk))
    assert (report.status, run.status) == (ReportStatus.REQUESTED, JobStatus.QUEUED)
    build(report)
    report.refresh_from_db()
    assert report.status == ReportStatus.DRAFT
    assert report.file.version == report.version and report.sections[0]["text"]
    assert bytes(report.file.content).startswith(b"%PDF-")


def test_building_twice_changes_nothing(case: Case):
    report = ask(case)
    build(report)
    before = CooperationReport.objects.values().get(pk=report.pk)
    assert build(report) == {"reports": 0}
    assert CooperationReport.objects.values().get(pk=report.pk) == before
    assert ReportFile.objects.filter(report=report).count() == 1


def test_a_run_that_lost_its_lease_writes_nothing(case: Case):
    report = ask(case)

    def lost() -> None:
        raise jobs.LeaseLost

    with pytest.raises(jobs.LeaseLost):
        services.build(
            report.pk, now=clock.now(), step=lambda *a: None, hold=lost, stop=lambda: None
        )
    report.refresh_from_db()
    assert report.status == ReportStatus.REQUESTED and report.snapshot is None
    assert not ReportFile.objects.filter(report=report).exists()


@pytest.mark.parametrize(
    ("since", "until", "field"),
    [(10, 20, "until"), (10, -1, "until"), (2000, 0, "since")],
)
def test_a_period_that_cannot_be_is_refused_at_its_field(case: Case, since, until, field):
    today = clock.today()
    with pytest.raises(ValidationError) as refused:
        services.request_report(
            actor=case.author,
            client=case.client,
            since=today - timedelta(days=since),
            until=today - timedelta(days=until),
            now=clock.now(),
        )
    assert list(refused.value.message_dict) == [field]


def test_a_strange_client_is_refused(case: Case, world):
    with pytest.raises(Refused):
        services.request_report(
            actor=world.users["anna"],
            client=world.clients["foreign"],
            since=clock.today(),
            until=clock.today(),
            now=clock.now(),
        )


def test_the_author_does_not_approve(case: Case, world):
    own = factories.report(case.client, case.head)
    with pytest.raises(Refused):
        services.approve(actor=case.head, report=own, now=clock.now())
    with pytest.raises(Refused):
        services.approve(actor=case.author, report=case.report(), now=clock.now())
    done = services.approve(actor=world.users["elena"], report=own, now=clock.now())
    assert done.status == ReportStatus.FINAL and is_intact(done)
    with pytest.raises(ValidationError, match="не автор"):
        factories.report(case.client, case.head, status="final", approved_by=case.head)


def test_the_final_is_printed_by_a_job(case: Case):
    report = case.final()
    assert JobRun.objects.filter(kind=services.PRINT, key=str(report.pk)).exists()
    for times in (1, 0):
        done = services.print_pdf(
            report.pk, now=clock.now(), step=lambda *a: None, hold=lambda: None
        )
        assert done == {"printed": times}
    assert report.file.version == report.version
    assert services.pdf_of(report) == bytes(report.file.content)


def test_two_editors_do_not_overwrite_each_other(case: Case):
    report = case.report()
    rows = [{"code": "usage", "on": True, "text": "первый"}]
    services.save_sections(actor=case.author, report=report, sections=rows, version=1)
    with pytest.raises(Conflict):
        services.save_sections(actor=case.head, report=report, sections=rows, version=1)
    report.refresh_from_db()
    assert sections_of(report)[0].text == "первый"


def test_no_section_at_all_is_refused(case: Case):
    rows = [{"code": "usage", "on": False, "text": ""}]
    with pytest.raises(ValidationError):
        services.save_sections(actor=case.author, report=case.report(), sections=rows, version=1)


def test_sent_returned_mended_approved(case: Case):
    report = services.submit(actor=case.author, report=case.report())
    assert report.status == ReportStatus.REVIEW
    report = services.give_back(actor=case.head, report=report, note="Добавьте слова о цене")
    assert (report.status, report.returned_note) == ("draft", "Добавьте слова о цене")
    report = services.submit(actor=case.author, report=report)
    report = services.approve(actor=case.head, report=report, now=clock.now())
    assert (report.status, report.returned_note) == (ReportStatus.FINAL, "")
    audited = AuditEntry.objects.filter(subject=f"reports.cooperationreport:{report.pk}")
    assert audited.count() == 4


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE reports_cooperationreport SET snapshot = '{}' WHERE id = %s",
        "UPDATE reports_cooperationreport SET sections = '[]' WHERE id = %s",
        "UPDATE reports_cooperationreport SET digest = 'x' WHERE id = %s",
        "UPDATE reports_cooperationreport SET status = 'draft' WHERE id = %s",
        "UPDATE reports_cooperationreport SET client_id = client_id + 1 WHERE id = %s",
        "DELETE FROM reports_cooperationreport WHERE id = %s",
    ],
)
def test_the_database_itself_keeps_what_is_approved(case: Case, statement):
    report = case.final()
    with pytest.raises(DatabaseError, match="never"), transaction.atomic():
        connection.cursor().execute(statement, [report.pk])
    assert is_intact(CooperationReport.objects.get(pk=report.pk))


def test_a_letterhead_never_changes_and_a_sealed_report_keeps_its_own(case: Case, world):
    report = case.final()
    services.save_letterhead(
        actor=world.users["elena"],
        values={"name": "Новое имя", "requisites": "", "colour": "#004400"},
        logo=None,
        now=clock.now(),
    )
    assert is_intact(CooperationReport.objects.get(pk=report.pk))
    assert services.sheet_of(report).look.name != "Новое имя"
    assert services.sheet_of(case.report()).look.name == "Новое имя"
    with pytest.raises(DatabaseError), transaction.atomic():
        Letterhead.objects.update(name="x")


@pytest.mark.parametrize(
    ("colour", "fits"), [("#ffee88", False), ("#1a5cad", True), ("red", False)]
)
def test_a_colour_must_be_read_on_white(world, colour, fits):
    def save() -> Letterhead:
        return services.save_letterhead(
            actor=world.users["elena"],
            values={"name": "Центр", "requisites": "", "colour": colour},
            logo=None,
            now=clock.now(),
        )

    if fits:
        assert save().colour == colour
    else:
        with pytest.raises(ValidationError) as refused:
            save()
        assert "colour" in refused.value.message_dict


@pytest.mark.parametrize("logo", [b"<svg onload=x/>", b"GIF89a", b"\x89PNG\r\n\x1a\n", b""])
def test_a_logo_is_a_picture_by_what_is_inside(world, logo):
    with pytest.raises(ValidationError) as refused:
        services.save_letterhead(
            actor=world.users["elena"],
            values={"name": "Центр", "requisites": "", "colour": "#1a5cad"},
            logo=logo,
            now=clock.now(),
        )
    assert "logo" in refused.value.message_dict


def test_presented_on_a_visit_meets_its_criterion(case: Case, k2):
    report = services.present(
        actor=case.head,
        report=case.final(),
        participant=case.participant,
        on=clock.today(),
        outcome="Продлеваем",
        now=clock.now(),
        visit=k2,
    )
    assert report.status == ReportStatus.PRESENTED and report.visit == k2
    mark = k2.marks.get(criterion__code="04")
    assert str(case.participant) in mark.evidence
    event = Event.objects.get(kind="report.presented")
    assert (event.subject_id, event.client_id) == (report.pk, case.client.pk)
    assert is_intact(CooperationReport.objects.get(pk=report.pk))


def test_presenting_keeps_the_marks_that_stood_there(case: Case, k2):
    from visits.services import add_mark

    add_mark(actor=case.head, visit=k2, code="02", evidence="нашли потребность")
    services.present(
        actor=case.head, report=case.final(), participant=case.participant, on=clock.today(),
        outcome="", now=clock.now(), visit=k2,
    )  # fmt: skip
    assert k2.marks.get(criterion__code="02").evidence == "нашли потребность"
    assert k2.marks.filter(criterion__code="04").exists()


def test_presented_to_a_stranger_or_before_approval_is_refused(case: Case, world, k2):
    final = case.final()
    other = world.rows["foreign"]["contacts.participant"]
    today = clock.today()
    for wrong, given in [
        ("participant", {"participant": other}),
        ("on", {"on": today + timedelta(days=1)}),
        ("on", {"on": today - timedelta(days=1)}),
        ("visit", {"visit": world.rows["foreign"]["k2"]}),
    ]:
        values = {"participant": case.participant, "on": today, "visit": None} | given
        with pytest.raises(ValidationError) as refused:
            services.present(actor=case.head, report=final, outcome="", now=clock.now(), **values)
        assert wrong in refused.value.message_dict
    with pytest.raises(ValidationError):
        services.present(
            actor=case.head, report=case.report(), participant=case.participant, on=today,
            outcome="", now=clock.now(),
        )  # fmt: skip


def test_a_new_edition_leaves_the_old_one(case: Case):
    old = case.final()
    before = CooperationReport.objects.values().get(pk=old.pk)
    fresh = services.request_edition(actor=case.author, report=old, now=clock.now())
    build(fresh)
    fresh.refresh_from_db()
    assert (fresh.edition, fresh.previous, fresh.status) == (2, old, ReportStatus.DRAFT)
    assert CooperationReport.objects.values().get(pk=old.pk) == before
    assert editions_of(old) == [fresh, old]
    with pytest.raises(ValidationError):
        services.request_edition(actor=case.author, report=old, now=clock.now())


def test_figures_drawn_anew_keep_the_words(case: Case):
    report = case.report()
    rows = [{"code": "usage", "on": True, "text": "мои слова"}]
    report = services.save_sections(actor=case.author, report=report, sections=rows, version=1)
    factories.usage(case.client, 111, day=clock.today() - timedelta(days=2))
    services.build_again(actor=case.author, report=report, now=clock.now())
    build(report)
    report.refresh_from_db()
    assert sections_of(report)[0].text == "мои слова"
    assert report.snapshot["usage"]["kplus"]["months"][-1] >= 111
    with pytest.raises(ValidationError):
        services.build_again(actor=case.author, report=case.final(), now=clock.now())


def test_figures_drawn_anew_are_of_the_day_they_are_drawn(case: Case, world, move_clock):
    """What the client was offered since the first draft is in the second."""
    contract = factories.contract(case.client)
    report = ask(case)
    build(report)
    report.refresh_from_db()
    asked_on = clock.today()
    assert report.snapshot["drawn_on"] == asked_on.isoformat()
    assert report.snapshot["next_year"]["prices"][0]["after"] is None
    move_clock(clock.now() + timedelta(days=7))
    factories.offer(
        world.campaign, contract, stage="offered", offered_percent=15, offered_on=clock.today()
    )
    services.build_again(actor=case.author, report=report, now=clock.now())
    build(report)
    report.refresh_from_db()
    assert report.snapshot["drawn_on"] == clock.today().isoformat()
    assert report.snapshot["next_year"]["prices"][0]["after"] is not None
    # The queue still knows its run by the day of the request.
    assert report.on == asked_on
    assert JobRun.objects.filter(kind=services.BUILD, key=str(report.pk)).count() == 1


def test_a_batch_tried_again_later_is_of_the_day_it_is_drawn(case: Case, move_clock):
    batch = services.request_batch(
        actor=case.author, clients=[case.client], title="Мои", now=clock.now(),
        since=clock.today() - timedelta(days=30), until=clock.today(),
    )  # fmt: skip
    services.cancel_batch(actor=case.author, batch=batch)
    move_clock(clock.now() + timedelta(days=3))
    assert services.retry_batch(actor=case.author, batch=batch) == 1
    report = batch.reports.get()
    build(report)
    report.refresh_from_db()
    assert report.snapshot["drawn_on"] == clock.today().isoformat()
