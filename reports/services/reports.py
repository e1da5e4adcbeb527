"""The life of a report: requested, edited, sent for approval, approved, presented, redone."""

from datetime import date, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client
from contacts.models import Participant
from core import events, jobs, text
from core.clock import business_date
from core.errors import Conflict, Refused
from core.policy import policy_for
from core.services import create, update
from reports import layout, printing
from reports.enums import ReportStatus
from reports.models import CooperationReport, ReportBatch
from reports.selectors.reports import letterhead_in_force, sealed
from reports.services.building import sheet_of
from reports.snapshot import digest
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit
from visits.services import add_mark

BUILD, PRINT = "report_build", "report_print"
CRITERION = "04"  # «отчёт о сотрудничестве» among the criteria of a К2У
LONGEST_DAYS = 1100
_PRESENTED = "Отчёт о сотрудничестве за {since:%d.%m.%Y}–{until:%d.%m.%Y} представлен: {who}."


@transaction.atomic
def request_report(
    *,
    actor: Any,
    client: Client,
    since: date,
    until: date,
    now: datetime,
    batch: ReportBatch | None = None,
) -> CooperationReport:
    """Ask for a draft of a period, both days inclusive; a job builds it in the background.

    Raises ValidationError by field, Refused.
    """
    policy_for(CooperationReport).check(actor, "add")
    if not policy_for(Client).can(actor, "view", client):
        raise Refused("Клиент вне вашей области.")
    check_period(since, until, business_date(now))
    row = CooperationReport(
        client=client, since=since, until=until, author=actor, requested_at=now,
        on=business_date(now), batch=batch,
    )  # fmt: skip
    return _ask(create(row, actor=actor), actor)


def check_period(since: date | None, until: date | None, today: date) -> None:
    """Refuse a period that no report can have: ValidationError by field."""
    wrong = {}
    if since is None or until is None:
        wrong = {
            name: "Укажите дату." for name, on in (("since", since), ("until", until)) if not on
        }
    elif until < since:
        wrong = {"until": "Конец раньше начала."}
    elif until > today:
        wrong = {"until": "Период ещё не закончился: последний день — сегодня."}
    elif until - since > timedelta(days=LONGEST_DAYS):
        wrong = {"since": "Период длиннее трёх лет: сократите его."}
    elif since.year < 2000:
        wrong = {"since": "Дата раньше 2000 года."}
    if wrong:
        raise ValidationError(wrong)


def _ask(row: CooperationReport, actor: Any) -> CooperationReport:
    jobs.request(BUILD, row.on, key=str(row.pk), actor=actor)
    return row


@transaction.atomic
def build_again(
    *, actor: Any, report: CooperationReport, now: datetime, version: int | None = None
) -> CooperationReport:
    """Draw the figures anew; the editor's text stays. Also after a build that failed.

    What waits for approval is a draft again: whoever asks must have seen that it waits.
    """
    row = _locked(actor, report, "change", version)
    if row.status not in ReportStatus.open():
        raise ValidationError("Утверждённый отчёт не меняется: сделайте новую редакцию.")
    row = update(row, {"status": ReportStatus.REQUESTED}, actor=actor)
    return _ask(row, actor)


@transaction.atomic
def request_edition(*, actor: Any, report: CooperationReport, now: datetime) -> CooperationReport:
    """A new edition of an approved report: its text, figures of today. The old one stays."""
    row = _locked(actor, report, "change", None)
    if not row.is_closed:
        raise ValidationError("Отчёт ещё не утверждён: правьте его самого.")
    if CooperationReport.objects.filter(previous=row).exists():
        raise ValidationError("Новая редакция уже есть.")
    policy_for(CooperationReport).check(actor, "add")
    fresh = CooperationReport(
        client=row.client, since=row.since, until=row.until, author=actor, requested_at=now,
        on=business_date(now), previous=row, edition=row.edition + 1, sections=row.sections,
    )  # fmt: skip
    return _ask(create(fresh, actor=actor), actor)


@transaction.atomic
def save_sections(
    *,
    actor: Any,
    report: CooperationReport,
    sections: list[dict[str, Any]],
    version: int | None = None,
) -> CooperationReport:
    """Keep what the editor switched, ordered and wrote; a long document is printed anew in the
    background. Raises ValidationError by section."""
    row = _locked(actor, report, "change", version, {"sections": sections})
    if row.status not in (ReportStatus.DRAFT, ReportStatus.REVIEW):
        raise ValidationError("Править можно черновик: собранный и ещё не утверждённый.")
    cleaned, wrong = [], {}
    try:
        found = layout.read(sections)
    except (KeyError, TypeError, ValueError) as error:
        raise ValidationError({"sections": "Это не список разделов отчёта."}) from error
    for section in found:
        try:
            words = text.clean(section.text)
        except ValidationError as error:
            wrong[f"text_{section.code}"] = error.messages
            continue
        if len(words) > layout.LONGEST:
            wrong[f"text_{section.code}"] = [f"Не больше {layout.LONGEST} знаков."]
        cleaned.append(layout.Section(section.code, section.on, words))
    if not any(section.on for section in found):
        wrong["sections"] = ["Оставьте хотя бы один раздел."]
    if wrong:
        raise ValidationError(wrong)
    # What was sent for approval and is then changed is a draft again.
    values = {"sections": layout.as_json(cleaned), "status": ReportStatus.DRAFT}
    row = update(row, values, actor=actor)
    if printing.takes_long(sheet_of(row)):
        jobs.request(PRINT, row.on, key=str(row.pk), actor=actor)
    return row


@transaction.atomic
def request_print(*, actor: Any, report: CooperationReport) -> CooperationReport:
    """Ask for the PDF of what a report says now; a job prints it. Raises ValidationError."""
    row = _locked(actor, report, "change", None)
    if not row.is_built:
        raise ValidationError("Черновик ещё не собран.")
    jobs.request(PRINT, row.on, key=str(row.pk), actor=actor)
    return row


@transaction.atomic
def submit(
    *, actor: Any, report: CooperationReport, version: int | None = None
) -> CooperationReport:
    """Send a draft to the head."""
    row = _locked(actor, report, "change", version)
    if row.status != ReportStatus.DRAFT:
        raise ValidationError("На утверждение отправляют черновик.")
    values = {"status": ReportStatus.REVIEW, "returned_note": ""}
    return update(row, values, actor=actor)


@transaction.atomic
def give_back(
    *, actor: Any, report: CooperationReport, note: str, version: int | None = None
) -> CooperationReport:
    """Send it back to its author, saying what to mend."""
    row = _locked(actor, report, "approve", version, {"note": note})
    if row.status != ReportStatus.REVIEW:
        raise ValidationError("Вернуть можно то, что ждёт утверждения.")
    note = text.clean(note)
    if not note:
        raise ValidationError({"note": "Напишите, что поправить."})
    values = {"status": ReportStatus.DRAFT, "returned_note": note}
    return update(row, values, actor=actor)


@transaction.atomic
def approve(
    *, actor: Any, report: CooperationReport, now: datetime, version: int | None = None
) -> CooperationReport:
    """Make it final: figures, text and look are sealed with a digest and never change again.

    Raises Refused for its author.
    """
    row = _locked(actor, report, "approve", version)
    if row.status not in (ReportStatus.DRAFT, ReportStatus.REVIEW):
        raise ValidationError("Утвердить можно собранный черновик.")
    row.letterhead = letterhead_in_force()
    values = {
        "status": ReportStatus.FINAL,
        "letterhead": row.letterhead,
        "approved_by": actor,
        "approved_at": now,
        "returned_note": "",
        "digest": digest(sealed(row)),
    }
    row = update(row, values, actor=actor)
    jobs.request(PRINT, row.on, key=str(row.pk), actor=actor)
    return row


@transaction.atomic
def present(
    *,
    actor: Any,
    report: CooperationReport,
    participant: Participant,
    on: date,
    outcome: str,
    now: datetime,
    visit: Visit | None = None,
    version: int | None = None,
) -> CooperationReport:
    """Say to whom it was presented, when, what came of it; that meets criterion 04 of the К2У.

    Raises ValidationError by field, Refused.
    """
    typed = {"participant": participant, "on": on, "outcome": outcome}
    row = _locked(actor, report, "present", version, typed)
    if row.status != ReportStatus.FINAL:
        raise ValidationError("Представляют утверждённый отчёт, и один раз.")
    _check_presented(actor, row, participant, on, visit, business_date(now))
    values = {
        "status": ReportStatus.PRESENTED,
        "presented_to": participant,
        "presented_on": on,
        "outcome": text.clean(outcome),
        "visit": visit,
    }
    row = update(row, values, actor=actor)
    if visit is not None:
        words = _PRESENTED.format(since=row.since, until=row.until, who=participant)
        add_mark(actor=actor, visit=visit, code=CRITERION, evidence=words)
    events.publish(
        "report.presented", subject=row, client=row.client,
        data={"participant": participant.pk, "on": on, "visit": visit.pk if visit else None},
    )  # fmt: skip
    return row


def _check_presented(
    actor: Any,
    row: CooperationReport,
    participant: Participant,
    on: date,
    visit: Visit | None,
    today: date,
) -> None:
    wrong = {}
    if participant.client_id != row.client_id:
        wrong["participant"] = "Это участник другого клиента."
    elif on and not participant.stands_on(on):
        wrong["participant"] = "В этот день его не было в СПР."
    if on is None:
        wrong["on"] = "Укажите дату."
    elif on > today:
        wrong["on"] = "Эта дата ещё не наступила."
    elif row.approved_at and on < business_date(row.approved_at):
        wrong["on"] = "Раньше, чем отчёт утверждён."
    if visit is not None and (
        visit.client_id != row.client_id
        or visit.level != VisitLevel.K2
        or visit.status != VisitStatus.DONE
    ):
        wrong["visit"] = "Нужен состоявшийся К2У этого клиента."
    elif visit is not None and visit.held_on != on:
        wrong["visit"] = "Этот К2У был в другой день."
    elif visit is not None and not policy_for(Visit).can(actor, "change", visit):
        wrong["visit"] = "Критерии К2У отмечает руководитель: пусть о представлении запишет он."
    if wrong:
        raise ValidationError(wrong)


def _locked(
    actor: Any,
    report: CooperationReport,
    action: str,
    version: int | None,
    typed: dict[str, Any] | None = None,
) -> CooperationReport:
    """The row under lock, allowed to the actor, unchanged since `version`."""
    row = CooperationReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    policy_for(CooperationReport).check(actor, action, row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed or {})
    return row
