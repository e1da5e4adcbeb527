"""Choices of clients and staff."""

from django.db import models


class Role(models.TextChoices):
    SPECIALIST = "specialist", "Специалист"
    HEAD = "head", "Начальник отдела"
    MANAGER = "manager", "Директор по сервису"
    INTEGRATOR = "integrator", "Интеграция"
    ADMIN = "admin", "Администратор"


class Segment(models.TextChoices):
    RETAIL = "retail", "Розница"
    NETWORK = "network", "Сети"


class UnitKind(models.TextChoices):
    DIVISION = "division", "Управление"
    DEPARTMENT = "department", "Отдел"


class PositionKind(models.TextChoices):
    SPECIALIST = "specialist", "Специалист"
    HEAD = "head", "Начальник отдела"
    MANAGER = "manager", "Директор"


class FeedCode(models.TextChoices):
    """The feeds of facts that come from the КИС."""

    USAGE = "usage", "Использование сервисов"
    ENTITLEMENTS = "entitlements", "Права на услуги"
    TRAININGS = "trainings", "Обучение"
    GND = "gnd", "ГНД"
    INVOICES = "invoices", "Счета и оплаты"
