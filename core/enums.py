"""Choices of the kernel."""

from django.db import models


class JobStatus(models.TextChoices):
    QUEUED = "queued", "В очереди"
    RUNNING = "running", "Выполняется"
    DONE = "done", "Готово"
    FAILED = "failed", "Не удалось"
    CANCELLED = "cancelled", "Отменено"

    @classmethod
    def ended(cls) -> "list[JobStatus]":
        """The states after which nothing more happens by itself."""
        return [cls.DONE, cls.FAILED, cls.CANCELLED]


class DeliveryStatus(models.TextChoices):
    PENDING = "pending", "Ждёт отправки"
    DELIVERED = "delivered", "Доставлено"
    FAILED = "failed", "Не доставлено"
    SKIPPED = "skipped", "Пропущено"


class AuditAction(models.TextChoices):
    CREATE = "create", "Создание"
    UPDATE = "update", "Изменение"
    DELETE = "delete", "Удаление"
    EVENT = "event", "Событие"
