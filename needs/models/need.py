"""Needs of clients, and every step with its evidence."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector, SearchVectorField
from django.db import models
from django.db.models import Q

from accounts.models import Client, Employee, Unit
from contacts.models import ClientDepartment, Participant
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet
from needs.enums import NeedLevel, NeedStatus, Priority
from needs.models.dictionaries import NeedStage, ProductAdvantage, Tool


class Need(Versioned):
    """A need of a client, worked from found to confirmed. No stage: opened, not identified yet."""

    client = models.ForeignKey(Client, models.CASCADE, verbose_name="клиент", related_name="needs")
    title = CharField("кратко", max_length=200)
    level = models.CharField("чья", max_length=14, choices=NeedLevel, default=NeedLevel.KEY_USER)
    is_key = models.BooleanField("ключевая", default=False)
    priority = models.PositiveSmallIntegerField(
        "важность", choices=Priority, default=Priority.MIDDLE
    )
    department = models.ForeignKey(
        ClientDepartment, models.PROTECT, null=True, blank=True, verbose_name="отдел клиента"
    )
    participant = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="участник СПР",
        related_name="needs",
    )
    context = TextField("приоритет клиента", blank=True)
    difficulties = TextField("трудности", blank=True)
    works = TextField("работы", blank=True)
    key_need = TextField("ключевая потребность (ожидания)", blank=True)
    solution = TextField("решение", blank=True)
    folder = CharField("папка", max_length=200, blank=True)
    tools = models.ManyToManyField(Tool, blank=True, verbose_name="инструменты")
    advantages = models.ManyToManyField(
        ProductAdvantage, blank=True, verbose_name="превосходные отличия К+"
    )
    effect = TextField("эффект дословно", blank=True)
    effect_hours = models.DecimalField(
        "сэкономлено, часов", max_digits=8, decimal_places=1, null=True, blank=True
    )
    effect_roubles = models.DecimalField(
        "эффект, ₽", max_digits=12, decimal_places=2, null=True, blank=True
    )
    effect_risk = TextField("предотвращённый риск", blank=True, max_length=2000)
    effect_formula = TextField("как посчитали эффект", blank=True, max_length=2000)
    client_asset = CharField("НМА: актив на базе К+", max_length=200, blank=True)
    stage = models.ForeignKey(
        NeedStage, models.PROTECT, null=True, blank=True, editable=False, verbose_name="этап"
    )
    status = models.CharField(
        "состояние", max_length=8, choices=NeedStatus, default=NeedStatus.OPEN, editable=False
    )
    author = models.ForeignKey(
        Employee, models.PROTECT, editable=False, verbose_name="автор", related_name="needs"
    )
    # The unit of the author on the day it was opened: what a past month counts it under.
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="отдел автора",
        related_name="needs",
    )
    opened_on = models.DateField("открыта", editable=False)
    # The day of the newest step; none before the first.
    stage_on = models.DateField("на этапе с", null=True, blank=True, editable=False)
    words = models.GeneratedField(
        expression=SearchVector(
            "title", "difficulties", "works", "key_need", "solution", config="russian"
        ),
        output_field=SearchVectorField(),
        db_persist=True,
    )
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"words"})

    class Meta:
        verbose_name = "потребность"
        verbose_name_plural = "потребности"
        ordering = ["-opened_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effect_hours=None) | Q(effect_hours__gte=0),
                name="need_hours_not_negative",
                violation_error_message="Часы не могут быть отрицательными.",
            ),
            models.CheckConstraint(
                condition=Q(effect_roubles=None) | Q(effect_roubles__gte=0),
                name="need_roubles_not_negative",
                violation_error_message="Сумма не может быть отрицательной.",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "stage"], name="need_client_stage"),
            models.Index(fields=["stage", "-opened_on"], name="need_stage_opened"),
            models.Index(
                fields=["opened_on"],
                include=["unit", "author", "client", "stage", "status"],
                name="need_opened",
            ),
            models.Index(fields=["stage", "stage_on"], name="need_stage_since"),
            GinIndex(fields=["words"], name="need_words"),
        ]

    def __str__(self) -> str:
        return self.title

    def audit_about(self) -> Client:
        return self.client


class NeedStep(models.Model):
    """One step of a need into a stage: when, by whom, on what evidence."""

    need = models.ForeignKey(Need, models.CASCADE, verbose_name="потребность", related_name="steps")
    stage = models.ForeignKey(NeedStage, models.PROTECT, verbose_name="этап")
    on = models.DateField("дата")
    author = models.ForeignKey(Employee, models.PROTECT, verbose_name="кто записал")
    participant = models.ForeignKey(
        Participant, models.PROTECT, null=True, blank=True, verbose_name="кто подтвердил"
    )
    evidence = TextField("подтверждение", max_length=2000)
    recorded_at = models.DateTimeField("записано")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "шаг потребности"
        verbose_name_plural = "шаги потребностей"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["need", "stage"], name="need_step_once"),
        ]

    def __str__(self) -> str:
        return f"{self.stage}: {self.on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.need.client
