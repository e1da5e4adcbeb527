"""Facts from the КИС about what a client uses, may use, has learnt; and how fresh each feed is."""

from django.db import models
from django.db.models import F, Q

from accounts.enums import FeedCode
from accounts.models.client import Client
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class Service(Versioned):
    """A service whose use is counted. The long label stays empty where nobody knows it."""

    code = models.SlugField("код", max_length=20, unique=True)
    label = CharField("название", max_length=40)
    long_label = CharField("полное название", max_length=200, blank=True)
    order = models.PositiveSmallIntegerField("порядок", default=100)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "сервис"
        verbose_name_plural = "сервисы"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.label


class Feed(models.Model):
    """How far the facts of one kind are loaded: through which day, when received."""

    code = models.CharField("поток", max_length=20, choices=FeedCode, primary_key=True)
    fresh_through = models.DateField("данные по дату")
    received_at = models.DateTimeField("получено")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "поток данных"
        verbose_name_plural = "потоки данных"
        ordering = ["code"]

    def __str__(self) -> str:
        return self.get_code_display()


class Usage(models.Model):
    """How much of a service a client used on a day. The unique index answers the night alone."""

    client = models.ForeignKey(Client, models.CASCADE, verbose_name="клиент", db_index=False)
    service = models.ForeignKey(Service, models.PROTECT, verbose_name="сервис", db_index=False)
    day = models.DateField("день")
    quantity = models.IntegerField("количество")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "использование"
        verbose_name_plural = "использование"
        ordering = ["-day"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "service", "day"],
                include=["quantity"],
                name="usage_unique_client_service_day",
                violation_error_message="За этот день использование сервиса уже записано.",
            ),
            models.CheckConstraint(
                condition=Q(quantity__gte=0),
                name="usage_not_negative",
                violation_error_message="Количество не может быть отрицательным.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.day:%d.%m.%Y}: {self.quantity}"

    def audit_about(self) -> Client:
        return self.client


class Entitlement(Versioned):
    """The right of a client to a service until a day, inclusive."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="entitlements"
    )
    service = models.ForeignKey(Service, models.PROTECT, verbose_name="сервис")
    starts_on = models.DateField("с")
    valid_until = models.DateField("по (включительно)")
    quota = models.PositiveIntegerField("сколько входит в месяц", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "право на услугу"
        verbose_name_plural = "права на услуги"
        ordering = ["-valid_until"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("starts_on")),
                name="entitlement_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.UniqueConstraint(
                fields=["client", "service", "starts_on"],
                include=["valid_until"],
                name="entitlement_unique_start",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.service} по {self.valid_until:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.client


class Training(Versioned):
    """A training the client's people passed; it counts until it expires."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="trainings"
    )
    topic = CharField("тема", max_length=200)
    held_on = models.DateField("проведено")
    valid_until = models.DateField("действует по (включительно)")
    people = models.PositiveSmallIntegerField("участников", default=1)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "обучение"
        verbose_name_plural = "обучение"
        ordering = ["-held_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=F("held_on")),
                name="training_period",
                violation_error_message="Срок действия раньше даты обучения.",
            ),
            models.UniqueConstraint(
                fields=["client", "held_on", "topic"],
                include=["valid_until"],
                name="training_unique",
                violation_error_message="Такое обучение уже записано.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.topic}, {self.held_on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.client


class GndRecord(Versioned):
    """A ГНД record of a client, open from a day until it is closed."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="gnd_records"
    )
    opened_on = models.DateField("открыта")
    closed_on = models.DateField("закрыта", null=True, blank=True)
    note = CharField("содержание", max_length=300, blank=True)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "запись ГНД"
        verbose_name_plural = "записи ГНД"
        ordering = ["-opened_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("opened_on")),
                name="gnd_period",
                violation_error_message="Дата закрытия раньше даты открытия.",
            )
        ]
        indexes = [
            models.Index(fields=["client", "opened_on", "closed_on"], name="gnd_client_dates")
        ]

    def __str__(self) -> str:
        return f"ГНД от {self.opened_on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.client
