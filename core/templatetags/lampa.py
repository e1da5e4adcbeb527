"""Tags and filters of the interface: lamps, icons, Russian numbers, dates and plurals.

Loaded into every template as a builtin. Filters answer «–» for None: a page must say that there
is nothing, never print the word None.
"""

from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

import structlog
from django import template
from django.apps import apps
from django.db.models.fields import BLANK_CHOICE_DASH
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from core.charts.pool import pool_parts
from core.russian import (
    NBSP,
    age_days,
    counted,
    day,
    daytime,
    decimal1,
    hundredths,
    number,
    percent,
    plural,
    roubles,
    russian,
    share,
    signed,
)

register = template.Library()
for words in (
    number,
    decimal1,
    hundredths,
    percent,
    signed,
    roubles,
    day,
    daytime,
    plural,
    counted,
    age_days,
):
    register.filter(words)
register.simple_tag(share)
register.simple_tag(pool_parts)

NO_WORDS = BLANK_CHOICE_DASH[0][1]
LAMPS = {
    "green": "Зелёный",
    "yellow": "Жёлтый",
    "red": "Красный",
    "none": "Нет данных",
}
# Four shapes, so that the colour is never the only difference. The classes take their colours
# from the style sheet; `currentColor` is the lamp's own.
SIGNS = {
    "green": (
        '<circle cx="12" cy="12" r="10.5" fill="currentColor"/>'
        '<path class="lamp-mark" d="M7 12.4l3.4 3.4L17 9" fill="none" stroke="#fff"'
        ' stroke-width="2.4" stroke-linecap="round" stroke-linejoin="round"/>'
    ),
    "yellow": (
        '<path d="M12 1.8 23.2 21.6H.8z" fill="currentColor" stroke="currentColor"'
        ' stroke-width="1.6" stroke-linejoin="round"/>'
        '<path class="lamp-mark" d="M12 8.6v6.2M12 18.3v.2" fill="none" stroke="#fff"'
        ' stroke-width="2.6" stroke-linecap="round"/>'
    ),
    "red": (
        '<path d="M7.4 1.5h9.2l5.9 5.9v9.2l-5.9 5.9H7.4l-5.9-5.9V7.4z" fill="currentColor"/>'
        '<path class="lamp-mark" d="M8.2 8.2l7.6 7.6M15.8 8.2l-7.6 7.6" fill="none" stroke="#fff"'
        ' stroke-width="2.4" stroke-linecap="round"/>'
    ),
    "none": (
        '<circle cx="12" cy="12" r="9.6" fill="none" stroke="currentColor" stroke-width="1.8"'
        ' stroke-dasharray="3.4 2.6"/>'
        '<path d="M8.4 12h7.2" fill="none" stroke="currentColor" stroke-width="2.2"'
        ' stroke-linecap="round"/>'
    ),
}
SIZES = {"sm": 14, "md": 18, "lg": 24, "xl": 40}


@register.filter
def initials(value: Any) -> str:
    """«Иванова Анна Петровна» → «ИА», for the round mark of a person."""
    return "".join(word[0] for word in str(value).split()[:2]).upper()


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """A value of a mapping by a key that is itself a variable."""
    return mapping.get(key) if hasattr(mapping, "get") else None


@register.simple_tag
def points(value: Any, maximum: Any = None) -> str:
    """`{% points 90 %}` → «0,9»; `{% points 90 110 %}` → «0,9 из 1,1»."""
    text = hundredths(value)
    return text if maximum is None else f"{text}{NBSP}из{NBSP}{hundredths(maximum)}"


def lamp_code(colour: Any) -> str:
    """The code of a lamp's colour; anything unknown counts as no data."""
    code = str(getattr(colour, "value", colour) or "none").lower()
    return code if code in LAMPS else "none"


@register.simple_tag
def lamp(colour: Any, size: str = "md", label: bool = True) -> SafeString:
    """A lamp by shape, colour and word; `label=False` keeps the word for screen readers only."""
    code = lamp_code(colour)
    side = SIZES.get(size, SIZES["md"])
    word_class = "lamp-word" if label else "visually-hidden"
    return format_html(
        '<span class="lamp lamp-{}"{}><svg class="lamp-sign" width="{}" height="{}"'
        ' viewBox="0 0 24 24" aria-hidden="true" focusable="false">{}</svg>'
        '<span class="{}">{}</span></span>',
        code,
        "" if label else format_html(' title="{}"', LAMPS[code]),
        side,
        side,
        mark_safe(SIGNS[code]),  # noqa: S308  (a constant above)
        word_class,
        LAMPS[code],
    )


@register.filter
def lamp_word(colour: Any) -> str:
    """The word of a colour: «Зелёный»."""
    return LAMPS[lamp_code(colour)]


@cache
def _sprite() -> str:
    """The address of the sprite: a page asks for it two hundred times."""
    return static("icons.svg")


@register.simple_tag
def icon(name: str, label: str = "", size: int = 20) -> SafeString:
    """An icon of the sprite; with `label` it speaks, without it is decoration."""
    return format_html(
        '<svg class="icon" width="{}" height="{}" focusable="false"{}><use href="{}#{}"/></svg>',
        size,
        size,
        format_html(' role="img" aria-label="{}"', label)
        if label
        else mark_safe(' aria-hidden="true"'),
        _sprite(),
        name,
    )


@register.simple_tag
def asset(path: str) -> str:
    """Like `static`, but never fails: error pages must come out even without collected files."""
    try:
        return static(path)
    except ValueError:
        return ""


@register.filter
def page_window(page: Any, around: int = 2) -> list[int | None]:
    """Page numbers to offer: first, last, the neighbours; None stands for a gap.

    A paginator that does not count knows only its neighbours.
    """
    current = page.number
    last = page.paginator.num_pages or current
    wanted = {1, last} | set(range(max(1, current - around), min(last, current + around) + 1))
    result: list[int | None] = []
    for candidate in sorted(wanted):
        if result and result[-1] is not None and candidate - result[-1] > 1:
            gap = candidate - result[-1]
            result.append(candidate - 1 if gap == 2 else None)
        result.append(candidate)
    return result


@register.filter
def total(paginator: Any) -> int | None:
    """How many rows there are, or None where the paginator does not count."""
    try:
        return paginator.count
    except NotImplementedError:
        return None


@register.filter
def aria_sort(column: Any) -> str:
    """The value of aria-sort for a column of django-tables2."""
    if not column.is_ordered:
        return "none"
    return "descending" if column.order_by_alias.is_descending else "ascending"


@register.filter
def label_of(form: Any, name: str) -> str:
    """The label of a form's field by name."""
    field = form.fields.get(name)
    return str(field.label or name) if field else name


@register.filter
def active_filters(form: Any) -> list[dict[str, str]]:
    """The filters a reader has set, as words: [{"name", "label", "value"}].

    Reads what the form accepted, so a value that was refused is not shown as active.
    """
    if not getattr(form, "is_bound", False):
        return []
    form.is_valid()
    found = []
    for name, field in form.fields.items():
        value = form.cleaned_data.get(name)
        if value in (None, "", []) or (hasattr(value, "exists") and not value):
            continue
        found.append(
            {"name": name, "label": str(field.label or name), "value": in_words(field, value)}
        )
    return found


def in_words(field: Any, value: Any) -> str:
    """A cleaned value of a filter field as a reader would say it."""
    if isinstance(value, bool):
        return "да" if value else "нет"
    if isinstance(value, slice):
        # A range of days comes as moments from midnight to the last second.
        ends = [v.date() if isinstance(v, datetime) else v for v in (value.start, value.stop)]
        low, high = (in_words(field, end) for end in ends)
        return " ".join(
            part
            for part in (f"с {low}" if value.start else "", f"по {high}" if value.stop else "")
            if part
        )
    if isinstance(value, datetime):
        return daytime(value)
    if isinstance(value, date):
        return day(value)
    # Rows of the database say their own name; reading all choices would be a query for nothing.
    choices = None if hasattr(field, "queryset") else getattr(field, "choices", None)
    if choices is not None:
        names: dict[str, str] = {}
        for key, name in choices:
            if isinstance(name, (list, tuple)):
                names.update({str(k): str(n) for k, n in name})
            else:
                names[str(key)] = str(name)
        values = value if isinstance(value, (list, tuple, set)) else [value]
        return ", ".join(names.get(str(v), str(v)) for v in values)
    if hasattr(value, "__iter__") and not isinstance(value, str):
        return ", ".join(str(v) for v in value)
    if isinstance(value, (int, Decimal)):
        return number(value)
    return str(value)


@register.simple_tag(takes_context=True)
def query_without(context: template.Context, *names: str) -> str:
    """The current query without some parameters and without the page: for chips and resets."""
    query = context["request"].GET.copy()
    for name in (*names, "page"):
        query.pop(name, None)
    # A range filter has two inputs under one name.
    for name in names:
        for suffix in ("_min", "_max", "_after", "_before", "_0", "_1"):
            query.pop(name + suffix, None)
    return "?" + query.urlencode()


@register.filter
def span(page: Any) -> str:
    """The rows on this page, «51–100», counted without asking the database for the total."""
    first = (page.number - 1) * page.paginator.per_page + 1
    last = first + len(page.object_list) - 1
    if last < first:
        return "0"
    return (
        russian(Decimal(first))
        if first == last
        else f"{russian(Decimal(first))}–{russian(Decimal(last))}"
    )


@register.filter
def filter_field(field: Any) -> Any:
    """Dress a bound field: Bootstrap classes, dates as date pickers, plain words for "any".

    A form owns copies of its widgets, so changing them touches nobody else.
    """
    widget = field.field.widget
    parts = getattr(widget, "widgets", None)
    if parts:
        names = ("с", "по") if len(parts) == 2 else tuple(str(n + 1) for n in range(len(parts)))
        is_date = "Date" in type(widget).__name__
        for part, name in zip(parts, names, strict=True):
            part.attrs.update({"class": "form-control", "aria-label": f"{field.label}: {name}"})
            if is_date:
                part.input_type = "date"
        return field
    if hasattr(widget, "choices"):
        if getattr(widget, "input_type", "select") == "select":
            widget.attrs["class"] = "form-select"
            if not hasattr(field.field, "queryset"):
                words = {"unknown": "Не важно", "": "Не важно"}
                widget.choices = [(v, words.get(str(v), n)) for v, n in widget.choices]
            elif field.field.empty_label == NO_WORDS:  # else the form has words of its own
                field.field.empty_label = "Не важно"  # its rows are read once, when drawn
        else:
            widget.attrs["class"] = "form-check-input"
        return field
    if getattr(widget, "input_type", "") == "checkbox":
        widget.attrs["class"] = "form-check-input"
        return field
    widget.attrs["class"] = "form-control"
    if type(field.field).__name__ in {"DateField", "IsoDateTimeField"}:
        widget.input_type = "date"
    return field


@register.filter
def range_inputs(field: Any) -> list[SafeString]:
    """The inputs of a range one by one, so that each has its own label and place."""
    context = field.field.widget.get_context(field.html_name, field.value(), {"id": field.auto_id})
    return [
        # Django's own widget templates, which escape.
        mark_safe(field.form.renderer.render(part["template_name"], {"widget": part}))  # noqa: S308
        for part in context["widget"]["subwidgets"]
    ]


@register.filter
def field_kind(field: Any) -> str:
    """How a filter field is laid out: "range", "choices", "check" or "plain"."""
    widget = field.field.widget
    if getattr(widget, "widgets", None):
        return "range"
    if hasattr(widget, "choices") and getattr(widget, "input_type", "select") != "select":
        return "choices"
    return "check" if getattr(widget, "input_type", "") == "checkbox" else "plain"


@register.filter
def audit_changes(entry: Any) -> list[dict[str, str]]:
    """What an audit row changed, in words: [{"label", "before", "after"}]."""
    try:
        fields = {
            f.name: f for f in apps.get_model(entry.subject.partition(":")[0])._meta.get_fields()
        }
    except (LookupError, ValueError):
        fields = {}
    before, after = entry.before or {}, entry.after or {}
    found = []
    for name in dict.fromkeys([*after, *before]):
        old, new = before.get(name), after.get(name)
        if old == new:
            continue
        field = fields.get(name)
        label = str(getattr(field, "verbose_name", name))
        found.append(
            {
                "label": label[:1].upper() + label[1:],
                "before": audit_value(field, old),
                "after": audit_value(field, new),
            }
        )
    return found


def audit_value(field: Any, value: Any) -> str:
    """A stored value as a reader would say it; empty stays empty."""
    if value in (None, "", [], {}):
        return ""
    if isinstance(value, bool):
        return "да" if value else "нет"
    names = {str(k): str(n) for k, n in getattr(field, "flatchoices", None) or []}
    if isinstance(value, (list, tuple)):
        return ", ".join(names.get(str(v), str(v)) for v in value)
    if str(value) in names:
        return names[str(value)]
    if isinstance(value, str) and hasattr(field, "get_internal_type"):
        kind = field.get_internal_type()
        try:
            if kind == "DateField":
                return day(date.fromisoformat(value))
            if kind == "DateTimeField":
                return daytime(datetime.fromisoformat(value))
        except ValueError:
            return value
    return str(value)


@register.filter
def minutes(value: Any) -> int | None:
    """The whole minutes of a timedelta, rounded up."""
    return -(-int(value.total_seconds()) // 60) if hasattr(value, "total_seconds") else None


@register.simple_tag
def request_id() -> str:
    """The id under which the log knows this request, for error pages that have no context."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


BROWSERS = (
    ("YaBrowser", "Яндекс Браузер"),
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@register.filter
def device(agent: Any) -> str:
    """A browser's long signature in two words, «Firefox, Windows»; unknown ones stay."""
    text = str(agent or "")
    found = [
        next((word for mark, word in known if mark in text), "") for known in (BROWSERS, SYSTEMS)
    ]
    return ", ".join(filter(None, found)) or text[:80] or "Неизвестное устройство"
