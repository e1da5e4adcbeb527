"""Settings of contacts: rhythm, norms, hints by segment."""

from core.preferences import TEXT, WHOLE, Preference, register

_GROUP = "Контакты"

K1_EVERY_DAYS = register(
    Preference("visits.k1_every_days", _GROUP, "К1У с клиентом не реже, дней", WHOLE, 15, 1, 365)
)
K2_EVERY_DAYS = register(
    Preference(
        "visits.k2_every_days", _GROUP, "К2У с ключевым клиентом не реже, дней", WHOLE, 182, 1, 730
    )
)
AGREEMENT_DAYS = register(
    Preference(
        "visits.agreement_days",
        _GROUP,
        "Обычный срок договорённости, рабочих дней",
        WHOLE,
        3,
        0,
        60,
    )
)
REMIND_DAYS = register(
    Preference(
        "visits.remind_days",
        _GROUP,
        "Напоминать о сроке договорённости за столько рабочих дней",
        WHOLE,
        1,
        0,
        10,
        help="С этого дня задача стоит в колокольчике наверху и звонит в подписанном календаре.",
    )
)
PREPARED_NORM = register(
    Preference("visits.prepared_norm", _GROUP, "Норма подготовленных контактов, %", WHOLE, 100)
)
MATERIALS_NORM = register(
    Preference(
        "visits.materials_norm", _GROUP, "Норма папок и закладок, % пула", WHOLE, None, empty=True
    )
)
K2_QUALITY_NORM = register(
    Preference("visits.k2_quality_norm", _GROUP, "Норма качества К2У, %", WHOLE, None, empty=True)
)
FIREFIGHTING_LIMIT = register(
    Preference(
        "visits.firefighting_limit", _GROUP, "Тушение пожаров не больше, %", WHOLE, None, empty=True
    )
)
SATISFACTION_NORM = register(
    Preference("visits.satisfaction_norm", _GROUP, "Индекс удовлетворённости, %", WHOLE, 90)
)
SATISFACTION_SCALE = register(
    Preference(
        "visits.satisfaction_scale",
        _GROUP,
        "Высшая оценка клиента",
        WHOLE,
        10,
        2,
        100,
        help="Индекс — сумма оценок к сумме высших; прежние оценки сохраняют свою шкалу.",
    )
)
SATISFACTION_QUESTION = register(
    Preference(
        "visits.satisfaction_question",
        _GROUP,
        "Вопрос клиенту об оценке",
        TEXT,
        "Насколько вы довольны нашей работой?",
    )
)
HINT_RETAIL = register(
    Preference(
        "visits.hint_retail",
        _GROUP,
        "Подсказка к контакту: розница",
        TEXT,
        "Чаще всего один контакт — главный бухгалтер; схема простая: ГБ и ГД. Нужен короткий и "
        "однозначный ответ. Ключевая потребность одна. Бюджета нет, клиент менее устойчив.",
    )
)
HINT_NETWORK = register(
    Preference(
        "visits.hint_network",
        _GROUP,
        "Подсказка к контакту: сети",
        TEXT,
        "Много отделов и экспертов, схема в несколько уровней. Нужны варианты с рисками: решение "
        "клиент хочет найти в К+ сам. Ключевых потребностей несколько, по отделам. На срок "
        "фиксированной цены устойчив, бюджет есть и тратится с обоснованием.",
    )
)
