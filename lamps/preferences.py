"""Settings of the signals of churn: from when on each speaks and what it weighs."""

from core.preferences import WHOLE, Preference, Values, register
from lamps.churn_risk import LABELS, WEIGHTS, Code, Thresholds

_GROUP = "Риск отключения"


def _threshold(code: str, label: str, default: int, low: int, high: int) -> Preference:
    return register(Preference(f"lamps.risk_{code}", _GROUP, label, WHOLE, default, low, high))


NOT_GREEN_DAYS = _threshold("not_green_days", "Лампочка не зелёная дольше, дней", 60, 1, 3660)
FELL_DAYS = _threshold("fell_days", "Лампочка упала за последние, дней", 30, 1, 3660)
OVERDUE_BILLS = _threshold("overdue_bills", "Просроченных счетов не меньше", 2, 1, 100)
PAYING_POINTS = _threshold(
    "paying_points", "Доля счетов, оплаченных вовремя, упала на, пунктов", 30, 1, 100
)
KEY_LEFT_DAYS = _threshold("key_left_days", "ЛПР или ГКлП ушёл за последние, дней", 60, 1, 3660)
WEIGHT_OF: dict[Code, Preference] = {
    code: register(
        Preference(
            f"lamps.risk_weight_{code}",
            _GROUP,
            f"Вес сигнала «{LABELS[code]}» (0 — не смотреть)",
            WHOLE,
            WEIGHTS[code],
            0,
            10,
        )
    )
    for code in Code
}


def thresholds(values: Values) -> Thresholds:
    """The thresholds and weights in force."""
    return Thresholds(
        weights={code: values[preference] for code, preference in WEIGHT_OF.items()},
        not_green_days=values[NOT_GREEN_DAYS],
        fell_days=values[FELL_DAYS],
        overdue_bills=values[OVERDUE_BILLS],
        paying_points=values[PAYING_POINTS],
        key_left_days=values[KEY_LEFT_DAYS],
    )
