"""Settings of needs: back-dating, standing still, links of confirmation, files."""

from core.preferences import WHOLE, Preference, register

_GROUP = "Потребности"

BACKDATE_DAYS = register(
    Preference(
        "needs.backdate_days", _GROUP, "Шаг задним числом не дальше, дней", WHOLE, 31, 0, 3660
    )
)
STUCK_DAYS = register(
    Preference("needs.stuck_days", _GROUP, "Стоит на этапе слишком долго, дней", WHOLE, 60, 1, 3660)
)
LINK_DAYS = register(
    Preference("needs.link_days", _GROUP, "Ссылка клиенту действует, дней", WHOLE, 14, 1, 90)
)
FILE_MEGABYTES = register(
    Preference("needs.file_megabytes", _GROUP, "Файл не больше, МБ", WHOLE, 5, 1, 10)
)
FILES_PER_NEED = register(
    Preference("needs.files_per_need", _GROUP, "Файлов у потребности не больше", WHOLE, 10, 1, 50)
)
