"""From what stands in a cell or in JSON to a value. Pure and strict.

A cell is text, a number, a date, a truth value, nothing, or `Broken` (an error of the
spreadsheet, a formula without a value). What is read otherwise than written is told in a note;
what could be read in two ways is refused. Digits are ASCII: «١٢» and «1_000» are no numbers.
"""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from core.clock import MOSCOW

_SPACES = "\u00a0\u202f\u2009"
_PLAIN = re.compile(r"[+-]?[0-9]+(?:[.,][0-9]+)?")
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?: [0-9]{3})+(?:,[0-9]+)?")
_RUSSIAN_DAY = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})")
_ISO_DAY = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_MONTH = re.compile(r"([0-9]{1,2})\.([0-9]{4})|([0-9]{4})-([0-9]{2})")
_MOMENT = re.compile(r"(\S+)[ T]([0-9]{1,2}):([0-9]{2})(?::([0-9]{2})(?:\.0+)?)?(Z|[+-][0-9:]+)?")
_LONGEST_NUMBER = 40
_MONTHS = (
    "январь", "февраль", "март", "апрель", "май", "июнь", "июль", "август", "сентябрь",
    "октябрь", "ноябрь", "декабрь",
)  # fmt: skip
YES = frozenset({"да", "1", "true", "истина", "+", "yes"})
NO = frozenset({"нет", "0", "false", "ложь", "-", "no"})
# 29.02.1900, which never was, is day 60 of Excel: smaller serials are a day off.
_FIRST_SERIAL = 61
_LAST_SERIAL = 2_958_465  # 31.12.9999


class Wrong(ValueError):
    """What stands there is not such a value; the message is for the person who sent it."""


@dataclass(frozen=True)
class Broken:
    """A cell that holds no value: «#ДЕЛ/0!», or a formula that was never computed."""

    shown: str


@dataclass(frozen=True)
class Read:
    """A value, and what was done to read it."""

    value: Any
    note: str = ""


def is_empty(cell: Any) -> bool:
    """Whether nothing stands there."""
    return cell is None or (isinstance(cell, str) and not _plain(cell))


def _plain(text: str) -> str:
    for space in _SPACES:
        text = text.replace(space, " ")
    return " ".join(text.replace("\ufeff", "").split())


def _refuse_broken(cell: Any) -> None:
    if isinstance(cell, Broken):
        if cell.shown.startswith("#"):
            raise Wrong(f"В ячейке ошибка {cell.shown}.")
        raise Wrong("В ячейке формула без значения: откройте файл в Excel и сохраните.")
    if isinstance(cell, list | dict):
        raise Wrong("Нужно одно значение, не список.")
    if isinstance(cell, int) and abs(cell) >= 10**30:  # too long even to be shown
        raise Wrong("Число слишком велико.")


def shown(cell: Any) -> str:
    """A cell as its reader sees it, for texts and for the file of refused rows."""
    if cell is None:
        return ""
    if isinstance(cell, Broken):
        return cell.shown
    if isinstance(cell, bool):
        return "да" if cell else "нет"
    if isinstance(cell, datetime):
        return f"{cell:%d.%m.%Y %H:%M}" if cell.time() != cell.min.time() else f"{cell:%d.%m.%Y}"
    if isinstance(cell, date):
        return f"{cell:%d.%m.%Y}"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        return str(int(cell))
    return str(cell)


def text(cell: Any, *, longest: int = 20_000) -> Read:
    """Text as typed; a number or a day in a text column keeps its look."""
    _refuse_broken(cell)
    typed = shown(cell)
    if len(typed) > longest:
        raise Wrong(f"Длиннее {longest} знаков: {len(typed)}.")
    return Read(typed)


def code(cell: Any) -> Read:
    """A number that is a name: ИНН, КПП, a code. Digits only count; nothing is computed."""
    _refuse_broken(cell)
    if isinstance(cell, bool | date):
        raise Wrong("Это не код.")
    typed = _plain(shown(cell))
    if re.fullmatch(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+", typed):
        raise Wrong(f"Excel сократил код до «{typed}»: задайте ячейке текстовый вид.")
    if isinstance(cell, float) and not cell.is_integer():
        raise Wrong(f"«{typed}» — дробное число, а не код.")
    found = re.sub(r"\.0+$", "", typed) if re.fullmatch(r"[0-9]+\.0+", typed) else typed
    digits = found.replace(" ", "")
    if digits.isascii() and digits.isdigit():
        found = digits
    was = shown(cell) if isinstance(cell, str) else found
    return Read(found, f"«{was.strip()}» прочитано как {found}" if was != found else "")


def number(cell: Any, *, places: int = 2) -> Read:
    """A decimal number: «1 234,56», «1234.56»; no thousands by comma, no units, no exponents.

    More than `places` digits after the comma are refused, never rounded.
    """
    _refuse_broken(cell)
    if isinstance(cell, bool | date):
        raise Wrong("Это не число.")
    note = ""
    if isinstance(cell, str):
        typed = _plain(cell).replace("\u2212", "-")
        if len(typed) > _LONGEST_NUMBER or not (
            _PLAIN.fullmatch(typed) or _GROUPED.fullmatch(typed)
        ):
            raise Wrong(_no_number(typed))
        plain = typed.replace(" ", "").replace(",", ".")
        found = Decimal(plain)
        if plain != cell:
            note = f"«{cell}» прочитано как {plain.replace('.', ',')}"
    else:
        try:
            found = Decimal(repr(cell)) if isinstance(cell, float) else Decimal(cell)
        except (InvalidOperation, TypeError, ValueError) as error:
            raise Wrong("Это не число.") from error
        if not found.is_finite():
            raise Wrong("Это не число.")
    exponent = found.normalize().as_tuple().exponent
    if isinstance(exponent, int) and -exponent > places:
        if places == 0:
            raise Wrong(f"Нужно целое число, здесь {_short(found)}.")
        raise Wrong(f"После запятой больше знаков, чем {places}: {_short(found)}.")
    if abs(found) >= Decimal(10) ** 15:
        raise Wrong("Число слишком велико.")
    return Read(found, note)


def _short(found: Decimal) -> str:
    return str(found)[:20].replace(".", ",")


def _no_number(typed: str) -> str:
    if re.fullmatch(r"[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]+", typed):
        return f"«{typed}»: тысячи отделяют пробелом, дробь — запятой."
    if re.fullmatch(r"[+-]?[0-9][0-9 .,]*\D+", typed):
        return f"«{typed[:30]}»: нужно число без единиц измерения."
    return f"«{typed[:30]}» — не число."


def whole(cell: Any) -> Read:
    """A whole number."""
    read = number(cell, places=0)
    return Read(int(read.value), read.note)


def yes_or_no(cell: Any) -> Read:
    """«да» or «нет», 1 or 0."""
    _refuse_broken(cell)
    if isinstance(cell, bool):
        return Read(cell)
    typed = _plain(shown(cell)).casefold()
    if typed in YES:
        return Read(True)
    if typed in NO:
        return Read(False)
    raise Wrong(f"«{typed[:30]}»: нужно «да» или «нет».")


def day(cell: Any, *, is_1904: bool = False) -> Read:
    """A day: ДД.ММ.ГГГГ, ГГГГ-ММ-ДД, or a day or serial number of Excel.

    `is_1904` says that the workbook counts its days from 1904.
    """
    _refuse_broken(cell)
    if isinstance(cell, datetime):
        if (cell.hour, cell.minute, cell.second) != (0, 0, 0):
            raise Wrong("Нужна дата без времени.")
        return Read(cell.date())
    if isinstance(cell, date):
        return Read(cell)
    if isinstance(cell, bool):
        raise Wrong("Это не дата.")
    if isinstance(cell, int | float):
        return _serial(cell, is_1904)
    typed = _plain(cell)
    if found := _RUSSIAN_DAY.fullmatch(typed):
        parts = (int(found[3]), int(found[2]), int(found[1]))
    elif found := _ISO_DAY.fullmatch(typed):
        parts = (int(found[1]), int(found[2]), int(found[3]))
    elif re.fullmatch(r"[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}", typed):
        raise Wrong(f"«{typed}»: где день, а где месяц? Пишите ДД.ММ.ГГГГ.")
    else:
        raise Wrong(f"«{typed[:30]}» — не дата. Пишите ДД.ММ.ГГГГ.")
    try:
        return Read(date(*parts))
    except ValueError as error:
        raise Wrong(f"Такого дня нет: {typed}.") from error


def _serial(cell: float, is_1904: bool) -> Read:
    if cell != cell or cell in (float("inf"), float("-inf")) or not float(cell).is_integer():
        raise Wrong("Это не дата.")
    count = int(cell) + (1462 if is_1904 else 0)
    if not _FIRST_SERIAL <= count <= _LAST_SERIAL:
        raise Wrong(f"«{shown(cell)}» — не дата. Пишите ДД.ММ.ГГГГ.")
    found = date(1899, 12, 30) + timedelta(days=count)
    return Read(found, f"число Excel {shown(cell)} прочитано как {found:%d.%m.%Y}")


def month(cell: Any, *, is_1904: bool = False) -> Read:
    """A month as its first day: ММ.ГГГГ, ГГГГ-ММ, «январь 2026», or a first day."""
    if isinstance(cell, str):
        typed = _plain(cell).casefold()
        name, _, year = typed.partition(" ")
        if name in _MONTHS and re.fullmatch(r"[0-9]{4}", year) and year != "0000":
            return Read(date(int(year), _MONTHS.index(name) + 1, 1))
        if found := _MONTH.fullmatch(typed):
            number_, year = (found[1], found[2]) if found[1] else (found[4], found[3])
            if not 1 <= int(number_) <= 12 or int(year) < 1:
                raise Wrong(f"Такого месяца нет: {typed}.")
            return Read(date(int(year), int(number_), 1))
    read = day(cell, is_1904=is_1904)
    if read.value.day != 1:
        raise Wrong("Месяц задаётся его первым числом или как ММ.ГГГГ.")
    return read


def moment(cell: Any) -> Read:
    """A moment, aware: ДД.ММ.ГГГГ ЧЧ:ММ in Moscow, or ISO with its own offset."""
    _refuse_broken(cell)
    if isinstance(cell, datetime):
        return Read(_moscow(cell.replace(microsecond=0)))
    if isinstance(cell, date) or not isinstance(cell, str):
        raise Wrong("Нужны дата и время: ДД.ММ.ГГГГ ЧЧ:ММ.")
    found = _MOMENT.fullmatch(_plain(cell))
    if found is None:
        raise Wrong(f"«{_plain(cell)[:30]}»: нужны дата и время, ДД.ММ.ГГГГ ЧЧ:ММ.")
    on = day(found[1]).value
    try:
        naive = datetime(
            on.year, on.month, on.day, int(found[2]), int(found[3]), int(found[4] or 0)
        )
        if found[5]:
            return Read(datetime.fromisoformat(f"{naive.isoformat()}{found[5]}"))
    except ValueError as error:
        raise Wrong(f"Такого времени нет: {_plain(cell)[:30]}.") from error
    return Read(_moscow(naive))


def _moscow(naive: datetime) -> datetime:
    if naive.tzinfo is not None:
        return naive
    first, second = (naive.replace(tzinfo=MOSCOW, fold=fold) for fold in (0, 1))
    if first.utcoffset() != second.utcoffset():
        back = first.astimezone(tz=_UTC).astimezone(MOSCOW).replace(tzinfo=None)
        if back != naive:
            raise Wrong("В этот час переводили стрелки: такого времени не было.")
        raise Wrong("Этот час повторялся: укажите время с часовым поясом.")
    return first


_UTC = MOSCOW.__class__("UTC")
_ALIKE = str.maketrans("abcehkmoptxy", "авсенкмортху")


def _folded(typed: str) -> str:
    """Without case and ё; Latin look-alikes are read as Cyrillic, as in a mistyped «К1У»."""
    return typed.casefold().replace("ё", "е").translate(_ALIKE)


def choice(cell: Any, choices: dict[str, str]) -> Read:
    """One of `choices` (value → Russian word), by either; case does not matter."""
    _refuse_broken(cell)
    typed = _plain(shown(cell))
    wanted = _folded(typed)
    for value, label in choices.items():
        if wanted in (_folded(value), _folded(label)):
            return Read(value)
    raise Wrong(f"«{typed[:30]}»: можно {', '.join(choices.values())}.")
