"""Settings of decision schemes and their coverage."""

from core.preferences import FLAG, WHOLE, Preference, register

_GROUP = "Схема принятия решений"

EACH_DEPARTMENT = register(
    Preference(
        "contacts.each_department",
        _GROUP,
        "ГКлП или КлП нужен и в бухгалтерии, и у юристов",
        FLAG,
        False,
        help="Иначе достаточно одного из этих отделов.",
    )
)
VERIFY_MONTHS = register(
    Preference(
        "contacts.verify_months", _GROUP, "Проверять участника не реже, месяцев", WHOLE, 6, 1, 60
    )
)
COVERAGE_MAIN_KEY_USER = register(
    Preference("contacts.coverage_main_key_user", _GROUP, "Охват ГКлП, %", WHOLE, 85)
)
COVERAGE_KEY_USER = register(
    Preference("contacts.coverage_key_user", _GROUP, "Охват КлП, %", WHOLE, 90)
)
