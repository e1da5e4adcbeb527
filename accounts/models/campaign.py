"""The yearly indexation: a campaign, its plan by segment, an offer to each contract."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.enums import CampaignStatus, OfferStage, Segment
from accounts.models.client import Client
from accounts.models.contract import Contract
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


def _percent(label: str, **more: object) -> models.DecimalField:
    return models.DecimalField(label, max_digits=5, decimal_places=2, **more)  # type: ignore[arg-type]


class IndexationCampaign(Versioned):
    """The indexation of a year. Its prices are those of the day it starts; the new ones are paid
    from `effective_on`."""

    year = models.PositiveSmallIntegerField("год", unique=True)
    starts_on = models.DateField("начало переговоров")
    effective_on = models.DateField("новые цены с")
    status = models.CharField(
        "состояние",
        max_length=7,
        choices=CampaignStatus,
        default=CampaignStatus.DRAFT,
        editable=False,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "кампания индексации"
        verbose_name_plural = "кампании индексации"
        ordering = ["-year"]
        constraints = [
            models.CheckConstraint(
                condition=Q(effective_on__gt=F("starts_on")),
                name="campaign_effective_after_start",
                violation_error_message="Новые цены — после начала переговоров.",
            ),
            models.CheckConstraint(
                condition=Q(year__gte=2000, year__lte=2099),
                name="campaign_year",
                violation_error_message="Год — от 2000 до 2099.",
            ),
        ]

    def __str__(self) -> str:
        return f"Индексация {self.year}"


class SegmentPlan(Versioned):
    """What is planned for a segment, and how far one may go without an exception."""

    campaign = models.ForeignKey(
        IndexationCampaign, models.CASCADE, verbose_name="кампания", related_name="plans"
    )
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    percent = _percent("план, %")
    floor = _percent("не ниже, %")
    ceiling = _percent("не выше, %")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "план сегмента"
        verbose_name_plural = "планы сегментов"
        ordering = ["segment"]
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "segment"],
                name="segment_plan_once",
                violation_error_message="План этого сегмента уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(floor__lte=F("percent"), ceiling__gte=F("percent"))
                & Q(floor__gte=0, ceiling__lte=100),
                name="segment_plan_limits",
                violation_error_message="План лежит между границами, границы — от 0 до 100 %.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.get_segment_display()}"


class IndexationOffer(Versioned):
    """A new price for one contract, from plan to agreement or refusal.

    Segment, price before and limits are those of the campaign's start and never change. An agreed
    per cent outside the limits is an exception, which another person approves.
    """

    campaign = models.ForeignKey(
        IndexationCampaign, models.CASCADE, verbose_name="кампания", related_name="offers"
    )
    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="indexation_offers"
    )
    contract = models.ForeignKey(
        Contract, models.CASCADE, verbose_name="договор", related_name="offers"
    )
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    price_before = models.DecimalField("цена до, ₽", max_digits=12, decimal_places=2)
    planned_percent = _percent("план, %")
    floor = _percent("не ниже, %")
    ceiling = _percent("не выше, %")
    stage = models.CharField(
        "этап", max_length=9, choices=OfferStage, default=OfferStage.PLANNED, editable=False
    )
    offered_percent = _percent("предложено, %", null=True, blank=True)
    offered_on = models.DateField("предложено", null=True, blank=True)
    agreed_percent = _percent("согласовано, %", null=True, blank=True)
    agreed_on = models.DateField("согласовано", null=True, blank=True)
    price_after = models.DecimalField(
        "цена после, ₽", max_digits=12, decimal_places=2, null=True, blank=True
    )
    effective_on = models.DateField("новая цена с", null=True, blank=True)
    is_exception = models.BooleanField("исключение", default=False)
    exception_reason = CharField("почему исключение", max_length=300, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кто просит",
        related_name="+",
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кто утвердил",
        related_name="+",
    )
    refused_on = models.DateField("отказ", null=True, blank=True)
    refusal_reason = CharField("причина отказа", max_length=300, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "предложение индексации"
        verbose_name_plural = "предложения индексации"
        ordering = ["client__sort_key", "id"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contract"], name="offer_once"),
            models.CheckConstraint(
                condition=Q(stage__in=["planned", "exception"])
                | Q(offered_percent__isnull=False, offered_on__isnull=False)
                | Q(stage="agreed", is_exception=True),
                name="offer_is_offered",
                violation_error_message="Сначала запишите, что и когда предложено.",
            ),
            models.CheckConstraint(
                condition=~Q(stage="agreed")
                | Q(
                    agreed_percent__isnull=False,
                    agreed_on__isnull=False,
                    price_after__isnull=False,
                    effective_on__isnull=False,
                ),
                name="offer_agreed_whole",
                violation_error_message="Согласование — это процент, дата и новая цена.",
            ),
            models.CheckConstraint(
                condition=~Q(stage="agreed")
                | Q(is_exception=True)
                | Q(agreed_percent__gte=F("floor"), agreed_percent__lte=F("ceiling")),
                name="offer_within_limits",
                violation_error_message="Процент вне границ: нужно исключение.",
            ),
            models.CheckConstraint(
                condition=Q(is_exception=False)
                | Q(agreed_percent__isnull=False, asked_by__isnull=False) & ~Q(exception_reason=""),
                name="offer_exception_whole",
                violation_error_message="Исключению нужны процент и причина.",
            ),
            models.CheckConstraint(
                condition=~Q(stage="agreed", is_exception=True) | Q(approved_by__isnull=False),
                name="offer_exception_approved",
                violation_error_message="Исключение никто не утвердил.",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=F("asked_by")),
                name="offer_approved_by_another",
                violation_error_message="Исключение утверждает другой человек.",
            ),
            models.CheckConstraint(
                condition=~Q(stage="refused") | Q(refused_on__isnull=False) & ~Q(refusal_reason=""),
                name="offer_refused_whole",
                violation_error_message="Отказу нужны дата и причина.",
            ),
            models.CheckConstraint(
                condition=Q(agreed_on=None)
                | Q(offered_on=None)
                | Q(agreed_on__gte=F("offered_on")),
                name="offer_agreed_after_offered",
                violation_error_message="Согласовано раньше, чем предложено.",
            ),
            models.CheckConstraint(
                condition=(Q(offered_percent=None) | Q(offered_percent__range=(0, 100)))
                & (Q(agreed_percent=None) | Q(agreed_percent__range=(0, 100))),
                name="offer_percents",
                violation_error_message="Процент — от 0 до 100.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "client"],
                include=["stage", "agreed_percent", "offered_on", "agreed_on"],
                name="offer_campaign_client",
            ),
            models.Index(fields=["campaign", "stage"], name="offer_campaign_stage"),
        ]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.client}"

    def audit_about(self) -> Client:
        return self.client
