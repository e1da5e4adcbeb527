"""Choices of needs."""

from django.db import models


class NeedLevel(models.TextChoices):
    BUSINESS = "business", "Потребность бизнеса (B2B)"
    MAIN_KEY_USER = "main_key_user", "Потребность ГКлП"
    KEY_USER = "key_user", "Потребность КлП"


class Priority(models.IntegerChoices):
    HIGH = 1, "Высокая"
    MIDDLE = 2, "Средняя"
    LOW = 3, "Низкая"


class NeedStatus(models.TextChoices):
    OPEN = "open", "В работе"
    DROPPED = "dropped", "Снята"


class ConfirmationWay(models.TextChoices):
    PERSON = "person", "Второй сотрудник"
    LINK = "link", "Клиент по ссылке"


class ConfirmationStatus(models.TextChoices):
    WAITING = "waiting", "Ждёт ответа"
    CONFIRMED = "confirmed", "Подтверждено"
    REFUSED = "refused", "Не подтверждено"
    CORRECTED = "corrected", "Клиент поправил"
    WITHDRAWN = "withdrawn", "Отозвано"


class LinkState(models.TextChoices):
    """What the page behind a link says."""

    OPEN = "open", "Подтвердите, пожалуйста, результат"
    UNKNOWN = "unknown", "Такой ссылки нет"
    USED = "used", "По этой ссылке уже ответили"
    EXPIRED = "expired", "Срок ссылки истёк"
    WITHDRAWN = "withdrawn", "Ссылка отозвана"
    MOVED = "moved", "Подтверждать уже не нужно"
    LEFT = "left", "Ссылка больше не действует"


class LinkAnswer(models.TextChoices):
    YES = "yes", "Да, так и есть"
    CORRECTION = "correction", "В целом да, но нужно поправить"
    NO = "no", "Нет, это не так"
