"""Settings of bonuses."""

from core.preferences import WHOLE, Preference, register

_GROUP = "Премирование"

CORRECTION_MONTHS = register(
    Preference(
        "bonuses.correction_months",
        _GROUP,
        "Поздние факты учитывать за столько закрытых месяцев",
        WHOLE,
        3,
        0,
        12,
        help="Разница приходит строкой корректировки в открытый месяц.",
    )
)
