"""The figures by name: what each is called and which sets of rows stand behind it.

A set is named by figure and word ("part", "whole", …). Counts and lists of rows are both read
from the same set, so that a number is always the length of the list it opens.
"""

from dataclasses import dataclass, field
from enum import StrEnum


class Kind(StrEnum):
    """What a figure is made of."""

    SHARE = "share"
    PLAN = "plan"
    INDEX = "index"
    QUALITY = "quality"


class Rows(StrEnum):
    """What the rows behind it are."""

    VISITS = "visits"
    PARTICIPANTS = "participants"
    CLIENTS = "clients"


@dataclass(frozen=True)
class Figure:
    """A figure. `sets` gives each set of its rows a title; `part` is what the share counts."""

    code: str
    label: str
    kind: Kind
    rows: Rows
    sets: dict[str, str] = field(hash=False)
    part_label: str = ""
    is_monthly: bool = False
    at_most: bool = False


COVERAGE_MAIN = Figure(
    "coverage_main_key_user",
    "Охват ГКлП",
    Kind.SHARE,
    Rows.PARTICIPANTS,
    {"part": "охваченные ГКлП", "whole": "все ГКлП"},
    "Охвачен",
    is_monthly=True,
)
COVERAGE_KEY = Figure(
    "coverage_key_user",
    "Охват КлП",
    Kind.SHARE,
    Rows.PARTICIPANTS,
    {"part": "охваченные КлП", "whole": "все КлП"},
    "Охвачен",
    is_monthly=True,
)
PREPARED = Figure(
    "prepared",
    "Подготовлено",
    Kind.SHARE,
    Rows.VISITS,
    {"part": "подготовленные контакты", "whole": "все состоявшиеся контакты"},
    "Подготовлен",
)
MATERIALS = Figure(
    "materials",
    "Папки и закладки",
    Kind.SHARE,
    Rows.CLIENTS,
    {"part": "клиенты с папками и закладками", "whole": "весь пул"},
    "Есть папки",
    is_monthly=True,
)
_PLAN_SETS = {
    "held": "состоялись",
    "planned": "запланированы на этот период",
    "kept": "запланированы и состоялись",
}
K1 = Figure("k1", "К1У", Kind.PLAN, Rows.VISITS, _PLAN_SETS)
K2 = Figure(
    "k2",
    "К2У",
    Kind.PLAN,
    Rows.VISITS,
    _PLAN_SETS | {"met": "выполнен критерий", "clients": "разные клиенты"},
)
SATISFACTION = Figure(
    "satisfaction", "ИУ", Kind.INDEX, Rows.VISITS, {"whole": "контакты с оценкой клиента"}
)
QUALITY = Figure("k2_quality", "Качество К2У", Kind.QUALITY, Rows.VISITS, {"whole": "все К2У"})
FIREFIGHTING = Figure(
    "firefighting",
    "Тушение пожаров",
    Kind.SHARE,
    Rows.VISITS,
    {"part": "К2У по тушению пожара", "whole": "все К2У"},
    "Пожар",
    at_most=True,
)
FIGURES = (
    COVERAGE_MAIN,
    COVERAGE_KEY,
    PREPARED,
    MATERIALS,
    K1,
    K2,
    SATISFACTION,
    QUALITY,
    FIREFIGHTING,
)
_BY_CODE = {figure.code: figure for figure in FIGURES}


def figure_of(code: str) -> Figure | None:
    """The figure of a code."""
    return _BY_CODE.get(code)
