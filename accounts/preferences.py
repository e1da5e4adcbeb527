"""Settings of clients and money that people change in the browser."""

from core.preferences import WHOLE, Preference, register

INDEXATION_LIMIT = register(
    Preference(
        "accounts.indexation_limit",
        "Индексация",
        "Показывать клиентов с индексацией ниже, %",
        WHOLE,
        15,
        0,
        100,
    )
)
