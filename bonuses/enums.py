"""Choices of bonus schemes and sheets."""

from django.db import models


class SchemeStatus(models.TextChoices):
    DRAFT = "draft", "Черновик"
    PUBLISHED = "published", "Действует"
    WITHDRAWN = "withdrawn", "Отозвана"


class SchemeKind(models.TextChoices):
    """Whose scheme it is: the kind of position, as `PositionKind` has it."""

    SPECIALIST = "specialist", "Специалисты"
    HEAD = "head", "Начальники отделов"


class BlockPeriod(models.TextChoices):
    """Over how long a block is assessed."""

    MONTH = "month", "За месяц"
    QUARTER = "quarter", "За квартал"


class KpiSource(models.TextChoices):
    """Where the fact of a KPI comes from."""

    PAYMENTS = "payments", "% оплат"
    DISCONNECTED = "disconnected", "Отключения клиентов"
    UPSELL = "upsell", "Допродажи ВКСП, ₽"
    POOL = "pool", "«Лампочки»: пул в норме или улучшается"
    PREPARED = "prepared", "Подготовка к контакту, %"
    MATERIALS = "materials", "Папки и закладки, % пула"
    SATISFACTION = "satisfaction", "Индекс удовлетворённости, %"
    NEEDS = "needs", "Выявлено потребностей"
    K2_QUALITY = "k2_quality", "Качество К2У, %"
    MANUAL = "manual", "Вносится вручную"


class PlanLevel(models.TextChoices):
    """For whom the plan of a KPI is set; the scheme's own figure stands where none is."""

    SCHEME = "scheme", "Задан в схеме"
    EMPLOYEE = "employee", "План сотрудника"
    UNIT = "unit", "План отдела"
    WHOLE = "whole", "План центра"


class ScaleKind(models.TextChoices):
    LINEAR = "linear", "Пропорционально плану"
    STEPS_OF_PLAN = "plan_steps", "Ступени по % выполнения плана"
    STEPS_OF_FACT = "fact_steps", "Ступени по значению факта"


class IfMissing(models.TextChoices):
    ZERO = "zero", "Не выполнено (0 %)"
    FULL = "full", "Не снижает (100 %)"


class SheetStatus(models.TextChoices):
    DRAFT = "draft", "Черновик"
    ASSESSED = "assessed", "Оценён"
    APPROVED = "approved", "Утверждён"
    CLOSED = "closed", "Закрыт"


class LineKind(models.TextChoices):
    KPI = "kpi", "Показатель"
    CORRECTION = "correction", "Корректировка"


class ObjectionStatus(models.TextChoices):
    OPEN = "open", "Ждёт ответа"
    ACCEPTED = "accepted", "Принято"
    DECLINED = "declined", "Отклонено"
