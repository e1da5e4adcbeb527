"""Writes of contacts: plan, change, record, cancel. One path checks them all."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import Client, Employee, Unit
from contacts.models import Participant
from core import audit, events, preferences, text
from core.clock import business_date
from core.enums import AuditAction
from core.errors import Conflict, Refused
from core.policy import policy_for
from core.services import create, update
from visits import agenda as agendas
from visits.agenda import Asked
from visits.dates import held_problems, planned_problems, score_problems
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit
from visits.policy import VisitPolicy
from visits.preferences import SATISFACTION_SCALE
from visits.preparation import Preparation, written_at
from visits.selectors import employees_for, own_employee, units_of
from visits.services.marks import lock_for_marks, pass_on_first
from visits.services.outcome import NOTHING, Outcome, write_outcome
from visits.services.submissions import is_repeat, written_before
from visits.signals import visit_changed

FIELDS = (
    "level",
    "channel",
    "employee",
    "companions",
    "participants",
    "planned_for",
    "started_at",
    "ended_at",
    "goal",
    "goal_kind",
    "plan",
    "materials",
    "services",
    "result",
    "feedback",
    "satisfaction",
    "submission",
    "external_id",
)
MANY = frozenset({"companions", "participants", "services"})


def plan_visit(
    *,
    actor: Any,
    client: Client,
    values: dict[str, Any],
    now: datetime,
    agenda: Asked | None = None,
) -> Visit:
    """Plan a contact with a client. Raises ValidationError by field, Refused.

    `agenda` names, by part, the ids of what is taken along; parts left out stay as they are.
    """
    return _add(actor, client, values, VisitStatus.PLANNED, now, agenda=agenda)


def log_visit(
    *,
    actor: Any,
    client: Client,
    values: dict[str, Any],
    now: datetime,
    outcome: Outcome = NOTHING,
    agenda: Asked | None = None,
) -> Visit:
    """Record a contact that took place without having been planned here.

    A `submission` written before, by the same actor for the same client, gives that contact.
    """
    return _add(actor, client, values, VisitStatus.DONE, now, outcome, agenda)


def update_visit(
    *,
    actor: Any,
    visit: Visit,
    values: dict[str, Any],
    now: datetime,
    version: int | None = None,
    outcome: Outcome = NOTHING,
    agenda: Asked | None = None,
) -> Visit:
    """Change a planned or a recorded contact; its status stays.

    Goal, plan or agenda changed after the start no longer count as preparation.
    """
    return _change(actor, visit, values, None, now, version, outcome, agenda)


def complete_visit(
    *,
    actor: Any,
    visit: Visit,
    values: dict[str, Any],
    now: datetime,
    version: int | None = None,
    outcome: Outcome = NOTHING,
    agenda: Asked | None = None,
) -> Visit:
    """Record that a planned contact took place."""
    return _change(actor, visit, values, VisitStatus.DONE, now, version, outcome, agenda)


@transaction.atomic
def cancel_visit(*, actor: Any, visit: Visit, reason: str, version: int | None = None) -> Visit:
    """Cancel a planned contact, or withdraw one recorded by mistake; the reason is kept."""
    if visit.level == VisitLevel.K2:
        lock_for_marks(visit.client)
    row = _open(_locked(actor, visit), {"reason": reason}, version)
    reason = text.clean(reason)
    if not reason:
        raise ValidationError({"reason": "Напишите, почему контакт отменён."})
    row = update(row, {"status": VisitStatus.CANCELLED}, actor=actor)
    audit.record(
        actor=actor, action=AuditAction.EVENT, subject=row, after={"причина отмены": reason}
    )
    pass_on_first(actor=actor, visit=row)
    visit_changed.send(sender=Visit, client_ids=[row.client_id])
    return row


@transaction.atomic
def _add(
    actor: Any,
    client: Client,
    values: dict[str, Any],
    status: str,
    now: datetime,
    outcome: Outcome = NOTHING,
    agenda: Asked | None = None,
) -> Visit:
    policy_for(Client).check(actor, "view", client)
    policy_for(Visit).check(actor, "add")
    written = written_before(actor, client, values.get("submission"))
    if written is not None:
        return written
    if values.get("level") == VisitLevel.K2:
        lock_for_marks(client)
    row = Visit(client=client, status=status)
    if "employee" not in values:
        values = {"employee": own_employee(actor)} | values
    given = checked(actor, row, values, now, agenda)
    for name, value in given.items():
        if name not in MANY:
            setattr(row, name, value)
    many = {name: given[name] for name in MANY if name in given}
    row = create(row, actor=actor, many=many)
    agendas.save(agenda or {}, row, actor)
    if status == VisitStatus.DONE:
        write_outcome(actor=actor, visit=row, outcome=outcome, now=now)
        tell([row])
    visit_changed.send(sender=Visit, client_ids=[client.pk])
    return row


@transaction.atomic
def _change(
    actor: Any,
    visit: Visit,
    values: dict[str, Any],
    status: str | None,
    now: datetime,
    version: int | None,
    outcome: Outcome = NOTHING,
    agenda: Asked | None = None,
) -> Visit:
    if VisitLevel.K2 in {visit.level, values.get("level")}:
        lock_for_marks(visit.client)
    row = _locked(actor, visit)
    if is_repeat(actor, row, values.get("submission")):
        return row
    row = _open(row, values, version)
    if status == VisitStatus.DONE and row.status == VisitStatus.DONE:
        raise ValidationError("Контакт уже записан состоявшимся.")
    was, row.status = row.status, status or row.status
    given = checked(actor, row, values, now, agenda)
    if outcome == NOTHING and row.status == was and not _differs(row, given):
        given.pop("submission", None)  # a write that changes nothing leaves no trace
    row = update(row, given | {"status": row.status}, actor=actor)
    agendas.save(agenda or {}, row, actor)
    if row.status == VisitStatus.DONE:
        write_outcome(actor=actor, visit=row, outcome=outcome, now=now)
        if was != VisitStatus.DONE:
            tell([row])
    visit_changed.send(sender=Visit, client_ids=[row.client_id])
    return row


def tell(rows: Iterable[Visit]) -> None:
    """Say to other systems that contacts took place."""
    events.publish_many(
        "visit.recorded",
        (
            (
                row,
                row.client_id,
                {"level": row.level, "started_at": row.started_at, "employee": row.employee_id},
            )
            for row in rows
        ),
    )


def _locked(actor: Any, visit: Visit) -> Visit:
    """The row under lock, allowed to the actor."""
    row = Visit.objects.select_for_update(of=("self",)).get(pk=visit.pk)
    policy_for(Visit).check(actor, "change", row)
    return row


def _open(row: Visit, typed: dict[str, Any], version: int | None) -> Visit:
    """The row, unchanged since `version` and not cancelled."""
    if version is not None and row.version != version:
        raise Conflict(current=row, typed=typed)
    if row.status == VisitStatus.CANCELLED:
        raise ValidationError("Контакт отменён. Запланируйте или запишите новый.")
    return row


class Staff:
    """In whose name an actor may record contacts of a day, and in what unit they worked then.

    Asked once for each day, of the employees `among` whom all contacts are.
    """

    def __init__(self, actor: Any, among: Iterable[int]) -> None:
        self.actor, self.among = actor, frozenset(among)
        self._open: dict[date, set[int]] = {}
        self._units: dict[date, dict[int, Unit]] = {}

    def is_open(self, employee: Employee, on: date) -> bool:
        """Whether the actor may record a contact of a day in their name."""
        if on not in self._open:
            rows = employees_for(self.actor, on).filter(pk__in=self.among)
            self._open[on] = set(rows.values_list("pk", flat=True))
        return employee.pk in self._open[on]

    def unit(self, employee: Employee, on: date) -> Unit | None:
        """The unit in which they worked on a day."""
        if on not in self._units:
            self._units[on] = units_of(self.among, on)
        return self._units[on].get(employee.pk)


def checked(
    actor: Any,
    row: Visit,
    typed: dict[str, Any],
    now: datetime,
    agenda: Asked | None = None,
    staff: Staff | None = None,
) -> dict[str, Any]:
    """The values to write, with the moment of preparation; every rule asked, every field told.

    Raises ValidationError by field, Refused. `staff` is what the contacts of a batch share.
    """
    unknown = set(typed) - set(FIELDS)
    if unknown:
        raise ValueError(f"not a field of a contact: {sorted(unknown)}")
    values = typed | {name: text.clean(typed[name]) for name in ("goal", "plan") if name in typed}
    employee = values.get("employee", row.employee if row.employee_id else None)
    staff = staff or Staff(actor, [employee.pk] if employee else [])

    def now_is(name: str) -> Any:
        return values.get(name, getattr(row, name))

    today = business_date(now)
    started_at, level = now_is("started_at"), now_is("level")
    _check_level(actor, level)
    if row.status == VisitStatus.DONE:
        day = business_date(started_at) if started_at else None
        problems = held_problems(day, started_at, now_is("ended_at"), now)
    else:
        day = now_is("planned_for")
        problems = planned_problems(day, row.planned_for, today)
        if started_at is not None:
            problems |= {"started_at": "Начало записывают, когда контакт состоялся."}
    if _scored_anew(row, values):
        values["satisfaction_scale"] = scale = preferences.read()[SATISFACTION_SCALE]
        problems |= score_problems(values["satisfaction"], scale)
    if not problems:
        problems |= _people_problems(actor, row, employee, values, day or today, staff)
    taken = agendas.ids_by_visit([row.pk])[row.pk] if row.pk else {}
    problems |= agendas.problems(agenda or {}, row.client, actor, taken)
    if problems:
        raise ValidationError(problems)
    assert employee is not None
    goal, plan = now_is("goal"), now_is("plan")
    before = Preparation(row.goal, row.plan, row.prepared_at, row.started_at)
    begins = started_at if row.status == VisitStatus.DONE else None
    return values | {
        "prepared_at": written_at(
            before,
            goal,
            plan,
            begins,
            now,
            agenda=any((taken | dict(agenda or {})).values()),
            agenda_changed=agendas.differs(agenda or {}, taken),
        ),
        "unit": staff.unit(employee, day or today),
    }


def _scored_anew(row: Visit, values: dict[str, Any]) -> bool:
    """Whether there is a score to measure by the scale of today: an old one keeps its own."""
    score = values.get("satisfaction")
    return score is not None and score != row.satisfaction


def _differs(row: Visit, values: dict[str, Any]) -> bool:
    """Whether any value is another than the one stored, the number of the send aside."""
    for name, value in values.items():
        if name in MANY:
            stored = set(getattr(row, name).values_list("pk", flat=True))
            if {one.pk for one in value} != stored:
                return True
        elif name != "submission":
            plain = text.clean(value) if isinstance(value, str) else value
            if plain != getattr(row, name):
                return True
    return False


def _check_level(actor: Any, level: str) -> None:
    policy = policy_for(Visit)
    assert isinstance(policy, VisitPolicy)
    if level and level not in policy.levels(actor):
        raise Refused("К2У записывает начальник отдела или директор.")


def _people_problems(
    actor: Any,
    row: Visit,
    employee: Employee | None,
    values: dict[str, Any],
    day: date,
    staff: Staff,
) -> dict[str, str]:
    found: dict[str, str] = {}
    if employee is None:
        found["employee"] = "Укажите, кто проводит контакт."
    elif employee.pk != row.employee_id and not staff.is_open(employee, day):
        found["employee"] = f"Вы не можете записать контакт за сотрудника {employee}."
    companions = values.get("companions")
    if companions is not None:
        found |= _companion_problems(actor, row, employee, list(companions))
    if "participants" in values or row.pk:
        chosen = values["participants"] if "participants" in values else row.participants.all()
        found |= _participant_problems(row, chosen, day)
    return found


def _companion_problems(
    actor: Any, row: Visit, employee: Employee | None, companions: list[Employee]
) -> dict[str, str]:
    if employee in companions:
        return {"companions": "Тот, кто проводит контакт, уже указан."}
    kept = set(row.companions.values_list("pk", flat=True)) if row.pk else set()
    new = {companion.pk for companion in companions} - kept
    if policy_for(Employee).visible_to(actor).filter(pk__in=new).count() != len(new):
        return {"companions": "Выберите сотрудников своего подразделения."}
    return {}


def _participant_problems(
    row: Visit, participants: Iterable[Participant], day: date
) -> dict[str, str]:
    chosen = list(participants)
    if any(participant.client_id != row.client_id for participant in chosen):
        return {"participants": "Здесь участник другого клиента."}
    absent = [str(participant) for participant in chosen if not participant.stands_on(day)]
    if absent:
        return {"participants": f"На {day:%d.%m.%Y} не в схеме клиента: {', '.join(absent)}."}
    return {}
