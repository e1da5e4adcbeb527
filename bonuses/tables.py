"""Columns of bonuses."""

from typing import Any

import django_tables2 as tables

from accounts.tables import NUM, TITLE, DayColumn, badge
from bonuses.enums import SheetStatus
from bonuses.models import BonusScheme, ManualFact, Objection, PayBase, Sheet, Upsell
from bonuses.months import label
from core.russian import number, roubles

_STATUS = {
    SheetStatus.DRAFT: "",
    SheetStatus.ASSESSED: "badge-key",
    SheetStatus.APPROVED: "badge-key",
}


class MoneyColumn(tables.Column):
    """Roubles to the kopeck; a number in a file."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", NUM)
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return roubles(value)

    def value(self, value: Any) -> Any:
        return value


class MonthColumn(tables.Column):
    """«ноябрь 2026»; its first day in a file."""

    def render(self, value: Any) -> str:
        return label(value)

    def value(self, value: Any) -> Any:
        return value


class SheetTable(tables.Table):
    month = MonthColumn(linkify=("pay_sheet", {"pk": tables.A("pk")}), attrs=TITLE)
    employee = tables.Column(linkify=("pay_sheet", {"pk": tables.A("pk")}))
    unit = tables.Column()
    status = tables.Column()
    worked = tables.Column(verbose_name="Дней", attrs=NUM)
    points = tables.Column(attrs=NUM)
    base = MoneyColumn()
    earned = MoneyColumn()
    corrections = MoneyColumn()
    total = MoneyColumn()

    class Meta:
        empty_text = "Листов пока нет: они появятся, когда рассчитают черновики месяца"
        model = Sheet
        fields = (
            "month", "employee", "unit", "status", "worked", "points", "base", "earned",
            "corrections", "total",
        )  # fmt: skip
        order_by = "-month"

    def order_employee(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        names = ("last_name", "first_name", "id")
        return queryset.order_by(*[f"{sign}employee__{name}" for name in names], "-month"), True

    def order_unit(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}unit__path", "-month", "id"), True

    def render_status(self, record: Sheet, value: str) -> Any:
        if record.status == SheetStatus.DRAFT and record.agreed_at:
            value = f"{value}, согласован"
        return badge(value, _STATUS.get(SheetStatus(record.status), ""))

    def value_status(self, record: Sheet) -> str:
        return str(record.get_status_display())

    def render_worked(self, record: Sheet) -> str:
        return f"{record.worked} из {record.working_days}"

    def value_worked(self, record: Sheet) -> int:
        return record.worked

    def render_points(self, value: Any) -> str:
        return number(value, 2)

    def value_points(self, value: Any) -> Any:
        return value


class ObjectionTable(tables.Table):
    made_at = tables.DateTimeColumn(
        format="d.m.Y H:i", linkify=("pay_answer", {"pk": tables.A("pk")}), attrs=TITLE
    )
    month = MonthColumn(verbose_name="Месяц", accessor="line__sheet__month")
    employee = tables.Column(verbose_name="Сотрудник", accessor="line__sheet__employee")
    line = tables.Column(accessor="line__label", verbose_name="Показатель")
    reason = tables.Column()
    status = tables.Column()
    answer = tables.Column()

    class Meta:
        empty_text = "Возражений нет"
        model = Objection
        fields = ("made_at", "month", "employee", "line", "reason", "status", "answer")
        order_by = "-made_at"

    def __init__(self, *args: Any, may_answer: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_answer:
            self.columns["made_at"].link = None

    def order_employee(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}line__sheet__employee__last_name", "id"), True


class BonusSchemeTable(tables.Table):
    name = tables.Column(linkify=("bonus_scheme", {"pk": tables.A("pk")}), attrs=TITLE)
    effective_from = MonthColumn()

    class Meta:
        empty_text = "Схем пока нет: создайте первую"
        model = BonusScheme
        fields = ("name", "kind", "effective_from", "status", "objection_days")
        order_by = "-effective_from"


class PayBaseTable(tables.Table):
    employee = tables.Column(linkify=("pay_base_edit", {"pk": tables.A("pk")}), attrs=TITLE)
    starts_on = DayColumn()
    amount = MoneyColumn()
    rate = tables.Column(attrs=NUM)

    class Meta:
        empty_text = "Баз пока нет: задайте базу каждому, кому начисляется премия"
        model = PayBase
        fields = ("employee", "starts_on", "amount", "rate")
        order_by = "-starts_on"

    def order_employee(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}employee__last_name", "-starts_on", "id"), True

    def render_rate(self, value: Any) -> str:
        return number(value)

    def value_rate(self, value: Any) -> Any:
        return value


class UpsellTable(tables.Table):
    on = DayColumn(linkify=("upsell_edit", {"pk": tables.A("pk")}))
    product = tables.Column(attrs=TITLE)
    client = tables.Column(linkify=("client", {"pk": tables.A("client_id")}))
    employee = tables.Column()
    amount = MoneyColumn()
    document = tables.Column()
    author = tables.Column()

    class Meta:
        empty_text = "Допродаж пока нет"
        model = Upsell
        fields = ("on", "product", "client", "employee", "amount", "document", "author")
        order_by = "-on"

    def __init__(self, *args: Any, may_change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change:
            self.columns["on"].link = None


class ManualFactTable(tables.Table):
    month = MonthColumn(linkify=("manual_fact_edit", {"pk": tables.A("pk")}), attrs=TITLE)
    employee = tables.Column()
    kpi = tables.Column()
    value = tables.Column(attrs=NUM)
    document = tables.Column()
    author = tables.Column()

    class Meta:
        empty_text = "Показателей вручную пока нет"
        model = ManualFact
        fields = ("month", "employee", "kpi", "value", "document", "author")
        order_by = "-month"

    def __init__(self, *args: Any, may_change: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_change:
            self.columns["month"].link = None

    def render_value(self, value: Any) -> str:
        return number(value)

    def value_value(self, value: Any) -> Any:
        return value
