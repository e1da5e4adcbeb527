"""Client companies, who serves them since when, and those that left."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models import F, Q

from accounts.enums import Segment
from accounts.models.staff import Employee, Unit
from accounts.querysets import ClientQuerySet, DatedQuerySet
from accounts.validators import validate_inn, validate_kpp, validate_ogrn
from core import text
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet


class Client(Versioned):
    """A client company.

    `specialist` and `unit` repeat the open Assignment, written with it by one service, so that
    a list of a hundred thousand needs no join by date.
    """

    name = CharField("название", max_length=300)
    # Name and ИНН as people search them; the name alone as lists are sorted.
    search_key = models.CharField(max_length=400, editable=False, db_index=False)
    sort_key = models.CharField(max_length=300, editable=False)
    inn = models.CharField("ИНН", max_length=12, validators=[validate_inn])
    kpp = models.CharField("КПП", max_length=9, blank=True, validators=[validate_kpp])
    ogrn = models.CharField("ОГРН", max_length=15, blank=True, validators=[validate_ogrn])
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    is_key = models.BooleanField("ключевой", default=False)
    portrait = TextField("портрет для инфоповодов", blank=True)
    specifics = TextField("специфика деятельности", blank=True)
    competitor = CharField("конкурент", max_length=200, blank=True)
    connected_on = models.DateField("клиент с")
    disconnected_on = models.DateField("отключён", null=True, blank=True, editable=False)
    specialist = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="специалист",
        related_name="clients",
    )
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="отдел",
        related_name="clients",
    )
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ClientQuerySet.as_manager()
    audit_hidden = frozenset({"search_key", "sort_key"})

    class Meta:
        verbose_name = "клиент"
        verbose_name_plural = "клиенты"
        ordering = ["sort_key", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["inn", "kpp"],
                name="client_unique_inn_kpp",
                violation_error_message="Клиент с такими ИНН и КПП уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(inn__regex=r"^([0-9]{10}|[0-9]{12})\Z"),
                name="client_inn_digits",
                violation_error_message="ИНН — это 10 или 12 цифр.",
            ),
            models.CheckConstraint(
                condition=Q(disconnected_on=None) | Q(disconnected_on__gte=F("connected_on")),
                name="client_disconnected_after_connected",
                violation_error_message="Дата отключения раньше даты подключения.",
            ),
        ]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="client_sort"),
            models.Index(
                fields=["sort_key", "id"],
                condition=Q(disconnected_on=None),
                name="client_active_sort",
            ),
            models.Index(fields=["specialist", "sort_key"], name="client_specialist"),
            models.Index(fields=["unit", "sort_key"], name="client_unit"),
            # News hooks look for their words in what is known of a client.
            GinIndex(SearchVector("portrait", "specifics", config="russian"), name="client_words"),
        ]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        super().clean()
        self.sort_key = text.key(self.name)[:300]
        self.search_key = f"{self.sort_key} {self.inn}"

    @property
    def is_active(self) -> bool:
        return self.disconnected_on is None


class Assignment(models.Model):
    """Which specialist of which unit served a client, by date. One open row per client."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="assignments"
    )
    specialist = models.ForeignKey(Employee, models.PROTECT, verbose_name="специалист")
    unit = models.ForeignKey(Unit, models.PROTECT, verbose_name="отдел")
    starts_on = models.DateField("с")
    ends_on = models.DateField("до (не включая)", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "закрепление"
        verbose_name_plural = "закрепления"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="assignment_period"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(ends_on=None), name="assignment_one_open"
            ),
            models.UniqueConstraint(
                fields=["client", "starts_on"],
                name="assignment_one_per_day",
                include=["ends_on", "specialist", "unit"],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client} — {self.specialist}"

    def audit_about(self) -> Client:
        return self.client


class ChurnCause(Versioned):
    """A kind of reason for which clients leave."""

    label = CharField("причина", max_length=80, unique=True)
    is_active = models.BooleanField("предлагать", default=True)
    order = models.PositiveSmallIntegerField("порядок", default=100)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "причина отключения"
        verbose_name_plural = "причины отключений"
        ordering = ["order", "label"]

    def __str__(self) -> str:
        return self.label


class Churn(Versioned):
    """A client lost: when, why, to whom, and the monthly revenue gone with it."""

    client = models.ForeignKey(Client, models.CASCADE, verbose_name="клиент", related_name="churns")
    on = models.DateField("дата отключения")
    returned_on = models.DateField("подключён снова", null=True, blank=True, editable=False)
    cause = models.ForeignKey(
        ChurnCause, models.PROTECT, null=True, blank=True, verbose_name="вид причины"
    )
    reason = CharField("причина", max_length=300)
    competitor = CharField("конкурент", max_length=200, blank=True)
    lost_monthly = models.DecimalField(
        "потеря в месяц, ₽", max_digits=12, decimal_places=2, null=True, blank=True
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "отключение"
        verbose_name_plural = "отключения"
        ordering = ["-on"]
        constraints = [
            models.UniqueConstraint(fields=["client", "on"], name="churn_once_per_day"),
            models.CheckConstraint(
                condition=Q(returned_on=None) | Q(returned_on__gt=F("on")),
                name="churn_returned_later",
            ),
            models.CheckConstraint(
                condition=Q(lost_monthly=None) | Q(lost_monthly__gte=0),
                name="churn_lost_not_negative",
                violation_error_message="Сумма не может быть отрицательной.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: отключение {self.on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.client
