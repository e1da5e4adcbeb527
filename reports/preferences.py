"""Settings of cooperation reports."""

from core.preferences import WHOLE, Preference, register

_GROUP = "Отчёты о сотрудничестве"

EXPIRING_DAYS = register(
    Preference(
        "reports.expiring_days", _GROUP, "Предупреждать о конце права за, дней", WHOLE, 90, 1, 366
    )
)
LINK_DAYS = register(
    Preference("reports.link_days", _GROUP, "Ссылка на отчёт действует, дней", WHOLE, 14, 1, 90)
)
