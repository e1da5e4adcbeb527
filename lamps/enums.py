"""Choices of lamps."""

from django.db import models


class Colour(models.TextChoices):
    RED = "red", "Красный"
    YELLOW = "yellow", "Жёлтый"
    GREEN = "green", "Зелёный"
    NONE = "none", "Нет данных"


class Source(models.TextChoices):
    """What an indicator counts."""

    USAGE = "usage", "Использование сервиса"
    K1 = "k1", "Состоявшиеся К1У"
    GND = "gnd", "Открытые записи ГНД"
    OVERHANG = "overhang", "Просроченные неоплаченные счета"
    TRAINING = "training", "Действующее обучение"


class Direction(models.TextChoices):
    HIGHER = "higher", "Больше — лучше"
    LOWER = "lower", "Меньше — лучше"


class MissingPolicy(models.TextChoices):
    """What a missing or stale feed makes of the indicator."""

    GREY = "grey", "Лампочка серая: нет данных"
    SKIP = "skip", "Показатель не участвует, цвет по остальным"
    ZERO = "zero", "Считать нулём"


class SchemeStatus(models.TextChoices):
    DRAFT = "draft", "Черновик"
    PUBLISHED = "published", "Действует с даты"
    WITHDRAWN = "withdrawn", "Отозвана"
