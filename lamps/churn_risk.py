"""Signals that a client may leave: names, weights, words. Values only.

The rules stand in docs/money.md, «Риск отключения»; `lamps.selectors.churn_risk` finds the rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from core.russian import counted, day, number, percent, roubles
from core.shares import percent_of

BEFORE_DAYS = 30  # how long before a client left the check with the past looks


class Code(StrEnum):
    """The signals, the heaviest first."""

    RED = "red"
    OVERDUE = "overdue"
    RISK = "risk"
    NOT_GREEN = "not_green"
    PAYING_LESS = "paying_less"
    KEY_LEFT = "key_left"
    COMPETITOR = "competitor"
    FELL = "fell"
    NO_DECISION_MAKER = "no_decision_maker"


LABELS: dict[Code, str] = {
    Code.RED: "Лампочка красная",
    Code.OVERDUE: "Просроченные счета",
    Code.RISK: "Открытый риск с К2У",
    Code.NOT_GREEN: "Давно не зелёная",
    Code.PAYING_LESS: "Стал платить хуже",
    Code.KEY_LEFT: "Ушёл ЛПР или ГКлП",
    Code.COMPETITOR: "Известен конкурент",
    Code.FELL: "Лампочка упала",
    Code.NO_DECISION_MAKER: "Нет ЛПР",
}
WEIGHTS: dict[Code, int] = {
    Code.RED: 3,
    Code.OVERDUE: 3,
    Code.RISK: 3,
    Code.NOT_GREEN: 2,
    Code.PAYING_LESS: 2,
    Code.KEY_LEFT: 2,
    Code.COMPETITOR: 2,
    Code.FELL: 1,
    Code.NO_DECISION_MAKER: 1,
}
# A field without a history: what it held in the past nobody knows.
UNDATED = frozenset({Code.COMPETITOR})

_COLOURS = {"red": "красной", "yellow": "жёлтой", "green": "зелёной"}
_ROLES = {"decision_maker": "ЛПР", "main_key_user": "ГКлП"}


@dataclass(frozen=True)
class Thresholds:
    """From when on each rule speaks, and what each signal weighs (0: not looked at)."""

    weights: Mapping[Code, int]
    not_green_days: int = 60
    fell_days: int = 30
    overdue_bills: int = 2
    paying_points: int = 30
    key_left_days: int = 60

    @property
    def codes(self) -> list[Code]:
        """The signals that are looked at."""
        return [code for code in Code if self.weights.get(code, 0) > 0]


@dataclass(frozen=True)
class RiskSignal:
    """One signal of one client.

    `since` is the day it began, None where nobody knows. What the rest means depends on the code:
    `figure` days, bills, roles or risks; `before` bills of the quarter before; `amount` roubles;
    `said` the colour before and now, the role, the kind of risk, the competitor.
    """

    code: Code
    weight: int
    since: date | None = None
    figure: int | None = None
    whole: int | None = None
    before: int | None = None
    before_whole: int | None = None
    amount: Decimal | None = None
    said: str = ""

    @property
    def label(self) -> str:
        """What the signal is called."""
        return LABELS[self.code]

    @property
    def words(self) -> str:
        """Why, with the date and the figure."""
        match self.code:
            case Code.RED:
                return f"Лампочка красная с {day(self.since)}, {_days(self.figure)}"
            case Code.NOT_GREEN:
                return f"Лампочка не зелёная с {day(self.since)}, {_days(self.figure)}"
            case Code.FELL:
                was, now = (_COLOURS.get(part, part) for part in self.said.split(">"))
                return f"Лампочка {day(self.since)} из {was} стала {now}"
            case Code.OVERDUE:
                bills = counted(self.figure, "счёт,счёта,счетов")
                return (
                    f"Просрочено {bills} на {roubles(self.amount)}, старший — с {day(self.since)}"
                )
            case Code.PAYING_LESS:
                return (
                    f"Вовремя оплачено {_of(self.figure, self.whole)} за три месяца, "
                    f"за три до того — {_of(self.before, self.before_whole)}"
                )
            case Code.KEY_LEFT:
                more = f" и ещё {number(self.figure - 1)}" if (self.figure or 0) > 1 else ""  # type: ignore[operator]
                return f"{_ROLES.get(self.said, self.said)} вышел из СПР {day(self.since)}{more}"
            case Code.NO_DECISION_MAKER:
                return (
                    f"В СПР нет ЛПР с {day(self.since)}" if self.since else "ЛПР не записан в СПР"
                )
            case Code.COMPETITOR:
                return f"У клиента видели конкурента: {self.said}"
        risks = counted(self.figure, "риск,риска,рисков")
        return f"Не снято: {risks} с {day(self.since)} ({self.said})"


def total(signals: Sequence[RiskSignal]) -> int:
    """The weights of a client's signals together."""
    return sum(signal.weight for signal in signals)


@dataclass(frozen=True)
class PastCheck:
    """Of the clients lost in a year, how many showed a signal so many days before; of those served
    now, how many show one of the same."""

    lost: int
    warned: int
    served: int
    signalled: int

    @property
    def lost_share(self) -> str:
        """Of the lost, in words."""
        return _share(self.warned, self.lost)

    @property
    def served_share(self) -> str:
        """Of those served, in words."""
        return _share(self.signalled, self.served)


def _days(count: int | None) -> str:
    return counted(count, "день,дня,дней") if count else "первый день"


def _of(part: int | None, whole: int | None) -> str:
    return f"{number(part)} из {counted(whole, 'счёта,счетов,счетов')}"


def _share(part: int, whole: int) -> str:
    return percent(percent_of(part, whole), 0)
