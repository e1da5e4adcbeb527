"""Choices of the decision scheme."""

from django.db import models


class ParticipantRole(models.TextChoices):
    DECISION_MAKER = "decision_maker", "ЛПР"
    MAIN_KEY_USER = "main_key_user", "ГКлП"
    KEY_USER = "key_user", "КлП"


class Attitude(models.TextChoices):
    SUPPORTER = "supporter", "Сторонник"
    NEUTRAL = "neutral", "Нейтрален"
    OPPONENT = "opponent", "Противник"
    UNKNOWN = "unknown", "Неизвестно"


class Influence(models.IntegerChoices):
    LOW = 1, "Слабое"
    MIDDLE = 2, "Среднее"
    HIGH = 3, "Сильное"
