"""The rules of a lamp: versioned by effective date and segment, edited in the browser."""

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q

from accounts.enums import Segment
from accounts.models import Service
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet
from lamps.enums import Direction, MissingPolicy, SchemeStatus, Source

_percent = [MinValueValidator(0), MaxValueValidator(100)]


class Indicator(Versioned):
    """An indicator of the lamp. `slot` is its place in the arrays of every lamp, given once."""

    code = models.SlugField("код", max_length=20, unique=True)
    label = CharField("название", max_length=40)
    long_label = CharField("полное название", max_length=200, blank=True)
    slot = models.PositiveSmallIntegerField("место", unique=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "показатель"
        verbose_name_plural = "показатели"
        ordering = ["slot"]

    def __str__(self) -> str:
        return self.label


class LampScheme(Versioned):
    """One version of the rules. Points and limits are hundredths: 40 is 0,4."""

    name = CharField("название", max_length=100)
    # Empty: for every segment that has no version of its own.
    segment = models.CharField("сегмент", max_length=8, choices=Segment, blank=True)
    effective_from = models.DateField("действует с")
    status = models.CharField(
        "состояние",
        max_length=10,
        choices=SchemeStatus,
        default=SchemeStatus.DRAFT,
        editable=False,
    )
    yellow_from = models.PositiveSmallIntegerField("жёлтый от, сотых", default=40)
    green_from = models.PositiveSmallIntegerField("зелёный от, сотых", default=80)
    norm_red = models.DecimalField(
        "красных не более, %", max_digits=4, decimal_places=1, default=5, validators=_percent
    )
    norm_yellow = models.DecimalField(
        "жёлтых не более, %", max_digits=4, decimal_places=1, default=15, validators=_percent
    )
    norm_green = models.DecimalField(
        "зелёных не менее, %", max_digits=4, decimal_places=1, default=80, validators=_percent
    )
    tolerance = models.PositiveSmallIntegerField("допуск малого пула, клиентов", default=0)
    published_at = models.DateTimeField("опубликована", null=True, editable=False)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "схема лампочек"
        verbose_name_plural = "схемы лампочек"
        ordering = ["-effective_from", "segment", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(yellow_from__lt=F("green_from")),
                name="scheme_yellow_below_green",
                violation_error_message="Порог жёлтого должен быть ниже порога зелёного.",
            ),
            models.UniqueConstraint(
                fields=["segment", "effective_from"],
                condition=Q(status=SchemeStatus.PUBLISHED),
                name="scheme_one_published_per_day",
                violation_error_message="На эту дату для сегмента уже опубликована схема.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} с {self.effective_from:%d.%m.%Y}"


class SchemeIndicator(Versioned):
    """How one indicator is measured in one version of the rules."""

    scheme = models.ForeignKey(
        LampScheme, models.CASCADE, verbose_name="схема", related_name="indicators"
    )
    indicator = models.ForeignKey(Indicator, models.PROTECT, verbose_name="показатель")
    order = models.PositiveSmallIntegerField("порядок", default=0)
    source = models.CharField("что считать", max_length=10, choices=Source)
    service = models.ForeignKey(
        Service,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="сервис",
        help_text="Только для использования: чьё использование считать и чьё право заканчивается.",
    )
    direction = models.CharField("направление", max_length=6, choices=Direction)
    # Empty: counted as of the day itself.
    window_days = models.PositiveSmallIntegerField(
        "за сколько последних дней",
        null=True,
        blank=True,
        validators=[MinValueValidator(1), MaxValueValidator(366)],
    )
    missing_policy = models.CharField(
        "если нет данных", max_length=4, choices=MissingPolicy, default=MissingPolicy.GREY
    )
    stale_after_days = models.PositiveSmallIntegerField("данные устаревают через, дней", default=7)
    # Empty: the indicator never warns.
    warning_days = models.PositiveSmallIntegerField(
        "предупреждать за, дней", null=True, blank=True, validators=[MaxValueValidator(366)]
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "показатель схемы"
        verbose_name_plural = "показатели схемы"
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["scheme", "indicator"],
                name="scheme_indicator_once",
                violation_error_message="Показатель уже есть в схеме.",
            )
        ]

    def __str__(self) -> str:
        return str(self.indicator)

    def audit_about(self) -> LampScheme:
        return self.scheme


class Tier(models.Model):
    """A threshold of an indicator and the hundredths earned on reaching it."""

    indicator = models.ForeignKey(
        SchemeIndicator, models.CASCADE, verbose_name="показатель", related_name="tiers"
    )
    threshold = models.IntegerField("порог")
    weight = models.PositiveSmallIntegerField("вес, сотых", validators=[MaxValueValidator(1000)])

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "ступень"
        verbose_name_plural = "ступени"
        ordering = ["threshold"]
        constraints = [
            models.UniqueConstraint(
                fields=["indicator", "threshold"],
                name="tier_threshold_once",
                violation_error_message="Такой порог у показателя уже есть.",
            ),
            models.CheckConstraint(condition=Q(weight__lte=1000), name="tier_weight_at_most_ten"),
        ]

    def __str__(self) -> str:
        return f"{self.threshold} → {self.weight}"

    def audit_about(self) -> LampScheme:
        return self.indicator.scheme
