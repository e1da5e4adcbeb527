"""A little centre with named people of fixed powers: everybody's tests stand on it.

    Управление
    ├── НОИО 1   head Галина    Анна → client «own»         Борис → client «colleague»
    │                           Зоя substitutes for Анна; deactivated Игорь
    └── НОИО 2   head Дмитрий   Вера → client «foreign»
    director Елена · administrator Жанна · integrations «reader» and «writer» (tokens)

The names of the clients say whose they are as Анна sees them. «nobody» is a client that no
specialist serves. Each has one row of everything, with its canary in every text.
"""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from accounts.enums import PositionKind, Role
from accounts.models import (
    ApiToken,
    Churn,
    ChurnCause,
    Client,
    Employee,
    Feed,
    Service,
    Substitution,
    Unit,
    User,
)
from bonuses.models import Objection, PayrollExport
from contacts.enums import ParticipantRole
from contacts.models import ClientDepartment
from core import audit, clock, events
from core.enums import AuditAction, JobStatus
from core.models import CalendarDay, Delivery, JobRun, SavedFilter, Webhook
from lamps.enums import Colour, Direction, Source
from lamps.models import Indicator, LampScheme, PoolDay, SchemeIndicator, Tier
from needs.models import NeedStage, ProductAdvantage, Tool
from reports.models import LetterFile, Letterhead, ReportFile, TextBlock
from tests import canaries, factories
from tests.bonuses import builders as pay
from visits.enums import GoalKind, VisitLevel, VisitStatus
from visits.models import ControlPointKind, VisitCriterion

MISSING = 987_654_321  # the id of no row

# Everybody who can ask for a page, in the order of reports.
PEOPLE = (
    "anonymous",
    "anna",  # specialist; the client «own» is hers
    "boris",  # colleague of the same department
    "vera",  # specialist of the other department
    "zoya",  # substitutes for Анна, no clients of her own
    "galina",  # head of НОИО 1
    "dmitry",  # head of НОИО 2
    "elena",  # director
    "zhanna",  # administrator
    "igor",  # deactivated specialist of НОИО 1
)
INTEGRATIONS = ("reader", "writer")
PERSONAS = PEOPLE + INTEGRATIONS
# Keys that open nothing any more: past their day, taken back, of a deactivated person.
STALE_KEYS = ("expired", "revoked", "dormant")
# Which clients each persona sees: the whole of «who sees whom», written down a second time.
SEES: dict[str, frozenset[str]] = {
    "anonymous": frozenset(),
    "anna": frozenset({"own"}),
    "boris": frozenset({"colleague"}),
    "vera": frozenset({"foreign"}),
    "zoya": frozenset({"own"}),
    "galina": frozenset({"own", "colleague"}),
    "dmitry": frozenset({"foreign"}),
    "elena": frozenset({"own", "colleague", "foreign", "nobody"}),
    "zhanna": frozenset(),
    "igor": frozenset(),
    "reader": frozenset({"own", "colleague", "foreign", "nobody"}),
    "writer": frozenset({"own", "colleague", "foreign", "nobody"}),
}
CANARY = {
    "own": canaries.OWN,
    "colleague": canaries.COLLEAGUES,
    "foreign": canaries.FOREIGN,
    "nobody": canaries.UNASSIGNED,
}


@dataclass
class World:
    """The centre. `rows[whose]` holds one row of each model of a client, by model label."""

    division: Unit
    noio1: Unit
    noio2: Unit
    users: dict[str, User] = field(default_factory=dict)
    staff: dict[str, Employee] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)
    rows: dict[str, dict[str, Any]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)  # tokens by integration
    campaign: Any = None  # the indexation that is running

    def row(self, label: str, whose: str = "own") -> Any:
        """A row by model label ("visits.visit") and whose client it hangs on."""
        return self.rows[whose][label]


def build() -> World:
    """Create the centre as of `clock.today()`."""
    division = factories.unit("Управление")
    noio1 = factories.unit("НОИО 1", division)
    noio2 = factories.unit("НОИО 2", division)
    world = World(division, noio1, noio2)
    specialist, head = PositionKind.SPECIALIST, PositionKind.HEAD
    for name, shown, role, unit, kind in [
        ("anna", "Анна", Role.SPECIALIST, noio1, specialist),
        ("boris", "Борис", Role.SPECIALIST, noio1, specialist),
        ("vera", "Вера", Role.SPECIALIST, noio2, specialist),
        ("zoya", "Зоя", Role.SPECIALIST, noio1, specialist),
        ("galina", "Галина", Role.HEAD, noio1, head),
        ("dmitry", "Дмитрий", Role.HEAD, noio2, head),
        ("elena", "Елена", Role.MANAGER, division, PositionKind.MANAGER),
        ("igor", "Игорь", Role.SPECIALIST, noio1, specialist),
        ("zhanna", "Жанна", Role.ADMIN, None, None),
        ("reader", "Чтение", Role.INTEGRATOR, None, None),
        ("writer", "Запись", Role.INTEGRATOR, None, None),
    ]:
        world.users[name] = factories.user(
            name, role, first_name=shown, last_name=f"{shown}-Фамилия", is_active=name != "igor"
        )
        if unit is not None:
            world.staff[name] = factories.employee(
                unit,
                kind,
                user=world.users[name],
                first_name=shown,
                last_name=f"{canaries.STAFF_FOREIGN if unit is noio2 else shown}-Фамилия",
                middle_name="Отчество",
            )
    factories.substitution(world.staff["anna"], world.staff["zoya"])
    world.keys["reader"], _ = factories.api_token(world.users["reader"])
    world.keys["writer"], _ = factories.api_token(world.users["writer"], writes=True)
    gone = clock.now() - timedelta(days=1)
    for name, user, given in [
        ("expired", "writer", {"expires_at": gone}),
        ("revoked", "writer", {"revoked_at": gone}),
        ("dormant", "igor", {}),
    ]:
        world.keys[name], _ = factories.api_token(world.users[user], writes=True, **given)
    factories.feeds()
    world.campaign = factories.campaign()
    for number, (whose, specialist_name, unit) in enumerate(
        [("own", "anna", noio1), ("colleague", "boris", noio1), ("foreign", "vera", noio2)]
    ):
        served = world.staff[specialist_name]
        factories.pool_day(unit, served)
        SavedFilter.objects.create(
            user=world.users[specialist_name], page="clients", name=CANARY[whose], query="q=1"
        )
        _client(world, whose, served, unit, list(Colour)[number])
    _client(world, "nobody", None, None, Colour.NONE)
    _office(world)
    return world


def _office(world: World) -> None:
    """Rows of the office: they belong to no client."""
    run = JobRun.objects.create(
        kind="night", business_date=clock.today(), status=JobStatus.DONE, requested_at=clock.now()
    )
    draft = LampScheme.objects.create(name="Черновик", effective_from=clock.today())
    rule = SchemeIndicator.objects.create(
        scheme=draft,
        indicator=Indicator.objects.get(code="gnd"),
        source=Source.GND,
        direction=Direction.LOWER,
    )
    Tier.objects.create(indicator=rule, threshold=0, weight=10)
    entry = audit.record(
        actor=world.users["elena"],
        action=AuditAction.UPDATE,
        subject=world.clients["own"],
        before={"competitor": "прежний"},
        after={"competitor": canaries.OWN},
    )
    day_off = CalendarDay.objects.create(on=date(2030, 5, 6), is_working=False, note="день центра")
    hook = Webhook.objects.create(
        name="КИС", url="http://127.0.0.1:9/", user=world.users["writer"], salt="a" * 64,
        kinds=["client.churned"],
    )  # fmt: skip
    events.sequence()
    rows = [
        hook, Delivery.objects.first(),
        ControlPointKind.objects.first(), day_off, run, draft, rule, entry, world.noio1,
        world.users["boris"], Service.objects.first(),
        ApiToken.objects.get(user=world.users["reader"]), Indicator.objects.first(),
        ClientDepartment.objects.first(), Feed.objects.first(), NeedStage.objects.first(),
        Tool.objects.first(), ProductAdvantage.objects.first(),
        factories.hook(), Letterhead.objects.first(), TextBlock.objects.first(),
        VisitCriterion.objects.first(),
        world.campaign, world.campaign.plans.first(), ChurnCause.objects.first(),
        factories.file_import(world.users["elena"]),
    ]  # fmt: skip
    world.rows["office"] = {row._meta.label_lower: row for row in rows}
    _pay(world)
    world.rows["own"]["accounts.substitution"] = Substitution.objects.get()


def _pay(world: World) -> None:
    """Bonuses: a draft of last month for each of three, with amounts that are their canaries.

    Зоя stands in for Анна and still sees none of her pay.
    """
    month = (clock.today().replace(day=1) - timedelta(days=1)).replace(day=1)
    scheme = pay.manual_scheme(effective_from=date(2020, 1, 1))
    for whose, name in (("own", "anna"), ("colleague", "boris"), ("foreign", "vera")):
        employee, client = world.staff[name], world.clients[whose]
        sheet, line = pay.sheet(employee, scheme, month, canaries.AMOUNT[whose])
        objection = Objection.objects.create(
            line=line, reason=f"{CANARY[whose]} возражение", made_by=world.users[name],
            made_at=clock.now(),
        )  # fmt: skip
        fact = pay.manual(
            employee, 77, world.users["elena"], month,
            document=f"{CANARY[whose]} документ",
        )  # fmt: skip
        sale = pay.upsell(employee, client, world.users["elena"], product=f"{CANARY[whose]} товар")
        for row in (sheet, line, objection, fact, sale):
            world.rows[whose][row._meta.label_lower] = row
    draft = pay.scheme(name="Черновик премии")
    block = pay.block(draft)
    closed = PayrollExport.objects.create(
        month=date(2020, 1, 1), sheets=0, digest="0" * 64, made_by=world.users["elena"],
        made_at=clock.now(),
    )  # fmt: skip
    rows = [draft, block, pay.kpi(block, "payments"), closed, pay.base(world.staff["igor"])]
    world.rows["office"] |= {row._meta.label_lower: row for row in rows}


def _client(
    world: World, whose: str, specialist: Employee | None, unit: Unit | None, colour: str
) -> None:
    word = CANARY[whose]
    today = clock.today()
    author = specialist or world.staff["elena"]
    client = factories.client(
        specialist,
        unit,
        name=f"ООО {word} имя",
        portrait=f"{word} портрет",
        specifics=f"{word} специфика",
        competitor=f"{word} конкурент",
        external_id=f"{word}-client",
    )
    person = factories.person(
        last_name=f"{word} фамилия",
        first_name=f"{word} имя",
        middle_name=f"{word} отчество",
        phone=f"+7 495 000-00-00 {word}",
        email=f"{word}@example.org",
    )
    participant = factories.participant(
        client,
        (ParticipantRole.MAIN_KEY_USER,),
        person=person,
        job_title=f"{word} должность",
        notes=f"{word} заметки",
        verified_on=today,
        external_id=f"{word}-participant",
    )
    texts = {
        "goal": f"{word} цель",
        "goal_kind": GoalKind.DEVELOPMENT,
        "plan": f"{word} план",
    }
    visit = factories.visit(
        client,
        author,
        **texts,
        result=f"{word} результат",
        feedback=f"{word} обратная связь",
        participants=[participant],
        external_id=f"{word}-visit",
        materials=1,
    )
    planned = factories.visit(client, author, status=VisitStatus.PLANNED, **texts)
    k2 = factories.visit(
        client, author, level=VisitLevel.K2, held_on=today - timedelta(days=40), **texts
    )
    need = factories.need(
        client,
        author,
        title=f"{word} потребность",
        participant=participant,
        external_id=f"{word}-need",
        client_asset=f"{word} актив",
        **{
            name: f"{word} {name}"
            for name in (
                "context",
                "difficulties",
                "works",
                "key_need",
                "solution",
                "effect",
                "effect_risk",
                "effect_formula",
                "folder",
            )
        },
    )
    step = factories.need_step(need, evidence=f"{word} свидетельство")
    asked = factories.confirmation(
        need,
        participant,
        author,
        evidence=f"{word} письмо",
        status="withdrawn",
        answer=f"{word} нет",
    )
    file = factories.need_file(need, name=f"{word} файл.txt", content=f"{word} внутри".encode())
    risk = factories.risk(client, text=f"{word} риск", visit=visit)
    agreement = factories.agreement(
        client, what=f"{word} договорённость", participant=participant, visit=visit
    )
    invoice = factories.invoice(client, number=f"{word}")
    asker = specialist.user if specialist else world.users["elena"]
    approver = world.users["elena" if specialist else "galina"]
    report = factories.report(client, asker, returned_note=f"{word} замечание")
    ReportFile.objects.create(
        report=report, version=1, content=f"%PDF- {word}".encode(), drawn_at=clock.now()
    )
    final = factories.report(client, asker, status="final", approved_by=approver)
    contract = factories.contract(
        client, number=f"{word}-1", kit=f"{word} комплект", external_id=f"{word}-contract"
    )
    offer = factories.offer(
        world.campaign,
        contract,
        exception_reason=f"{word} исключение",
        refusal_reason=f"{word} отказ",
    )
    letter = factories.price_letter(offer, asker, text=f"{word} слова")
    LetterFile.objects.create(letter=letter, content=f"%PDF- {word}".encode(), drawn_at=clock.now())
    rows = [
        client,
        person,
        participant,
        participant.roles.get(),
        visit,
        need,
        step,
        asked,
        file,
        agreement,
        risk,
        invoice,
        contract,
        contract.prices.get(),
        offer,
        letter,
        factories.payment(invoice, external_id=f"{word}-payment"),
        report,
        factories.report_link(final, participant),
        factories.usage(client, 7),
        factories.entitlement(client),
        factories.training(client, topic=f"{word} тема"),
        factories.gnd_record(client, note=f"{word} содержание", external_id=f"{word}-gnd"),
        factories.churn(client, reason=f"{word} причина", competitor=f"{word} конкурент"),
        factories.lamp(client, colour),
        client.lamp_periods.get(),
    ]
    churn = next(row for row in rows if isinstance(row, Churn))
    told = {"reason": f"{word} причина"}
    events.publish("client.churned", subject=churn, client=client, data=told)
    world.clients[whose] = client
    world.rows[whose] = {row._meta.label_lower: row for row in rows} | {
        "planned": planned,
        "k2": k2,
        "final": final,
    }
    if specialist is not None:
        batch = factories.report_batch(asker, report, title=f"{word} пакет")
        world.rows[whose]["reports.reportbatch"] = batch
        order = factories.letter_batch(asker, letter, title=f"{word} письма")
        world.rows[whose]["reports.letterbatch"] = order
        world.rows[whose]["accounts.assignment"] = client.assignments.get()
        world.rows[whose]["accounts.employee"] = specialist
        world.rows[whose]["accounts.target"] = factories.target(specialist)
        world.rows[whose]["accounts.position"] = specialist.positions.get()
        leader = world.staff["galina" if unit is world.noio1 else "dmitry"]
        review = factories.control_point(unit, specialist, leader, notes=f"{word} обсудили")
        lesson = factories.staff_training(unit, specialist, title=f"{word} занятие")
        for row in (review, lesson, lesson.attendance.get()):
            world.rows[whose][row._meta.label_lower] = row
        world.rows[whose]["lamps.poolday"] = PoolDay.objects.get(specialist=specialist)
        world.rows[whose]["core.savedfilter"] = SavedFilter.objects.get(user_id=specialist.user_id)
