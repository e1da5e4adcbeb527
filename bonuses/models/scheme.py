"""The rules of a bonus: versioned by effective date and position, edited in the browser."""

from decimal import Decimal

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from accounts.enums import TargetKind
from bonuses.enums import (
    BlockPeriod,
    IfMissing,
    KpiSource,
    PlanLevel,
    ScaleKind,
    SchemeKind,
    SchemeStatus,
)
from bonuses.formulas import HUNDRED, Scale, Step
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet
from lamps.enums import Direction

_percent = [MinValueValidator(0), MaxValueValidator(100)]
_up_to_three = [MinValueValidator(0), MaxValueValidator(300)]


class BonusScheme(Versioned):
    """One version of the rules for one kind of position."""

    name = CharField("название", max_length=100)
    kind = models.CharField("для кого", max_length=12, choices=SchemeKind)
    effective_from = models.DateField("действует с месяца")
    status = models.CharField(
        "состояние",
        max_length=10,
        choices=SchemeStatus,
        default=SchemeStatus.DRAFT,
        editable=False,
    )
    objection_days = models.PositiveSmallIntegerField(
        "на возражения, рабочих дней", default=3, validators=[MaxValueValidator(30)]
    )
    published_at = models.DateTimeField("опубликована", null=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "схема премирования"
        verbose_name_plural = "схемы премирования"
        ordering = ["-effective_from", "kind", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_from__day=1),
                name="bonus_scheme_month_start",
                violation_error_message="Схема действует с первого числа месяца.",
            ),
            models.UniqueConstraint(
                fields=["kind", "effective_from"],
                condition=Q(status=SchemeStatus.PUBLISHED),
                name="bonus_scheme_one_published",
                violation_error_message="С этого месяца уже действует другая схема.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} с {self.effective_from:%m.%Y}"


class BonusBlock(Versioned):
    """A block of a scheme: its share of the whole and how long it is assessed over."""

    scheme = models.ForeignKey(
        BonusScheme, models.CASCADE, verbose_name="схема", related_name="blocks"
    )
    label = CharField("название", max_length=80)
    order = models.PositiveSmallIntegerField("порядок", default=0)
    share = models.DecimalField("доля, %", max_digits=5, decimal_places=2, validators=_percent)
    period = models.CharField(
        "оценивается", max_length=8, choices=BlockPeriod, default=BlockPeriod.MONTH
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "блок схемы"
        verbose_name_plural = "блоки схемы"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "label"],
                name="bonus_block_once",
                violation_error_message="Блок с таким названием уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(share__gte=0, share__lte=100), name="bonus_block_share"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def audit_about(self) -> BonusScheme:
        return self.scheme


class BonusKpi(Versioned):
    """A KPI of a block: where its fact and plan come from, its weight, its scale."""

    block = models.ForeignKey(BonusBlock, models.CASCADE, verbose_name="блок", related_name="kpis")
    label = CharField("название", max_length=80)
    order = models.PositiveSmallIntegerField("порядок", default=0)
    source = models.CharField("факт", max_length=14, choices=KpiSource)
    weight = models.DecimalField(
        "вес в блоке, %", max_digits=5, decimal_places=2, validators=_percent
    )
    plan_level = models.CharField(
        "план", max_length=10, choices=PlanLevel, default=PlanLevel.SCHEME
    )
    target_kind = models.CharField(
        "какая плановая цифра", max_length=30, choices=TargetKind, blank=True
    )
    plan = models.DecimalField(
        "план в схеме",
        max_digits=14,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Действует, если плановая цифра не поставлена.",
    )
    better = models.CharField(
        "направление", max_length=6, choices=Direction, default=Direction.HIGHER
    )
    scale = models.CharField("шкала", max_length=10, choices=ScaleKind, default=ScaleKind.LINEAR)
    floor = models.DecimalField(
        "порог, %", max_digits=5, decimal_places=2, default=Decimal(0), validators=_up_to_three
    )
    cap = models.DecimalField(
        "потолок, %", max_digits=5, decimal_places=2, default=HUNDRED, validators=_up_to_three
    )
    if_missing = models.CharField(
        "если факта нет", max_length=4, choices=IfMissing, default=IfMissing.ZERO
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "показатель схемы"
        verbose_name_plural = "показатели схемы"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["block", "label"],
                name="bonus_kpi_once",
                violation_error_message="Показатель с таким названием в блоке уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(weight__gte=0, weight__lte=100), name="bonus_kpi_weight"
            ),
            models.CheckConstraint(
                condition=Q(floor__gte=0, cap__lte=300), name="bonus_kpi_bounds"
            ),
        ]

    def __str__(self) -> str:
        return self.label

    def audit_about(self) -> BonusScheme:
        return self.block.scheme

    @property
    def rule(self) -> Scale:
        """The scale as a value; its steps are expected to be prefetched."""
        return Scale(
            kind=ScaleKind(self.scale),
            better=Direction(self.better),
            floor=self.floor,
            cap=self.cap,
            steps=tuple(Step(step.threshold, step.percent) for step in self.steps.all()),
            if_missing=IfMissing(self.if_missing),
        )


class BonusStep(models.Model):
    """A step of a scale: from this threshold on so many per cent are earned."""

    kpi = models.ForeignKey(
        BonusKpi, models.CASCADE, verbose_name="показатель", related_name="steps"
    )
    threshold = models.DecimalField("порог", max_digits=14, decimal_places=2)
    percent = models.DecimalField(
        "выполнение, %", max_digits=5, decimal_places=2, validators=_up_to_three
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "ступень шкалы"
        verbose_name_plural = "ступени шкалы"
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(
                fields=["kpi", "threshold"],
                name="bonus_step_once",
                violation_error_message="Такой порог у показателя уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=0, percent__lte=300), name="bonus_step_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} → {self.percent} %"

    def audit_about(self) -> BonusScheme:
        return self.kpi.block.scheme
