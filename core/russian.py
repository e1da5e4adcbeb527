"""Numbers, dates and plurals as a Russian reader writes them. Pure; used by pages and texts.

Every function answers «–» for None: a page must say that there is nothing, never print None.
"""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from core.clock import MOSCOW
from core.shares import half_up

NBSP = "\u00a0"
MINUS = "\u2212"
NOTHING = "–"


def to_decimal(value: Any) -> Decimal | None:
    """A number of any kind as Decimal; None for what is not one."""
    if value is None or value == "" or isinstance(value, bool):
        return None
    try:
        number = value if isinstance(value, Decimal) else Decimal(str(value))
    except (InvalidOperation, ValueError):
        return None
    return number if number.is_finite() else None


def russian(value: Decimal, places: int | None = None) -> str:
    """Write a number with U+00A0 between thousands, a decimal comma and a true minus.

    With `places` it is rounded half up to that many; without, its own digits are kept and
    trailing zeros dropped.
    """
    if places is not None:
        value = half_up(value, places)
        text = f"{abs(value):,f}"
    else:
        text = f"{abs(value):,f}"
        if "." in text:
            text = text.rstrip("0").rstrip(".")
    text = text.replace(",", NBSP).replace(".", ",")
    return f"{MINUS}{text}" if value < 0 else text


def number(value: Any, places: int | None = None) -> str:
    """1234.5 → «1 234,5»."""
    found = to_decimal(value)
    return NOTHING if found is None else russian(found, places)


def decimal1(value: Any) -> str:
    """71.25 → «71,3»: always one digit after the comma."""
    return number(value, 1)


def hundredths(value: Any) -> str:
    """90 → «0,9», 85 → «0,85», 110 → «1,1»: points are kept as whole hundredths."""
    found = to_decimal(value)
    return NOTHING if found is None else russian(found / 100)


def percent(value: Any, places: int = 1) -> str:
    """3.8 → «3,8 %», with a space that does not break."""
    found = to_decimal(value)
    return NOTHING if found is None else f"{russian(found, places)}{NBSP}%"


def signed(value: Any, places: int | None = None) -> str:
    """5 → «+5», -5 → «−5», 0 → «0»: for deviations and movements."""
    found = to_decimal(value)
    if found is None:
        return NOTHING
    text = russian(found, places)
    return f"+{text}" if found > 0 else text


def roubles(value: Any) -> str:
    """1234.5 → «1 234,50 ₽»."""
    found = to_decimal(value)
    return NOTHING if found is None else f"{russian(found, 2)}{NBSP}₽"


def day(value: Any) -> str:
    """A date, or the local day of a moment, as ДД.ММ.ГГГГ."""
    if isinstance(value, datetime):
        value = value.astimezone(MOSCOW) if value.tzinfo else value
    return value.strftime("%d.%m.%Y") if isinstance(value, date) else NOTHING


def daytime(value: Any) -> str:
    """A moment as ДД.ММ.ГГГГ ЧЧ:ММ in the time zone of the interface."""
    if not isinstance(value, datetime):
        return day(value)
    value = value.astimezone(MOSCOW) if value.tzinfo else value
    return value.strftime(f"%d.%m.%Y{NBSP}%H:%M")


def plural_form(count: Any, forms: tuple[str, str, str]) -> str:
    """The form of a noun after a number: 1 клиент, 2 клиента, 5 клиентов, 1,5 клиента."""
    found = to_decimal(count)
    if found is None:
        return forms[2]
    found = abs(found)
    if found != found.to_integral_value():
        return forms[1]
    last_two, last = int(found % 100), int(found % 10)
    if 11 <= last_two <= 14:
        return forms[2]
    if last == 1:
        return forms[0]
    return forms[1] if 2 <= last <= 4 else forms[2]


def plural(count: Any, forms: str) -> str:
    """Only the word: `{{ n|plural:"клиент,клиента,клиентов" }}`."""
    one, few, many = forms.split(",")
    return plural_form(count, (one, few, many))


def counted(count: Any, forms: str) -> str:
    """Number and word: 758 → «758 клиентов»."""
    return f"{number(count)}{NBSP}{plural(count, forms)}"


def age_days(value: Any) -> str:
    """3 → «3 дня»."""
    return NOTHING if to_decimal(value) is None else counted(value, "день,дня,дней")


def share(part: Any, whole: Any, places: int = 1) -> str:
    """`{% share 38 1000 %}` → «3,8 %»; of nothing there is no share."""
    top, bottom = to_decimal(part), to_decimal(whole)
    if top is None or not bottom:
        return NOTHING
    return f"{russian(top * 100 / bottom, places)}{NBSP}%"
