"""Settings of bonuses."""

from core.preferences import WHOLE, Preference, register

_GROUP = "Премирование"

CORRECTION_MONTHS = register(
    Preference(
        "bonuses.correction_months",
        _GROUP,
        "Исправлять столько закрытых месяцев",
        WHOLE,
        3,
        0,
        12,
        help="Поздние факты, базы, должности и отпуска приходят корректировкой в открытый месяц.",
    )
)
