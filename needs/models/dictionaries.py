"""Dictionaries of needs: tools, superior features of К+, stages as data."""

from django.db import models

from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class Tool(Versioned):
    """A kind of К+ material or tool with which a need is met."""

    name = CharField("название", max_length=100, unique=True)
    is_active = models.BooleanField("действует", default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "инструмент К+"
        verbose_name_plural = "инструменты К+"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class ProductAdvantage(Versioned):
    """A superior feature of К+ («ПО К+»: превосходное отличие)."""

    name = CharField("название", max_length=200, unique=True)
    is_active = models.BooleanField("действует", default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "превосходное отличие К+"
        verbose_name_plural = "превосходные отличия К+"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class NeedStage(Versioned):
    """A stage of the pipeline, in order. Stages whose meaning is unknown are switched off."""

    code = models.CharField("код", max_length=2, unique=True)
    label = CharField("название", max_length=100, blank=True)
    is_on = models.BooleanField("используется", default=True)
    # Fields of the need that must be filled in to enter the stage: the readable table of rules.
    requires = models.JSONField("что должно быть заполнено", default=list, blank=True)
    needs_participant = models.BooleanField("нужен участник СПР клиента", default=False)
    needs_second_person = models.BooleanField("подтверждает не автор потребности", default=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "этап потребности"
        verbose_name_plural = "этапы потребностей"
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.code} {self.label}".strip()
