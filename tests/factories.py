"""Builders of rows for tests: every value may be given, the rest is valid and invented.

They validate as services do (`full_clean` fills the search keys) but ask no policy and leave no
audit row: a test of a rule should stand on data that the rule did not make.
"""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from itertools import count
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import models, transaction

from accounts import tokens
from accounts.enums import FeedCode, PositionKind, Role, Segment, TargetKind, UnitKind
from accounts.models import (
    ApiToken,
    Assignment,
    Churn,
    Client,
    Contract,
    ContractPrice,
    Employee,
    Entitlement,
    Feed,
    GndRecord,
    IndexationCampaign,
    IndexationOffer,
    Invoice,
    Payment,
    Position,
    SegmentPlan,
    Service,
    Substitution,
    Target,
    Training,
    Unit,
    Usage,
    User,
)
from contacts.enums import ParticipantRole
from contacts.models import ClientDepartment, Participant, Person, RolePeriod
from core import clock
from core.bulk.enums import ImportStatus, Outcome
from core.bulk.models import Import, ImportRow
from lamps.enums import Colour
from lamps.models import Indicator, Lamp, LampPeriod, LampScheme, Night, PoolDay
from needs.enums import ConfirmationStatus, ConfirmationWay
from needs.models import Confirmation, Need, NeedFile, NeedStage, NeedStep
from reports import layout
from reports.enums import ReportStatus
from reports.letter import Letter
from reports.letter import sealed as sealed_letter
from reports.models import CooperationReport, LetterBatch, PriceLetter, ReportBatch, ReportLink
from reports.selectors.drafting import draw
from reports.selectors.letters import look_of
from reports.selectors.reports import letterhead_in_force, sealed
from reports.snapshot import as_json as snapshot_json
from reports.snapshot import digest
from visits.enums import RiskKind, VisitLevel, VisitStatus
from visits.models import (
    Agreement,
    Attendance,
    ControlPoint,
    ControlPointKind,
    NewsHook,
    Risk,
    StaffTraining,
    Visit,
)

PASSWORD = "right-horse-battery-9"
_numbers = count(1)
_INN10 = (2, 4, 10, 3, 5, 9, 4, 6, 8)


@lru_cache(maxsize=1)
def hashed_password() -> str:
    """The digest of PASSWORD, computed once: hashing is slow on purpose."""
    return make_password(PASSWORD)


def inn(number: int) -> str:
    """The valid ten-digit ИНН with a running number."""
    digits = f"77{number % 10_000_000:07d}"
    check = sum(w * int(d) for w, d in zip(_INN10, digits, strict=True)) % 11 % 10
    return f"{digits}{check}"


def ogrn(number: int) -> str:
    """The valid ОГРН with a running number."""
    digits = f"1027700{number % 100_000:05d}"
    return f"{digits}{int(digits) % 11 % 10}"


def saved(row: Any) -> Any:
    """Validate a row and insert it."""
    row.full_clean()
    row.save(force_insert=True)
    return row


def _make(model: type[models.Model], defaults: dict[str, Any], given: dict[str, Any]) -> Any:
    return saved(model(**(defaults | given)))


# --- who works here -------------------------------------------------------------------------
def unit(name: str = "НОИО", parent: Unit | None = None, **given: Any) -> Unit:
    """A department, or a division where it has no parent; its path is kept."""
    kind = UnitKind.DEPARTMENT if parent else UnitKind.DIVISION
    row = _make(Unit, {"name": name, "kind": kind, "parent": parent}, given)
    row.path = f"{parent.path if parent else '/'}{row.pk}/"
    row.save(update_fields=["path"])
    return row


def user(username: str = "", role: str = Role.SPECIALIST, **given: Any) -> User:
    """An account whose password is PASSWORD."""
    number = next(_numbers)
    values = {
        "username": username or f"user{number}",
        "first_name": "Имя",
        "last_name": f"Учётный{number}",
        "role": role,
        "password": hashed_password(),
    }
    return _make(User, values, given)


def employee(
    unit: Unit | None = None,
    kind: str = PositionKind.SPECIALIST,
    *,
    since: date | None = None,
    **given: Any,
) -> Employee:
    """An employee with an open position in a unit."""
    since = since or clock.today() - timedelta(days=400)
    values = {
        "last_name": f"Сотрудников{next(_numbers)}",
        "first_name": "Иван",
        "middle_name": "Петрович",
        "hired_on": since,
    }
    row = _make(Employee, values, given)
    if unit is not None:
        saved(Position(employee=row, unit=unit, kind=kind, starts_on=since))
    return row


def substitution(absent: Employee, substitute: Employee, **given: Any) -> Substitution:
    """A substitution that holds today."""
    values = {
        "absent": absent,
        "substitute": substitute,
        "starts_on": clock.today() - timedelta(days=3),
        "ends_on": clock.today() + timedelta(days=11),
        "reason": "отпуск",
    }
    return _make(Substitution, values, given)


def target(employee: Employee | None = None, unit: Unit | None = None, **given: Any) -> Target:
    """A plan of twenty К1У for this month."""
    values = {
        "kind": TargetKind.K1_VISITS,
        "employee": employee,
        "unit": unit,
        "month": clock.today().replace(day=1),
        "value": Decimal(20),
    }
    return _make(Target, values, given)


def api_token(user: User, *, writes: bool = False, **given: Any) -> tuple[str, ApiToken]:
    """A key as the integration holds it, and its row."""
    from django.conf import settings

    key = tokens.generate()
    values = {
        "user": user,
        "name": "КИС",
        "prefix": key[:12],
        "digest": tokens.digest(key, settings.TOKEN_PEPPER),
        "scopes": ["*:read", "*:write"] if writes else ["*:read"],
        "created_at": clock.now(),
    }
    return key, _make(ApiToken, values, given)


# --- clients and their facts ----------------------------------------------------------------
def client(specialist: Employee | None = None, unit: Unit | None = None, **given: Any) -> Client:
    """A client, assigned to a specialist of a unit where one is given."""
    number = next(_numbers)
    values = {
        "name": f"ООО «Клиент {number}»",
        "inn": inn(number),
        "kpp": "770101001",
        "segment": Segment.RETAIL,
        "connected_on": clock.today() - timedelta(days=700),
        "specialist": specialist,
        "unit": unit,
    }
    row = _make(Client, values, given)
    if specialist is not None and unit is not None:
        assigned = {"client": row, "specialist": specialist, "unit": unit}
        saved(Assignment(starts_on=row.connected_on, **assigned))
    return row


def usage(client: Client, quantity: int = 1, service: str = "kplus", **given: Any) -> Usage:
    """Usage of a service yesterday."""
    values = {
        "client": client,
        "service": Service.objects.get(code=service),
        "day": clock.today() - timedelta(days=1),
        "quantity": quantity,
    }
    return _make(Usage, values, given)


def entitlement(client: Client, service: str = "cok", **given: Any) -> Entitlement:
    """The right to a service for a year around today."""
    values = {
        "client": client,
        "service": Service.objects.get(code=service),
        "starts_on": clock.today() - timedelta(days=200),
        "valid_until": clock.today() + timedelta(days=165),
    }
    return _make(Entitlement, values, given)


def training(client: Client, **given: Any) -> Training:
    """A training that still counts."""
    values = {
        "client": client,
        "topic": f"Обучение {next(_numbers)}",
        "held_on": clock.today() - timedelta(days=100),
        "valid_until": clock.today() + timedelta(days=265),
    }
    return _make(Training, values, given)


def gnd_record(client: Client, **given: Any) -> GndRecord:
    """An open ГНД record."""
    values = {"client": client, "opened_on": clock.today() - timedelta(days=20)}
    return _make(GndRecord, values, given)


def contract(client: Client, monthly: Any = 1000, **given: Any) -> Contract:
    """A contract of a year ago with one price from its first day (none: `monthly=None`)."""
    values = {
        "client": client,
        "number": f"Д-{next(_numbers)}",
        "kit": "Бухгалтерия и кадры",
        "starts_on": clock.today() - timedelta(days=365),
    }
    row = _make(Contract, values, given)
    if monthly is not None:
        contract_price(row, monthly=monthly)
    return row


def contract_price(contract: Contract, **given: Any) -> ContractPrice:
    """A price from the contract's first day."""
    values = {"contract": contract, "effective_on": contract.starts_on, "monthly": 1000}
    return _make(ContractPrice, values, given)


def campaign(year: int = 2026, **given: Any) -> IndexationCampaign:
    """A running campaign with a plan of 15 % (10–25) for each segment."""
    values = {
        "year": year,
        "starts_on": date(year, 1, 1),
        "effective_on": date(year, 12, 1),
        "status": "running",
    }
    row = _make(IndexationCampaign, values, given)
    for segment in Segment.values:
        saved(SegmentPlan(campaign=row, segment=segment, percent=15, floor=10, ceiling=25))
    return row


def offer(campaign: IndexationCampaign, contract: Contract, **given: Any) -> IndexationOffer:
    """A planned offer of a thousand roubles a month."""
    values = {
        "campaign": campaign,
        "client": contract.client,
        "contract": contract,
        "segment": contract.client.segment,
        "price_before": Decimal(1000),
        "planned_percent": Decimal(15),
        "floor": Decimal(10),
        "ceiling": Decimal(25),
    }
    return _make(IndexationOffer, values, given)


def invoice(client: Client, **given: Any) -> Invoice:
    """The invoice of this month, not due yet."""
    month = clock.today().replace(day=1)
    values = {
        "client": client,
        "number": f"С-{next(_numbers)}",
        "month": month,
        "amount": Decimal("12500.50"),
        "due_on": month + timedelta(days=40),
    }
    return _make(Invoice, values, given)


def payment(invoice: Invoice, **given: Any) -> Payment:
    """A part of an invoice, paid yesterday."""
    values = {
        "invoice": invoice,
        "paid_on": clock.today() - timedelta(days=1),
        "amount": Decimal("500.25"),
    }
    return _make(Payment, values, given)


def churn(client: Client, **given: Any) -> Churn:
    """A disconnection on record; the client itself is left as it is."""
    values = {"client": client, "on": clock.today() - timedelta(days=600), "reason": "цена"}
    return _make(Churn, values, given)


def feeds(fresh_through: date | None = None, *codes: str) -> list[Feed]:
    """Every feed (or those named) loaded through a day, yesterday unless given."""
    through = fresh_through or clock.today() - timedelta(days=1)
    return [
        Feed.objects.update_or_create(
            code=code, defaults={"fresh_through": through, "received_at": clock.now()}
        )[0]
        for code in (codes or FeedCode.values)
    ]


# --- scheme, visits, needs ------------------------------------------------------------------
def person(**given: Any) -> Person:
    """A contact person."""
    values = {"last_name": f"Контактный{next(_numbers)}", "first_name": "Мария"}
    return _make(Person, values, given)


def participant(
    client: Client,
    roles: tuple[str, ...] = (ParticipantRole.KEY_USER,),
    department: str = "accounting",
    **given: Any,
) -> Participant:
    """A person's place in the scheme of a client, with open roles."""
    since = clock.today() - timedelta(days=300)
    values = {
        "client": client,
        "person": given.pop("person", None) or person(),
        "department": ClientDepartment.objects.get(code=department),
        "job_title": "главный бухгалтер",
        "starts_on": since,
    }
    row = _make(Participant, values, given)
    for role in roles:
        saved(RolePeriod(participant=row, role=role, starts_on=row.starts_on))
    return row


def visit(client: Client, employee: Employee | None = None, **given: Any) -> Visit:
    """A К1У done yesterday at 10:00, Moscow time; `held_on=` moves it to another day."""
    day = given.pop("held_on", clock.today() - timedelta(days=1))
    participants = given.pop("participants", [])
    companions = given.pop("companions", [])
    values: dict[str, Any] = {
        "client": client,
        "employee": employee or client.specialist,
        "level": VisitLevel.K1,
        "status": VisitStatus.DONE,
    }
    if given.get("status") == VisitStatus.PLANNED:
        values["planned_for"] = clock.today() + timedelta(days=2)
    else:
        values["started_at"] = datetime.combine(day, time(10), clock.MOSCOW)
    held = values["employee"] and values["employee"].positions.filter(ends_on=None).first()
    values["unit"] = held.unit if held else None
    row = _make(Visit, values, given)
    row.participants.set(participants)
    row.companions.set(companions)
    row.refresh_from_db()  # held_on is the database's
    return row


def risk(client: Client, **given: Any) -> Risk:
    """An open risk, noted a week ago."""
    values = {
        "client": client,
        "kind": RiskKind.COMPETITOR,
        "text": "Смотрят другую систему",
        "raised_on": clock.today() - timedelta(days=7),
    }
    return _make(Risk, values, given)


def hook(**given: Any) -> NewsHook:
    """A news hook in force for clients who build."""
    values = {
        "title": f"Повод {next(_numbers)}",
        "keywords": "стройка, капитальный ремонт",
        "published_on": clock.today() - timedelta(days=5),
    }
    return _make(NewsHook, values, given)


def need(client: Client, author: Employee | None = None, **given: Any) -> Need:
    """A need that is open and not yet identified."""
    values = {
        "client": client,
        "title": f"Потребность {next(_numbers)}",
        "author": author or client.specialist,
        "opened_on": clock.today() - timedelta(days=30),
    }
    return _make(Need, values, given)


def need_step(need: Need, stage: str = "01", **given: Any) -> NeedStep:
    """A step of a need into a stage, which becomes its stage.

    The card gets what the stage requires; the stages before it are passed on the same day.
    """
    row = NeedStage.objects.get(code=stage)
    values = {
        "need": need,
        "stage": row,
        "on": clock.today() - timedelta(days=10),
        "author": need.author,
        "evidence": "записано со слов клиента",
        "recorded_at": clock.now(),
    }
    on = given.get("on", values["on"])
    passed = need.steps.values_list("stage__code", flat=True)
    before = NeedStage.objects.filter(is_on=True, code__lt=stage).exclude(code__in=passed)
    with transaction.atomic():  # a need and its newest step are judged together, at the commit
        if earlier := before.order_by("code").last():
            need_step(need, earlier.code, on=on)
        for name in row.requires:
            if not getattr(need, name):
                setattr(need, name, "записано")
        need.save()
        step = _make(NeedStep, values, given)
        need.stage, need.stage_on = row, step.on
        need.save(update_fields=["stage", "stage_on"])
    return step


def confirmation(
    need: Need, participant: Participant, requested_by: Employee, **given: Any
) -> Confirmation:
    """A request to a colleague, that waits unless told otherwise."""
    values: dict[str, Any] = {
        "need": need,
        "participant": participant,
        "way": ConfirmationWay.PERSON,
        "on": clock.today(),
        "evidence": "письмо клиента",
        "requested_by": requested_by,
        "requested_at": clock.now(),
    }
    if given.get("status", ConfirmationStatus.WAITING) != ConfirmationStatus.WAITING:
        values["answered_at"] = clock.now()
    return _make(Confirmation, values, given)


def need_file(need: Need, name: str = "письмо.txt", content: bytes = b"", **given: Any) -> NeedFile:
    """A text attached to a need."""
    content = content or f"Письмо {next(_numbers)}".encode()
    values = {
        "need": need,
        "name": name,
        "kind": "text/plain",
        "size": len(content),
        "sha256": sha256(content).hexdigest(),
        "content": content,
        "added_by": need.author,
        "added_at": clock.now(),
    }
    return _make(NeedFile, values, given)


def agreement(client: Client | None = None, **given: Any) -> Agreement:
    """A task agreed a week ago and due the day after tomorrow."""
    values = {
        "client": client,
        "what": f"Задача {next(_numbers)}",
        "agreed_on": clock.today() - timedelta(days=7),
        "due_on": clock.today() + timedelta(days=2),
    }
    return _make(Agreement, values, given)


def control_point(
    unit: Unit, specialist: Employee | None, led_by: Employee, **given: Any
) -> ControlPoint:
    """A weekly review planned for today, or a session of the unit where no specialist is given."""
    values = {
        "kind": ControlPointKind.objects.get(code="weekly" if specialist else "session"),
        "unit": unit,
        "specialist": specialist,
        "led_by": led_by,
        "since": clock.today() - timedelta(days=7),
        "on": clock.today(),
    }
    return _make(ControlPoint, values, given)


def staff_training(unit: Unit | None = None, *invited: Employee, **given: Any) -> StaffTraining:
    """A lesson of yesterday, to which the employees were invited and nobody is marked."""
    values = {
        "programme": "Школа специалиста",
        "title": f"Занятие {next(_numbers)}",
        "unit": unit,
        "on": clock.today() - timedelta(days=1),
    }
    row = _make(StaffTraining, values, given)
    for employee in invited:
        saved(Attendance(training=row, employee=employee))
    return row


# --- lamps ----------------------------------------------------------------------------------
_READING = {
    Colour.GREEN: (90, [1779, 0, 0, 2, 0, 0, 1], [40, 0, 0, 20, 10, 10, 10]),
    Colour.YELLOW: (50, [2, 2, 1, 2, 1, 1, 1], [0, 10, 10, 20, 0, 0, 10]),
    Colour.RED: (30, [0, 0, 0, 2, 1, 3, 1], [0, 0, 0, 20, 0, 0, 10]),
    Colour.NONE: (None, [None, 0, 0, 0, 0, 0, 0], [None, 0, 0, 0, 10, 10, 0]),
}


def lamp(client: Client, colour: str = Colour.GREEN, **given: Any) -> Lamp:
    """The present lamp of a client with its open period of history and the night of today.

    The values are the talk's own rows (Ромашка, Василек, Лютик); nothing is computed.
    """
    total, raw, points = _READING[Colour(colour)]
    slots = Indicator.objects.count()
    since = clock.today() - timedelta(days=20)
    shared = {
        "client": client,
        "scheme": LampScheme.objects.filter(segment="").first(),
        "specialist": client.specialist,
        "unit": client.unit,
        "segment": client.segment,
        "colour": colour,
        "total": total,
        "raw": [*raw, *[None] * (slots - len(raw))],
        "points": [*points, *[None] * (slots - len(points))],
        "expiring": [1, 6],
        "since": since,
    }
    ends = clock.today() + timedelta(days=30)
    row = Lamp(
        **(
            shared
            | {
                "until": [ends if n in (1, 6) else None for n in range(slots)],
                "expires_on": ends,
                "sort_key": client.sort_key,
            }
            | given
        )
    )
    row.save(force_insert=True)
    LampPeriod(**(shared | {"starts_on": since})).save(force_insert=True)
    Night.objects.get_or_create(on=clock.today(), defaults={"computed_at": clock.now()})
    return row


def pool_day(unit: Unit, specialist: Employee | None = None, **given: Any) -> PoolDay:
    """A day's counts of a pool."""
    values = {
        "on": clock.today(),
        "unit": unit,
        "specialist": specialist,
        "segment": Segment.RETAIL,
        "red": 1,
        "yellow": 2,
        "green": 12,
    }
    row = PoolDay(**(values | given))
    row.save(force_insert=True)
    return row


# --- cooperation reports --------------------------------------------------------------------
def report(client: Client, author: User, **given: Any) -> CooperationReport:
    """A draft of the last twelve months, with the figures of now; `status` takes it further."""
    until = clock.today() - timedelta(days=1)
    status = given.pop("status", ReportStatus.DRAFT)
    values: dict[str, Any] = {
        "client": client,
        "since": until - timedelta(days=364),
        "until": until,
        "author": author,
        "requested_at": clock.now(),
        "on": clock.today(),
        "status": status,
    }
    values |= given
    if status != ReportStatus.REQUESTED:
        found = draw(client, values["since"], values["until"], values["on"])
        values.setdefault("snapshot", snapshot_json(found))
        values.setdefault("sections", layout.as_json(layout.usual({})))
        values["built_at"] = clock.now()
    if status in ReportStatus.closed():
        values["letterhead"] = letterhead_in_force()
        values["approved_at"] = clock.now()
        values["digest"] = digest(sealed(CooperationReport(**values)))
    return saved(CooperationReport(**values))


def report_link(report: CooperationReport, participant: Participant, **given: Any) -> ReportLink:
    """A link that is open; nobody knows its secret."""
    values = {
        "report": report,
        "participant": participant,
        "digest": f"{next(_numbers):064d}",
        "created_by": report.author,
        "created_at": clock.now(),
        "expires_at": clock.now() + timedelta(days=14),
    }
    return _make(ReportLink, values, given)


def report_batch(user: User, *reports: CooperationReport, **given: Any) -> ReportBatch:
    """An order of these reports."""
    values = {
        "title": "Мой пул",
        "since": clock.today() - timedelta(days=365),
        "until": clock.today(),
        "requested_by": user,
        "requested_at": clock.now(),
        "on": clock.today(),
    }
    row = _make(ReportBatch, values, given)
    CooperationReport.objects.filter(pk__in=[report.pk for report in reports]).update(batch=row)
    return row


def price_letter(offer: IndexationOffer, author: User, **given: Any) -> PriceLetter:
    """A letter of an offer, of fifteen per cent."""
    values: dict[str, Any] = {
        "client": offer.client.name,
        "contract": offer.contract.number,
        "kit": offer.contract.kit,
        "price_before": offer.price_before,
        "percent": Decimal(15),
        "price_after": offer.price_before * Decimal("1.15"),
        "effective_on": offer.campaign.effective_on,
        "text": "",
        "specialist": "",
        "since": offer.campaign.starts_on,
        "tasks": 0,
        "hours": Decimal(),
        "roubles": Decimal(),
        "told": (),
    }
    letter = Letter(**values | given)
    head = letterhead_in_force()
    row = PriceLetter(
        offer=offer, snapshot=snapshot_json(letter), letterhead=head,
        digest=sealed_letter(letter, look_of(head)), made_on=clock.today(), made_by=author,
        made_at=clock.now(),
    )  # fmt: skip
    return saved(row)


def letter_batch(user: User, *letters: PriceLetter, **given: Any) -> LetterBatch:
    """An order of these letters."""
    values = {
        "campaign": letters[0].offer.campaign,
        "title": "Мой пул",
        "size": len(letters),
        "written": len(letters),
        "requested_by": user,
        "requested_at": clock.now(),
        "on": clock.today(),
    }
    row = _make(LetterBatch, values, given)
    row.letters.set(letters)
    return row


def file_import(user: User, **given: Any) -> Import:
    """A file of usage, checked: one row is good, one is refused."""
    values = {
        "resource": "usage",
        "file_name": "использование.csv",
        "sha256": f"{next(_numbers):064d}",
        "size": 100,
        "status": ImportStatus.CHECKED,
        "headers": ["ИНН", "Сервис", "День", "Количество"],
        "sample": [["7707083893", "kplus", "01.08.2026", "3"]],
        "mapping": {"0": "inn", "1": "service", "2": "day", "3": "quantity"},
        "notes": ["Кодировка: UTF-8"],
        "rows_total": 2,
        "counts": {"created": 1, "updated": 0, "unchanged": 0, "refused": 1},
        "uploaded_by": user,
        "uploaded_at": clock.now(),
    }
    row = _make(Import, values, given)
    cells = ["7707083893", "kplus", "01.08.2026"]
    ImportRow.objects.create(of=row, number=2, cells=[*cells, "3"], outcome=Outcome.CREATED)
    told = {"quantity": ["Не может быть отрицательным."]}
    ImportRow.objects.create(
        of=row, number=3, cells=[*cells, "-3"], outcome=Outcome.REFUSED, errors=told
    )
    return row
