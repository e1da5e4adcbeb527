"""Choices of clients and staff."""

from datetime import date, timedelta

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


class CampaignStatus(models.TextChoices):
    DRAFT = "draft", "Готовится"
    RUNNING = "running", "Идёт"
    CLOSED = "closed", "Завершена"


class OfferStage(models.TextChoices):
    """How far the indexation of a contract has come; `accounts.indexation.MOVES` joins them."""

    PLANNED = "planned", "В плане"
    OFFERED = "offered", "Предложено"
    EXCEPTION = "exception", "Исключение ждёт утверждения"
    AGREED = "agreed", "Согласовано"
    REFUSED = "refused", "Отказ"


class TargetKind(models.TextChoices):
    """What a plan figure is set for; of needs, the needs and, apart, the clients who have them."""

    K1_VISITS = "k1_visits", "Контакты К1У"
    K2_VISITS = "k2_visits", "Визиты К2У"
    NEEDS_IDENTIFIED = "needs_identified", "Выявлено потребностей"
    NEEDS_IDENTIFIED_CLIENTS = "needs_identified_clients", "Клиенты с выявленной потребностью"
    NEEDS_IMPLEMENTED = "needs_implemented", "Внедрено потребностей"
    NEEDS_IMPLEMENTED_CLIENTS = "needs_implemented_clients", "Клиенты с внедрением"
    NEEDS_EFFECT = "needs_effect", "Потребностей с эффектом"
    NEEDS_EFFECT_CLIENTS = "needs_effect_clients", "Клиенты с эффектом"
    NEEDS_CONFIRMED = "needs_confirmed", "Подтверждено эффектов"
    NEEDS_CONFIRMED_CLIENTS = "needs_confirmed_clients", "Клиенты с подтверждённым эффектом"
    PAYMENTS = "payments", "% оплат"
    INDEXATION = "indexation", "Индексация, взвешенный %"
    DISCONNECTED = "disconnected", "Отключения клиентов, не больше"
    LOST_REVENUE = "lost_revenue", "Потеря от отключений, ₽ в месяц, не больше"
    CHURN_CUT = "churn_cut", "Отключений меньше, чем год назад, на %"
    UPSELL = "upsell", "Допродажи ВКСП, ₽"
    PREPARED = "prepared", "Подготовка к контакту, %"
    MATERIALS = "materials", "Папки и закладки, % пула"
    SATISFACTION = "satisfaction", "Индекс удовлетворённости, %"
    K2_QUALITY = "k2_quality", "Качество К2У, %"


class TargetSpan(models.TextChoices):
    """How long a plan figure is for; it begins with the first month of that."""

    MONTH = "month", "Месяц"
    QUARTER = "quarter", "Квартал"
    YEAR = "year", "Год"

    @property
    def months(self) -> int:
        """How many months it has."""
        return {"month": 1, "quarter": 3, "year": 12}[self.value]

    def begins(self, day: date) -> date:
        """The first day of the month, quarter or year in which a day lies."""
        return date(day.year, (day.month - 1) // self.months * self.months + 1, 1)

    def ends(self, first: date) -> date:
        """The last day of the one that begins on a day."""
        index = first.year * 12 + first.month - 1 + self.months
        return date(index // 12, index % 12 + 1, 1) - timedelta(days=1)
