"""Choices of contacts. The labels «К1У» and «К2У» are Cyrillic throughout."""

from django.db import models

K1_LABEL = "К1У"
K2_LABEL = "К2У"


class VisitLevel(models.TextChoices):
    K1 = "K1", K1_LABEL
    K2 = "K2", K2_LABEL


class VisitStatus(models.TextChoices):
    PLANNED = "planned", "Запланирован"
    DONE = "done", "Состоялся"
    CANCELLED = "cancelled", "Отменён"


class GoalKind(models.TextChoices):
    DEVELOPMENT = "development", "Развитие"
    FIREFIGHTING = "firefighting", "Тушение пожара"


class Channel(models.TextChoices):
    VISIT = "visit", "Выезд"
    CALL = "call", "Звонок"
    VIDEO = "video", "Видеовстреча"
    LETTER = "letter", "Переписка"


class CriterionEvidence(models.TextChoices):
    """What must stand behind a mark."""

    TEXT = "text", "Словами"
    GOAL = "goal", "Цель, записанная до начала"
    PARTICIPANT = "participant", "Участник СПР в контакте"
    AGREEMENT = "agreement", "Записанная договорённость"
    FIRST = "first", "Раньше К2У с клиентом не было"


class AgreementStatus(models.TextChoices):
    OPEN = "open", "В работе"
    DONE = "done", "Выполнена"
    DROPPED = "dropped", "Снята"


class RiskKind(models.TextChoices):
    SCHEME = "scheme", "Изменения в СПР"
    COMPETITOR = "competitor", "Конкурент"
    COOPERATION = "cooperation", "Долгосрочное сотрудничество"
    OTHER = "other", "Другое"
