"""Columns of lamps, of the board's export, of scheme versions."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.db.models import Case, F, QuerySet, SmallIntegerField, Value, When
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django_tables2.data import TableQuerysetData

from core.templatetags.lampa import NBSP, day, hundredths, lamp, number
from lamps import selectors
from lamps.enums import Colour
from lamps.health import COLOURED
from lamps.models import Indicator, LampScheme
from lamps.selectors import table as reads
from lamps.selectors.boards import movement

NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_SUM = {"th": {"class": "num group-start"}, "td": {"class": "num group-start lamp-sum"}}
# The worst first: what needs work stands at the top of an ascending sort.
COLOUR_ORDER = [Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.NONE]


class LampData(TableQuerysetData):
    """Rows whose page is found on the lamps alone; the neighbours are read for it only.

    Sorting a hundred thousand rows is quick while they are narrow: a query for the ids of the
    page, then one for its rows with client, specialist and unit.
    """

    RELATED = ("client", "specialist", "unit")

    def __getitem__(self, key: Any) -> Any:
        if not isinstance(key, slice):
            return super().__getitem__(key)
        ids = list(self.data.values_list("pk", flat=True)[key])
        rows = self.data.model._default_manager.filter(pk__in=ids).select_related(*self.RELATED)
        found = {row.pk: row for row in rows.order_by()}
        return [found[pk] for pk in ids if pk in found]

    def __iter__(self) -> Any:
        """All rows, for a file: in portions, so that memory does not grow with them."""
        return self.data.select_related(*self.RELATED).iterator(chunk_size=2000)


class Ordered(tables.Column):
    """A column that sorts by an expression, what is empty last; names break ties."""

    def __init__(self, *args: Any, by: Any = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.by = by

    def order(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        key = F(self.by) if isinstance(self.by, str) else self.by
        first = key.desc(nulls_last=True) if is_descending else key.asc(nulls_last=True)
        return queryset.order_by(first, *_by_name(queryset)), True


def _by_name(queryset: QuerySet) -> list[str]:
    """Names in the order of their keys; a lamp repeats its client's key, a period does not."""
    has_key = any(f.name == "sort_key" for f in queryset.model._meta.fields)
    return ["sort_key" if has_key else "client__sort_key", "client_id"]


class NameColumn(tables.Column):
    """The client, linked to the lamp on its card."""

    def order(self, queryset: QuerySet, is_descending: bool) -> tuple[QuerySet, bool]:
        keys = _by_name(queryset)
        return queryset.order_by(*(f"-{k}" for k in keys) if is_descending else keys), True


def abbreviated(label: str) -> str:
    """«Обученность» → «Обуч.»: fourteen columns of figures leave no room for long names."""
    if len(label) <= 7:
        return label
    return label[:5].rstrip("аеёиоуыэюяйьъ ") + "."


class SlotColumn(Ordered):
    """One element of an array of the lamp, by the indicator's slot."""

    def __init__(self, array: str, indicator: Indicator, label: str = "", **kwargs: Any) -> None:
        super().__init__(
            verbose_name=label or indicator.label,
            accessor="pk",
            by=f"{array}__{indicator.slot}",
            empty_values=(),
            **kwargs,
        )
        self.array, self.slot = array, indicator.slot
        self.short = abbreviated(indicator.label)

    def of(self, record: Any) -> int | None:
        """The stored element; None beyond the end, for an older scheme fills less."""
        values = getattr(record, self.array)
        return values[self.slot] if self.slot < len(values) else None


_NOUGHT = mark_safe('<span class="text-secondary">0</span>')


class RawColumn(SlotColumn):
    """The value of an indicator; on a narrow screen with its points behind it."""

    def html(self, record: Any) -> Any:
        """The value as the page shows it."""
        points = record.points[self.slot] if self.slot < len(record.points) else None
        return format_html(
            '<span>{}<span class="only-cards">{}→{}{}</span></span>',
            number(self.of(record)), NBSP, NBSP, hundredths(points),
        )  # fmt: skip

    def value(self, value: Any, record: Any) -> Any:
        return self.of(record)


class PointsColumn(SlotColumn):
    """What the value earned, in hundredths."""

    def html(self, record: Any) -> Any:
        """The points as the page shows them; noughts are quiet."""
        points = self.of(record)
        return _NOUGHT if points == 0 else hundredths(points)

    def value(self, value: Any, record: Any) -> Any:
        return hundredths_value(self.of(record))


def _figures(more: str) -> dict[str, dict[str, str]]:
    """Attributes of a narrow column of figures."""
    return {"th": {"class": f"num {more}".strip()}, "td": {"class": f"num {more}".strip()}}


def hundredths_value(points: int | None) -> Decimal | None:
    """Points for a file: 85 → 0.85."""
    return None if points is None else Decimal(points) / 100


class LampTable(tables.Table):
    """The talk's own form: colour, name, employee, values, points, sum, what ends soon."""

    colour = Ordered(
        verbose_name="Цвет",
        by=Case(
            *[When(colour=c, then=Value(n)) for n, c in enumerate(COLOUR_ORDER)],
            output_field=SmallIntegerField(),
        ),
        attrs={"td": {"class": "lamp-col"}},
    )
    name = NameColumn(
        accessor="client", verbose_name="Клиент", attrs={"td": {"class": "cell-title"}}
    )
    inn = tables.Column(accessor="client__inn", verbose_name="ИНН", visible=False)
    unit = tables.Column(verbose_name="Отдел", visible=False)
    specialist = Ordered(verbose_name="Сотрудник", by="specialist__last_name", default="–")
    total = Ordered(
        verbose_name="Сумма", by="total", attrs=_SUM,
        empty_values=(),
    )  # fmt: skip
    most = tables.Column(accessor="scheme_id", verbose_name="Из", visible=False, orderable=False)
    expiring = Ordered(verbose_name="Скоро закончится", by="expires_on", empty_values=())
    since = Ordered(verbose_name="Цвет с", by="since", attrs=NUM)

    class Meta:
        empty_text = "Лампочек пока нет: их рассчитывает ночь"
        attrs = {"class": "table table-cards lamp-table"}
        order_by = "name"

    def __init__(self, data: Any, *args: Any, **kwargs: Any) -> None:
        shown = reads.indicators()
        self.labels = selectors.indicator_labels()
        self.best = reads.best_sums()
        extra: list[tuple[str, tables.Column]] = []
        for n, one in enumerate(shown):
            attrs = _figures("group-start" if n == 0 else "")
            extra.append((f"raw_{one.code}", RawColumn("raw", one, attrs=attrs)))
        for n, one in enumerate(shown):
            attrs = _figures("not-cards group-start" if n == 0 else "not-cards")
            label = f"{one.label}, вес"
            extra.append((f"points_{one.code}", PointsColumn("points", one, label, attrs=attrs)))
        kwargs["extra_columns"] = extra
        names = [name for name, _ in extra]
        kwargs["sequence"] = (
            "colour", "name", "inn", "unit", "specialist", *names,
            "total", "most", "expiring", "since",
        )  # fmt: skip
        # What ends soon of a past day has no dates in its history: nothing to sort by.
        periods = not any(f.name == "expires_on" for f in data.model._meta.fields)
        super().__init__(LampData(data), *args, **kwargs)
        if periods:
            self.columns["expiring"].column.orderable = False
        half = len(shown)
        if half:
            self.header_groups = [
                {"label": "", "span": 3},
                {"label": "Значения", "span": half},
                {"label": "Веса", "span": half},
                {"label": "", "span": 3},
            ]

    @property
    def body(self) -> SafeString:
        """All rows of the page at once: a thousand cells written one by one take too long."""
        shown = [
            (
                self._opening(column),
                getattr(column.column, "html", None) or getattr(self, f"html_{column.name}"),
            )
            for column in self.columns
        ]
        lines = (
            format_html_join("", "{}{}</td>", ((start, html(row.record)) for start, html in shown))
            for row in self.paginated_rows
        )
        return format_html_join("", '<tr role="row">{}</tr>', ((line,) for line in lines))

    def _opening(self, column: Any) -> SafeString:
        css = column.column.attrs.get("td", {}).get("class", "")
        return format_html('<td role="cell" data-label="{}" class="{}">', column.header, css)

    def html_colour(self, record: Any) -> Any:
        return lamp(record.colour)

    def html_name(self, record: Any) -> Any:
        address = reverse("client", args=[record.client_id])
        return format_html('<a href="{}?tab=lamp">{}</a>', address, record.client.name)

    def html_specialist(self, record: Any) -> str:
        return record.specialist.short_name if record.specialist else "–"

    def html_total(self, record: Any) -> Any:
        if record.total is None:
            return "–"
        most = hundredths(self.best.get(record.scheme_id))
        return format_html("<span><b>{}</b>{}</span>", hundredths(record.total), f"{NBSP}из{NBSP}{most}")

    def html_expiring(self, record: Any) -> Any:
        until = getattr(record, "until", [])
        return format_html_join(
            ", ",
            '<span class="nowrap"{}>{}</span>',
            (
                (
                    format_html(' title="до {}"', day(until[slot])) if until else "",
                    abbreviated(self.labels.get(slot, "")),
                )
                for slot in record.expiring
            ),
        )

    def html_since(self, record: Any) -> str:
        return day(record.since)

    def value_colour(self, record: Any) -> str:
        return str(record.get_colour_display())

    def value_name(self, record: Any) -> str:
        return str(record.client.name)

    def value_specialist(self, record: Any) -> str:
        return str(record.specialist or "")

    def value_unit(self, record: Any) -> str:
        return str(record.unit or "")

    def value_total(self, record: Any) -> Any:
        return hundredths_value(record.total)

    def value_most(self, record: Any) -> Any:
        return hundredths_value(self.best.get(record.scheme_id))

    def value_expiring(self, record: Any) -> str:
        until = getattr(record, "until", [])
        return ", ".join(
            f"{self.labels.get(slot, '')} до {day(until[slot])}" if until else self.labels[slot]
            for slot in record.expiring
        )


class BoardTable(tables.Table):
    """The board as a file: every row of the tree, counts, shares and deviations."""

    level = tables.Column(verbose_name="Уровень", accessor="depth")
    unit = tables.Column(verbose_name="Подразделение", accessor="unit", empty_values=())
    specialist = tables.Column(verbose_name="Сотрудник", accessor="specialist", empty_values=())
    clients = tables.Column(verbose_name="Клиентов", accessor="now__clients")
    none = tables.Column(verbose_name="Нет данных", accessor="now__none")
    standard = tables.Column(verbose_name="Стандарт 3", accessor="standard__words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        extra = []
        for colour in COLOURED:
            label = {"red": "Красных", "yellow": "Жёлтых", "green": "Зелёных"}[colour]
            extra += [
                (f"{colour.value}_count", PoolColumn("count", colour, verbose_name=label)),
                (f"{colour.value}_share", PoolColumn("share", colour, verbose_name=f"{label}, %")),
                (
                    f"{colour.value}_deviation",
                    PoolColumn("deviation", colour, verbose_name=f"{label}: от нормы, п. п."),
                ),
                (
                    f"{colour.value}_movement",
                    PoolColumn("movement", colour, verbose_name=f"{label}: с начала месяца, п. п."),
                ),
            ]
        names = [name for name, _ in extra]
        super().__init__(
            *args,
            extra_columns=extra,
            sequence=("level", "unit", "specialist", "clients", *names, "none", "standard"),
            orderable=False,
            **kwargs,
        )

    def value_unit(self, record: Any) -> str:
        return str(record.unit) if record.unit else record.label

    def value_specialist(self, record: Any) -> str:
        return record.label if record.specialist or record.is_vacant else ""


class PoolColumn(tables.Column):
    """A figure of one colour of a board's row."""

    def __init__(self, figure: str, colour: Colour, **kwargs: Any) -> None:
        super().__init__(accessor="depth", empty_values=(), **kwargs)
        self.figure, self.colour = figure, colour

    def value(self, record: Any) -> Any:
        if self.figure == "count":
            return record.now.count(self.colour)
        if self.figure == "share":
            return record.now.share(self.colour)
        if self.figure == "deviation":
            return record.now.deviation(self.colour, record.norm)
        return movement(record, self.colour)


class LampSchemeTable(tables.Table):
    """Versions of the rules."""

    name = tables.Column(
        verbose_name="Название",
        linkify=("lamp_scheme", [tables.A("pk")]),
        attrs={"td": {"class": "cell-title"}},
    )
    segment = tables.Column(verbose_name="Сегмент", empty_values=())
    effective_from = tables.DateColumn(verbose_name="Действует с", format="d.m.Y")
    status = tables.Column(verbose_name="Состояние")
    limits = tables.Column(verbose_name="Жёлтый и зелёный от", accessor="yellow_from")
    norms = tables.Column(verbose_name="Норма, %", accessor="norm_red", orderable=False)

    class Meta:
        empty_text = "Схем пока нет"
        model = LampScheme
        fields = ("name", "segment", "effective_from", "status", "limits", "norms")
        order_by = "-effective_from"

    def render_segment(self, record: Any) -> str:
        return record.get_segment_display() or "Все сегменты"

    value_segment = render_segment

    def render_limits(self, record: Any) -> str:
        return f"{hundredths(record.yellow_from)} и {hundredths(record.green_from)}"

    def render_norms(self, record: Any) -> str:
        return " / ".join(
            number(v) for v in (record.norm_red, record.norm_yellow, record.norm_green)
        )
