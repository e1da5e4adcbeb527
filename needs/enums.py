"""Choices of needs."""

from django.db import models


class NeedLevel(models.TextChoices):
    BUSINESS = "business", "Потребность бизнеса (B2B)"
    MAIN_KEY_USER = "main_key_user", "Потребность ГКлП"
    KEY_USER = "key_user", "Потребность КлП"


class Priority(models.IntegerChoices):
    HIGH = 1, "Высокий"
    MIDDLE = 2, "Средний"
    LOW = 3, "Низкий"


class NeedStatus(models.TextChoices):
    OPEN = "open", "В работе"
    DROPPED = "dropped", "Снята"
