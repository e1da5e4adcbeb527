"""Bonuses of the demo: schemes, bases, sales, and the sheets of the last three months.

Two months are closed, each with a sale that was written down late and so comes as a correction;
the newest is a draft that waits for its heads, with an objection on it. Everything goes through
the program's own services, which is what makes the chain of digests true.
"""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction

from accounts.enums import PositionKind, Role, TargetKind, TargetSpan
from accounts.models import Client, Employee, Position, Target, Unit, User
from bonuses.enums import (
    BlockPeriod,
    IfMissing,
    KpiSource,
    ObjectionStatus,
    PlanLevel,
    ScaleKind,
    SchemeKind,
    SheetStatus,
)
from bonuses.models import (
    BonusBlock,
    BonusKpi,
    BonusScheme,
    BonusStep,
    Objection,
    PayBase,
    Sheet,
    SheetLine,
    Upsell,
)
from bonuses.months import first_of, last_of, shifted
from bonuses.services.closing import close_month, record_export
from bonuses.services.drafts import draft_month
from bonuses.services.schemes import publish_scheme
from config.demo.mixing import mix
from config.demo.names import person
from core.clock import MOSCOW
from lamps.enums import Direction

D = Decimal
_SPECIALIST_BASE, _HEAD_BASE = 18_000, 34_000
_PRODUCTS = (
    "Конструктор договоров", "Комплект «Юрист»", "Дополнительный доступ", "Обзоры практики",
    "Видеосеминары на год",
)  # fmt: skip
_DEPUTY = "deputy"
_REASON = "Два клиента переданы мне только 20-го числа: прошу не считать их в охвате папками."


def write(on: date, say: Callable[[str], None] | None = None) -> None:
    """Schemes, bases, sales and three months of sheets that end before `on`."""
    tell = say or (lambda text: None)
    last = shifted(first_of(on), -1)
    with transaction.atomic():
        director = User.objects.get(username="director")
        _deputy(director, on)
        tell("премии: схемы и базы")
        _scheme(SchemeKind.SPECIALIST, shifted(last, -11), director)
        _scheme(SchemeKind.HEAD, last, director)
        people = list(
            Position.objects.filter(ends_on=None, kind__in=SchemeKind.values)
            .select_related("employee", "unit")
            .order_by("employee")
        )
        _bases(people)
        _targets(people, last)
        sales = _sales(people, last, director)
        tell("премии: листы")
        for back in (2, 1):
            month = shifted(last, -back)
            _closed(month, on, director)
            _late_sale(sales[back])
        draft_month(last, on)
        _agree_and_object(last, on)
        record_export(shifted(last, -2), actor=director)


def _deputy(director: User, on: date) -> None:
    """A second manager: whoever assesses a head's sheet does not approve it."""
    name = person(91, 70)
    user = User.objects.create(
        username=_DEPUTY, role=Role.MANAGER, last_name=name[0], first_name=name[1],
        middle_name=name[2], password=director.password, date_joined=director.date_joined,
    )  # fmt: skip
    employee = Employee.objects.create(
        user=user, last_name=name[0], first_name=name[1], middle_name=name[2],
        hired_on=on - timedelta(days=1700), external_id="demo-employee-deputy",
    )  # fmt: skip
    Position.objects.create(
        employee=employee, unit=Unit.objects.get(parent=None), kind=PositionKind.MANAGER,
        starts_on=employee.hired_on,
    )  # fmt: skip


def _scheme(kind: str, month: date, director: User) -> BonusScheme:
    """65/15/20 of the talk; weights inside the blocks are the demo's own."""
    is_head = kind == SchemeKind.HEAD
    name = "Премия начальника отдела" if is_head else "Премия специалиста"
    scheme = BonusScheme.objects.create(name=name, kind=kind, effective_from=month)
    production = _block(scheme, 0, "Производственные показатели", 65)
    _kpi(production, KpiSource.PAYMENTS, 50, plan=D(92), floor=D(70), cap=D(105))
    _kpi(production, KpiSource.DISCONNECTED, 30, *(
        [(1, 100), (3, 60)] if is_head else [(0, 100), (1, 50)]
    ), better=Direction.LOWER, plan=None)  # fmt: skip
    _kpi(production, KpiSource.UPSELL, 20, plan=D(240_000 if is_head else 24_000), floor=D(40),
         cap=D(130), plan_level=PlanLevel.EMPLOYEE, target_kind=TargetKind.UPSELL)  # fmt: skip
    standards = _block(scheme, 1, "Стандарты работы (ВСК)", 15)
    _kpi(standards, KpiSource.POOL, 40, (1, 100), plan=None)
    _kpi(standards, KpiSource.PREPARED, 30, plan=D(100), floor=D(50))
    if is_head:
        _kpi(standards, KpiSource.K2_QUALITY, 30, plan=D(80), floor=D(40))
    else:
        _kpi(standards, KpiSource.MATERIALS, 30, plan=D(60), floor=D(30))
    strategy = _block(scheme, 2, "Реализация стратегии", 20, BlockPeriod.QUARTER)
    _kpi(strategy, KpiSource.SATISFACTION, 50, plan=D(90), floor=D(60),
         if_missing=IfMissing.FULL)  # fmt: skip
    _kpi(strategy, KpiSource.NEEDS, 50, (50, 50), (80, 80), (100, 100), (120, 120),
         plan=D(20 if is_head else 2), scale=ScaleKind.STEPS_OF_PLAN)  # fmt: skip
    return publish_scheme(scheme, actor=director)


def _block(
    scheme: BonusScheme, order: int, label: str, share: int, period: str = BlockPeriod.MONTH
) -> BonusBlock:
    return BonusBlock.objects.create(
        scheme=scheme, order=order, label=label, share=D(share), period=period
    )


def _kpi(block: BonusBlock, source: str, weight: int, *steps: Any, **given: Any) -> None:
    values = {"scale": ScaleKind.STEPS_OF_FACT} if steps else {}
    kpi = BonusKpi.objects.create(
        block=block, order=block.kpis.count(), source=source, label=KpiSource(source).label,
        weight=D(weight), **(values | given),
    )  # fmt: skip
    for threshold, percent in steps:
        BonusStep.objects.create(kpi=kpi, threshold=D(threshold), percent=D(percent))


def _bases(people: list[Position]) -> None:
    PayBase.objects.bulk_create(
        PayBase(
            employee=p.employee,
            starts_on=p.employee.hired_on,
            amount=D(
                (_HEAD_BASE if p.kind == PositionKind.HEAD else _SPECIALIST_BASE)
                + 500 * (mix(n, 401) % 9)
            ),
            rate=D("0.50") if n % 17 == 7 else D(1),
        )
        for n, p in enumerate(people)
    )


def _targets(people: list[Position], last: date) -> None:
    """Sales planned for some by name; the others have the scheme's figure."""
    Target.objects.bulk_create(
        Target(
            kind=TargetKind.UPSELL, span=TargetSpan.MONTH, employee=p.employee,
            month=shifted(last, -back), value=D(20_000 + 2_000 * (mix(n, 402) % 8)),
        )
        for n, p in enumerate(people)
        if n % 4 == 0 and p.kind == PositionKind.SPECIALIST
        for back in range(3)
    )  # fmt: skip


def _sales(people: list[Position], last: date, author: User) -> dict[int, Upsell]:
    """Sales of the three months; one of each closed month is kept back, to come late."""
    pools: dict[int, list[int]] = {}
    rows = Client.objects.filter(disconnected_on=None, specialist__isnull=False)
    for client, specialist in rows.order_by("pk").values_list("pk", "specialist_id"):
        pools.setdefault(specialist, []).append(client)
    made, late = [], {}
    for n, p in enumerate(people):
        clients = pools.get(p.employee_id, [])
        for back in range(3):
            for k in range(mix(n, 403, back) % 4 if clients else 0):
                luck = mix(n, 404, back, k)
                month = shifted(last, -back)
                made.append(
                    Upsell(
                        employee_id=p.employee_id,
                        client_id=clients[luck % len(clients)],
                        on=month + timedelta(days=luck % 27),
                        product=_PRODUCTS[luck % len(_PRODUCTS)],
                        amount=D(4_000 + 500 * (luck % 31)),
                        document=f"Счёт {month:%y%m}-{n:02d}{k}",
                        author=author,
                        external_id=f"demo-upsell-{n}-{back}-{k}",
                    )
                )
                if back and back not in late:
                    late[back] = made.pop()
    Upsell.objects.bulk_create(made)
    return late


def _closed(month: date, on: date, director: User) -> None:
    """The month as it went: drafted, agreed, assessed by the heads, approved, closed."""
    draft_month(month, on)
    heads = {
        p.unit_id: p.employee.user_id
        for p in Position.objects.filter(kind=PositionKind.HEAD).select_related("employee")
    }
    moment = datetime.combine(last_of(month) + timedelta(days=6), time(11), MOSCOW)
    for unit, head in heads.items():
        Sheet.objects.filter(month=month, unit=unit, status=SheetStatus.DRAFT).update(
            status=SheetStatus.APPROVED,
            computed_at=moment - timedelta(days=4),
            objections_until=last_of(month) + timedelta(days=5),
            agreed_at=moment - timedelta(days=2),
            assessed_by=head,
            assessed_at=moment - timedelta(hours=20),
            approved_by=director,
            approved_at=moment,
        )
    close_month(month, actor=director)


def _late_sale(sale: Upsell) -> None:
    """A sale of a closed month that its document reached late."""
    sale.document += " (поступил после закрытия месяца)"
    sale.save()


def _agree_and_object(month: date, on: date) -> None:
    """Half of the people have agreed; two object, and one of them has been answered."""
    moment = datetime.combine(on, time(9, 40), MOSCOW)
    drafts = list(Sheet.objects.filter(month=month).select_related("employee").order_by("pk"))
    Sheet.objects.filter(pk__in=[s.pk for s in drafts if s.pk % 2]).update(agreed_at=moment)
    waiting = [s for s in drafts if not s.pk % 2 and s.kind == SchemeKind.SPECIALIST][:2]
    answers = [{}, {"status": ObjectionStatus.DECLINED, "answered_at": moment,
                    "answer": "Клиенты приняты 1-го числа, это видно в их истории."}]  # fmt: skip
    for sheet, given in zip(waiting, answers, strict=False):
        line = SheetLine.objects.get(sheet=sheet, kpi__source=KpiSource.MATERIALS)
        if given:
            head = Position.objects.filter(unit=sheet.unit_id, kind=PositionKind.HEAD).first()
            given = given | {"answered_by": head.employee.user if head else None}
        user: Any = sheet.employee.user
        Objection.objects.create(
            line=line, reason=_REASON, made_by=user,
            made_at=moment - timedelta(hours=1), **given,
        )  # fmt: skip
