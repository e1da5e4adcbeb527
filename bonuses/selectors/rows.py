"""The rows behind a line: exactly those whose ids it keeps, as they are now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery, Sum

from accounts.models import Churn, Client, Invoice
from bonuses.enums import KpiSource
from bonuses.models import ManualFact, SheetLine, Upsell
from bonuses.months import last_of
from core.clock import business_date
from lamps.models import LampPeriod
from needs.models import Need
from visits.models import Visit


@dataclass(frozen=True)
class Row:
    """A row in words: when, about which client, what, and its figure."""

    pk: int
    on: date | None
    client: str
    client_id: int | None
    what: str
    figure: Decimal | int | None
    is_counted: bool


HEADS = {
    KpiSource.PAYMENTS: ("Счёт", "Выставлено, ₽"),
    KpiSource.DISCONNECTED: ("Причина", ""),
    KpiSource.UPSELL: ("Что продано", "Сумма, ₽"),
    KpiSource.POOL: ("Цвет лампочки", "Сумма весов"),
    KpiSource.PREPARED: ("Контакт", ""),
    KpiSource.MATERIALS: ("Сегмент", ""),
    KpiSource.SATISFACTION: ("Контакт", "Оценка"),
    KpiSource.NEEDS: ("Потребность", ""),
    KpiSource.K2_QUALITY: ("Контакт", "Критериев"),
    KpiSource.MANUAL: ("Документ", "Факт"),
}


def rows_of(line: SheetLine) -> list[Row]:
    """The rows of a line, in order of date and client."""
    source = KpiSource(line.kpi.source) if line.kpi else KpiSource.MANUAL
    values = _READERS[source](line)
    counted = set(line.counted)
    found = [Row(*row, row[0] in counted) for row in values]  # type: ignore[call-arg]
    return sorted(found, key=lambda r: (r.on or date.min, r.client, r.pk))


Values = Sequence[tuple[Any, ...]]


def _invoices(line: SheetLine) -> Values:
    # Money counts until the period ends, whoever left before that; a draft, until it was drawn.
    drawn = business_date(line.sheet.computed_at)
    until = max(line.until, min(last_of(line.until), drawn))
    paid = Sum("payments__amount", filter=Q(payments__paid_on__lte=until))
    rows = Invoice.objects.filter(pk__in=line.rows).select_related("client").annotate(paid=paid)
    return [
        (r.pk, r.month, r.client.name, r.client_id,
         f"{r.number or 'без номера'}: оплачено {r.paid or 0} ₽", r.amount)
        for r in rows
    ]  # fmt: skip


def _churns(line: SheetLine) -> Values:
    rows = Churn.objects.filter(pk__in=line.rows).select_related("client")
    return [(r.pk, r.on, r.client.name, r.client_id, r.reason, None) for r in rows]


def _upsells(line: SheetLine) -> Values:
    rows = Upsell.objects.filter(pk__in=line.rows).select_related("client")
    return [(r.pk, r.on, r.client.name, r.client_id, r.product, r.amount) for r in rows]


def _pool(line: SheetLine) -> Values:
    then = (
        LampPeriod.objects.filter(client=OuterRef("pk"), starts_on__lte=line.until)
        .filter(Q(ends_on=None) | Q(ends_on__gt=line.until))
        .order_by("-starts_on")
    )
    rows = Client.objects.filter(pk__in=line.rows).annotate(
        colour=Subquery(then.values("colour")[:1]), points=Subquery(then.values("total")[:1])
    )
    words = dict(LampPeriod._meta.get_field("colour").choices or [])
    return [
        (r.pk, line.until, r.name, r.pk, words.get(r.colour, "нет данных"),
         None if r.points is None else Decimal(r.points) / 100)
        for r in rows
    ]  # fmt: skip


def _clients(line: SheetLine) -> Values:
    rows = Client.objects.filter(pk__in=line.rows)
    return [(r.pk, line.until, r.name, r.pk, r.get_segment_display(), None) for r in rows]


def _visits(line: SheetLine) -> Values:
    rows = Visit.objects.filter(pk__in=line.rows).select_related("client")
    source = line.kpi.source if line.kpi else ""
    if source == KpiSource.K2_QUALITY:
        scored = Q(marks__criterion__is_on=True, marks__criterion__is_scored=True)
        rows = rows.annotate(figure=Count("marks", filter=scored))
    elif source == KpiSource.SATISFACTION:
        rows = rows.annotate(figure=F("satisfaction"))
    return [
        (r.pk, r.held_on, r.client.name, r.client_id,
         f"{r.get_level_display()}, {r.get_channel_display().lower()}",
         getattr(r, "figure", None))
        for r in rows
    ]  # fmt: skip


def _needs(line: SheetLine) -> Values:
    rows = Need.objects.filter(pk__in=line.rows).select_related("client")
    return [(r.pk, r.opened_on, r.client.name, r.client_id, r.title, None) for r in rows]


def _manual(line: SheetLine) -> Values:
    rows = ManualFact.objects.filter(pk__in=line.rows).select_related("author")
    return [(r.pk, r.month, "", None, f"{r.document}, внёс {r.author}", r.value) for r in rows]


_READERS: dict[KpiSource, Any] = {
    KpiSource.PAYMENTS: _invoices,
    KpiSource.DISCONNECTED: _churns,
    KpiSource.UPSELL: _upsells,
    KpiSource.POOL: _pool,
    KpiSource.MATERIALS: _clients,
    KpiSource.PREPARED: _visits,
    KpiSource.SATISFACTION: _visits,
    KpiSource.K2_QUALITY: _visits,
    KpiSource.NEEDS: _needs,
    KpiSource.MANUAL: _manual,
}
