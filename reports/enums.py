"""Choices of cooperation reports."""

from django.db import models


class ReportStatus(models.TextChoices):
    REQUESTED = "requested", "Готовится"
    DRAFT = "draft", "Черновик"
    REVIEW = "review", "На утверждении"
    FINAL = "final", "Утверждён"
    PRESENTED = "presented", "Представлен"

    @classmethod
    def open(cls) -> frozenset[str]:
        """Those in which it may still be changed."""
        return frozenset({cls.REQUESTED, cls.DRAFT, cls.REVIEW})

    @classmethod
    def closed(cls) -> frozenset[str]:
        """Those in which figures and text never change again."""
        return frozenset({cls.FINAL, cls.PRESENTED})


class SectionCode(models.TextChoices):
    """The nine sections, in their usual order (docs/reports.md)."""

    USAGE = "usage", "Использование К+"
    NEEDS = "needs", "Помощь в решении задач"
    SERVICES = "services", "Дополнительные сервисы"
    PRICES = "prices", "Как устроена цена"
    NEWS = "news", "Новое в К+ для вас"
    COK = "cok", "Анализ ЦОК"
    CO = "co", "Анализ ЦО"
    CABINET = "cabinet", "Личный кабинет ПЭ"
    NEXT_YEAR = "next_year", "Из чего складывается цена в следующем году"


LETTER = "letter"
# What has a text of the office: the nine sections, and the letter about a new price.
BLOCKS = [*SectionCode.choices, (LETTER, "Письмо о новой цене")]


class LinkState(models.TextChoices):
    """What the page behind a link says."""

    OPEN = "open", "Отчёт о сотрудничестве"
    UNKNOWN = "unknown", "Такой ссылки нет"
    USED = "used", "По этой ссылке отчёт уже скачали"
    EXPIRED = "expired", "Срок ссылки истёк"
    REVOKED = "revoked", "Ссылка отозвана"
    LEFT = "left", "Ссылка больше не действует"
