"""Needs of clients, their stages as data, and every step with its evidence."""

from django.db import models
from django.db.models import Q

from accounts.models import Client, Employee
from contacts.models import ClientDepartment, Participant
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet
from needs.enums import NeedLevel, NeedStatus, Priority


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
    opened_on = models.DateField("открыта", editable=False)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

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
