"""The lamp table: its columns are the indicators, its cells are written at once."""

from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.db.models import Case, IntegerField, Value, When
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from core.russian import NBSP, day, hundredths, number
from core.templatetags.lampa import lamp
from lamps import selectors
from lamps.enums import Colour
from lamps.models import Indicator
from lamps.selectors import table as reads
from lamps.tables.data import DayColumn, LampData, NameColumn, Ordered, SpecialistColumn

NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_SUM = {"th": {"class": "num group-start"}, "td": {"class": "num group-start lamp-sum"}}
# The worst first: what needs work stands at the top of an ascending sort.
COLOUR_ORDER = [Colour.RED, Colour.YELLOW, Colour.GREEN, Colour.NONE]


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
            output_field=IntegerField(),
        ),
        attrs={"td": {"class": "lamp-col"}},
    )
    name = NameColumn(
        accessor="client", verbose_name="Клиент", attrs={"td": {"class": "cell-title"}}
    )
    inn = tables.Column(accessor="client__inn", verbose_name="ИНН", visible=False)
    unit = tables.Column(verbose_name="Отдел", visible=False)
    specialist = SpecialistColumn(verbose_name="Сотрудник", default="–")
    total = Ordered(
        verbose_name="Сумма", by="total", attrs=_SUM,
        empty_values=(),
    )  # fmt: skip
    most = tables.Column(accessor="scheme_id", verbose_name="Из", visible=False, orderable=False)
    expiring = DayColumn(verbose_name="Скоро закончится", by="expires_on", empty_values=())
    since = DayColumn(verbose_name="Цвет с", by="since", attrs=NUM)

    class Meta:
        empty_text = "Лампочек пока нет: их рассчитывает ночь"
        attrs = {"class": "table table-cards lamp-table"}
        order_by = "name"

    def __init__(self, data: Any, *args: Any, length: int | None = None, **kwargs: Any) -> None:
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
        super().__init__(LampData(data, length), *args, **kwargs)
        self.periods = periods
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

    @cached_property
    def opened(self) -> set[int]:
        """The clients of the page whose cards the reader may open: of present lamps, all."""
        ids = [row.record.client_id for row in self.paginated_rows]
        return reads.opened_by(self.request.user, ids) if self.periods else set(ids)

    def _opening(self, column: Any) -> SafeString:
        css = column.column.attrs.get("td", {}).get("class", "")
        return format_html('<td role="cell" data-label="{}" class="{}">', column.header, css)

    def html_colour(self, record: Any) -> Any:
        return lamp(record.colour)

    def html_name(self, record: Any) -> Any:
        if record.client_id not in self.opened:
            return record.client.name
        address = reverse("client", args=[record.client_id])
        return format_html('<a href="{}?tab=lamp">{}</a>', address, record.client.name)

    def html_specialist(self, record: Any) -> str:
        return record.specialist.short_name if record.specialist else "–"

    def html_total(self, record: Any) -> Any:
        if record.total is None:
            return "–"
        most = hundredths(self.best.get(record.scheme_id))
        text = f"{NBSP}из{NBSP}{most}"
        return format_html("<span><b>{}</b>{}</span>", hundredths(record.total), text)

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
