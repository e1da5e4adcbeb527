"""Choices of bulk writes and imports."""

from django.db import models


class Mode(models.TextChoices):
    """What happens to the good rows where others are refused."""

    ALL_OR_NOTHING = "all_or_nothing", "Всё или ничего"
    BEST_EFFORT = "best_effort", "Только верные строки"


class Outcome(models.TextChoices):
    """What became of a row, or would."""

    CREATED = "created", "Создано"
    UPDATED = "updated", "Изменено"
    UNCHANGED = "unchanged", "Без изменений"
    REFUSED = "refused", "Отказано"

    def in_words(self, *, is_written: bool) -> str:
        """What became of a row, or what will."""
        ahead = {"created": "Будет создано", "updated": "Будет изменено"}
        return str(self.label) if is_written else ahead.get(self.value, str(self.label))


class ImportStatus(models.TextChoices):
    UPLOADED = "uploaded", "Сопоставьте колонки"
    CHECKING = "checking", "Проверяется"
    CHECKED = "checked", "Ждёт подтверждения"
    RUNNING = "running", "Загружается"
    DONE = "done", "Загружено"
    STOPPED = "stopped", "Остановлено"
    UNDOING = "undoing", "Отменяется"
    UNDONE = "undone", "Отменено"
    UNREADABLE = "unreadable", "Файл не прочитан"
