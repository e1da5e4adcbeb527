"""Schemes, bases and sheets for tests: the talk's 65/15/20 with plain scales."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from bonuses.enums import (
    BlockPeriod,
    IfMissing,
    KpiSource,
    PlanLevel,
    ScaleKind,
    SchemeKind,
    SchemeStatus,
)
from bonuses.models import (
    BonusBlock,
    BonusKpi,
    BonusScheme,
    BonusStep,
    ManualFact,
    PayBase,
    Sheet,
    SheetLine,
    Upsell,
)
from core import clock
from lamps.enums import Direction
from tests.factories import saved

D = Decimal
AUGUST, SEPTEMBER = date(2026, 8, 1), date(2026, 9, 1)


def scheme(kind: str = SchemeKind.SPECIALIST, **given: Any) -> BonusScheme:
    """A draft without blocks, from January."""
    values = {"name": "Премирование", "kind": kind, "effective_from": date(2026, 1, 1)}
    return saved(BonusScheme(**(values | given)))


def block(scheme: BonusScheme, label: str = "Производство", share: int = 100, **given: Any) -> Any:
    """A block of a draft."""
    values = {"scheme": scheme, "label": label, "share": D(share), "order": scheme.blocks.count()}
    return saved(BonusBlock(**(values | given)))


def kpi(block: BonusBlock, source: str, weight: Any = 100, *steps: Any, **given: Any) -> BonusKpi:
    """A KPI with its steps, (threshold, per cent) each; linear to a plan of 100 unless told."""
    values: dict[str, Any] = {
        "block": block,
        "label": KpiSource(source).label,
        "source": source,
        "weight": D(weight),
        "order": block.kpis.count(),
        "plan": D(100),
    }
    if steps:
        values["scale"] = ScaleKind.STEPS_OF_FACT
    row = saved(BonusKpi(**(values | given)))
    for threshold, percent in steps:
        saved(BonusStep(kpi=row, threshold=D(threshold), percent=D(percent)))
    return row


def publish(row: BonusScheme) -> BonusScheme:
    """Into force, without asking whether it adds up."""
    row.status, row.published_at = SchemeStatus.PUBLISHED, clock.now()
    row.save()
    return row


def talk_scheme(kind: str = SchemeKind.SPECIALIST, **given: Any) -> BonusScheme:
    """65/15/20 with every KPI of the talk; for heads with К2У quality too. In force."""
    row = scheme(kind, **given)
    is_head = kind == SchemeKind.HEAD
    production = block(row, "Производственные показатели", 65)
    kpi(production, KpiSource.PAYMENTS, 50, plan=D(95), floor=D(80), cap=D(105))
    kpi(
        production, KpiSource.DISCONNECTED, 30, (0, 100), (1, 50), better=Direction.LOWER, plan=None
    )
    kpi(production, KpiSource.UPSELL, 20, plan=D(50000), floor=D(50), cap=D(150),
        plan_level=PlanLevel.EMPLOYEE, target_kind="upsell")  # fmt: skip
    standards = block(row, "Стандарты работы", 15)
    kpi(standards, KpiSource.POOL, 40, (1, 100), plan=None)
    kpi(standards, KpiSource.PREPARED, 30, floor=D(50))
    kpi(standards, KpiSource.K2_QUALITY if is_head else KpiSource.MATERIALS, 30, plan=D(60))
    strategy = block(row, "Стратегия", 20, period=BlockPeriod.QUARTER)
    kpi(strategy, KpiSource.SATISFACTION, 50, plan=D(90), if_missing=IfMissing.FULL)
    kpi(strategy, KpiSource.NEEDS, 50, plan=D(10), plan_level=PlanLevel.EMPLOYEE,
        target_kind="needs_identified")  # fmt: skip
    return publish(row)


def manual_scheme(**given: Any) -> BonusScheme:
    """One KPI entered by hand: the fact is the attainment. In force."""
    row = scheme(**given)
    kpi(block(row), KpiSource.MANUAL)
    return publish(row)


def base(employee: Any, amount: Any = "20000.00", **given: Any) -> PayBase:
    """The base of an employee since long ago."""
    values = {"employee": employee, "starts_on": date(2025, 1, 1), "amount": D(amount)}
    return saved(PayBase(**(values | given)))


def manual(employee: Any, value: Any, author: Any, month: date = AUGUST, **given: Any) -> Any:
    """A fact by hand for the newest manual KPI."""
    values = {
        "employee": employee,
        "kpi": BonusKpi.objects.filter(source=KpiSource.MANUAL).latest("pk"),
        "month": month,
        "value": D(value),
        "document": "служебная записка 1",
        "author": author,
    }
    return saved(ManualFact(**(values | given)))


def upsell(employee: Any, client: Any, author: Any, amount: Any = "10000", **given: Any) -> Upsell:
    """An additional sale in August."""
    values = {
        "employee": employee,
        "client": client,
        "on": date(2026, 8, 12),
        "product": "Конструктор договоров",
        "amount": D(amount),
        "document": "счёт 7",
        "author": author,
    }
    return saved(Upsell(**(values | given)))


def sheet(employee: Any, scheme: BonusScheme, month: date, amount: Any) -> tuple[Sheet, SheetLine]:
    """A draft whose only line pays an amount, and that line."""
    held = employee.positions.get()
    money = D(amount)
    row = saved(
        Sheet(
            employee=employee, unit=held.unit, kind=scheme.kind, month=month, scheme=scheme,
            since=month, until=month.replace(day=28), worked=20, working_days=20, base=money,
            points=D(100), earned=money, corrections=D(0), total=money, computed_at=clock.now(),
            objections_until=clock.today() + timedelta(days=2),
        )
    )  # fmt: skip
    kpi = BonusKpi.objects.get(block__scheme=scheme)
    line = saved(
        SheetLine(
            sheet=row, code=f"kpi-{kpi.pk}", order=0, block=kpi.block.label, label=kpi.label,
            kpi=kpi, since=month, until=month.replace(day=28), share=D(100), weight=D(100),
            plan=D(100), fact=D(100), attainment=D(100), points=D(100), amount=money,
        )
    )  # fmt: skip
    return row, line


def clear() -> None:
    """Take away the sheets, facts and bases that the little centre begins with."""
    for model in (Sheet, ManualFact, Upsell, PayBase):
        model.objects.all().delete()
