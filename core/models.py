"""The kernel's tables: versions of rows, the audit log, job runs, saved filters."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models

from core import preferences
from core.enums import AuditAction, DeliveryStatus, JobStatus
from core.policy import ScopedQuerySet
from core.text import clean


class CleanTextMixin:
    """Cleans what was typed before it is validated; a refusal names the field."""

    def to_python(self, value: Any) -> Any:
        value = super().to_python(value)  # type: ignore[misc]
        return clean(value) if isinstance(value, str) else value


class CharField(CleanTextMixin, models.CharField):
    """A line of clean text."""


class TextField(CleanTextMixin, models.TextField):
    """Clean text, at most `max_length` characters (20,000 unless told otherwise)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20_000)
        super().__init__(*args, **kwargs)

    @property
    def validators(self) -> list[Any]:
        return [*super().validators, MaxLengthValidator(self.max_length)]


class Versioned(models.Model):
    """A row that two people may edit: the version rises with every write."""

    version = models.PositiveIntegerField("версия", default=1, editable=False)

    class Meta:
        abstract = True


class AuditEntry(models.Model):
    """Who wrote what, when; written in the transaction of the write and never changed.

    `subject` is the row that was written; `about` the row on whose page the entry is shown,
    in the form "app.model:pk" (a participant is shown on its client's page).
    """

    at = models.DateTimeField("когда")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="кто", related_name="+"
    )
    via = models.CharField("чем", max_length=100, blank=True)
    request_id = models.CharField("запрос", max_length=40, blank=True)
    action = models.CharField("действие", max_length=10, choices=AuditAction)
    subject = models.CharField("что", max_length=80)
    label = models.CharField("название", max_length=200)
    about = models.CharField("о чём", max_length=80, blank=True)
    before = models.JSONField("было", encoder=DjangoJSONEncoder, default=dict)
    after = models.JSONField("стало", encoder=DjangoJSONEncoder, default=dict)

    class Meta:
        verbose_name = "запись журнала"
        verbose_name_plural = "журнал изменений"
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["about", "-id"], name="audit_about"),
            models.Index(fields=["subject", "-id"], name="audit_subject"),
            BrinIndex(fields=["at"], name="audit_at"),
        ]

    def __str__(self) -> str:
        return f"{self.get_action_display()}: {self.label}"


class JobRun(models.Model):
    """The truth about one run of a job: who holds it, how far it is, what came out."""

    kind = models.CharField("задание", max_length=40)
    business_date = models.DateField("за дату")
    key = models.CharField("о чём", max_length=60, blank=True)
    status = models.CharField(
        "состояние", max_length=10, choices=JobStatus, default=JobStatus.QUEUED
    )
    fence = models.PositiveIntegerField("номер захвата", default=0)
    lease_until = models.DateTimeField("захвачено до", null=True)
    attempts = models.PositiveSmallIntegerField("попыток", default=0)
    progress = models.PositiveSmallIntegerField("выполнено, %", default=0)
    step = models.CharField("шаг", max_length=100, blank=True)
    counters = models.JSONField("счётчики", default=dict)
    error = models.TextField("ошибка", blank=True)
    cancel_requested = models.BooleanField("просили остановить", default=False)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, verbose_name="кто запросил"
    )
    requested_at = models.DateTimeField("запрошено")
    started_at = models.DateTimeField("начато", null=True)
    finished_at = models.DateTimeField("закончено", null=True)

    class Meta:
        verbose_name = "запуск задания"
        verbose_name_plural = "запуски заданий"
        ordering = ["-business_date", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "business_date", "key"], name="job_once_per_date"
            ),
            models.CheckConstraint(
                condition=models.Q(progress__lte=100), name="job_progress_percent"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} за {self.business_date:%d.%m.%Y}"


class Event(models.Model):
    """Something happened that other systems may want to know: a row of the outbox.

    Written in the transaction of the change by `core.events`. `position` is its place in the
    feed, given after the commit; `subject_id` is the row that `kind` is about, `client_id` the
    company whose events keep their order.
    """

    position = models.BigIntegerField("место в ленте", null=True, unique=True)
    kind = models.CharField("что произошло", max_length=40)
    subject_id = models.BigIntegerField("с чем")
    client_id = models.BigIntegerField("чьё", null=True)
    at = models.DateTimeField("когда")
    data = models.JSONField("подробности", encoder=DjangoJSONEncoder, default=dict)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "событие"
        verbose_name_plural = "события"
        ordering = ["position"]
        indexes = [
            # What waits for its place is found at once, however long the feed is.
            models.Index(
                fields=["id"], name="event_waiting", condition=models.Q(position__isnull=True)
            ),
            BrinIndex(fields=["at"], name="event_at"),
        ]

    def __str__(self) -> str:
        return f"{self.kind}, {self.at:%d.%m.%Y %H:%M}"


class Webhook(Versioned):
    """Another system's address to which events are sent, as a user of it may see them.

    The secret that signs what is sent is derived from `salt` and this installation's own
    secret: nothing here opens anything. A renewed one signs beside the old until `old_until`.
    `failures` counts the failures since the last success; `retry_at`, until when the receiver
    is left alone. Events of a stopped one wait.
    """

    name = CharField("название", max_length=100)
    url = CharField("адрес", max_length=500)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="от чьего имени", related_name="+"
    )
    kinds = ArrayField(models.CharField(max_length=40), verbose_name="события")
    salt = models.CharField(max_length=64, editable=False)
    old_salt = models.CharField(max_length=64, blank=True, editable=False)
    old_until = models.DateTimeField(null=True, editable=False)
    failures = models.PositiveIntegerField("неудач подряд", default=0, editable=False)
    retry_at = models.DateTimeField("не раньше", null=True, editable=False)
    stopped_at = models.DateTimeField("остановлен", null=True, editable=False)
    stop_reason = CharField("почему остановлен", max_length=300, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"salt", "old_salt", "failures", "retry_at"})

    class Meta:
        verbose_name = "вебхук"
        verbose_name_plural = "вебхуки"
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class Delivery(models.Model):
    """An event on its way to a receiver. A pending one holds back later ones of its client."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, verbose_name="вебхук")
    event = models.ForeignKey(Event, models.CASCADE, verbose_name="событие", related_name="+")
    position = models.BigIntegerField("место в ленте")
    client_id = models.BigIntegerField("чьё", null=True)
    status = models.CharField(
        "состояние", max_length=10, choices=DeliveryStatus, default=DeliveryStatus.PENDING
    )
    attempts = models.PositiveSmallIntegerField("попыток", default=0)
    next_at = models.DateTimeField("не раньше")
    lease_until = models.DateTimeField(null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "доставка"
        verbose_name_plural = "доставки"
        ordering = ["-position"]
        constraints = [models.UniqueConstraint(fields=["webhook", "event"], name="delivery_once")]
        indexes = [
            models.Index(fields=["webhook", "-position"], name="delivery_log"),
            models.Index(
                fields=["webhook", "client_id", "position"],
                name="delivery_waiting",
                condition=models.Q(status__in=["pending", "failed"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.webhook}: {self.event}"


class DeliveryAttempt(models.Model):
    """One sending: what the receiver answered, or why it could not."""

    delivery = models.ForeignKey(
        Delivery, models.CASCADE, verbose_name="доставка", related_name="log"
    )
    at = models.DateTimeField("когда")
    code = models.PositiveSmallIntegerField("код ответа", null=True)
    milliseconds = models.PositiveIntegerField("длительность, мс")
    error = models.CharField("ошибка", max_length=300, blank=True)

    class Meta:
        verbose_name = "попытка доставки"
        verbose_name_plural = "попытки доставки"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.at:%d.%m.%Y %H:%M:%S}: {self.code or self.error}"


class DoneCall(models.Model):
    """A POST that was carried out under an Idempotency-Key, and what was answered.

    Written in the transaction of what it did; a repetition is given the same answer.
    """

    caller = models.CharField("чей", max_length=80)
    key = models.CharField("ключ", max_length=200)
    fingerprint = models.CharField("отпечаток запроса", max_length=64)
    at = models.DateTimeField("когда")
    code = models.PositiveSmallIntegerField("код ответа")
    headers = models.JSONField("заголовки ответа", default=dict)
    body = models.TextField("тело ответа")

    class Meta:
        verbose_name = "выполненный вызов"
        verbose_name_plural = "выполненные вызовы"
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="done_call_once")]
        indexes = [BrinIndex(fields=["at"], name="done_call_at")]

    def __str__(self) -> str:
        return f"{self.caller}: {self.key}"


class SavedFilter(models.Model):
    """A list's filters that a user keeps under a name."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="чей")
    page = models.CharField("страница", max_length=60)
    name = CharField("название", max_length=60)
    query = models.CharField("условия", max_length=2000)

    class Meta:
        verbose_name = "сохранённый фильтр"
        verbose_name_plural = "сохранённые фильтры"
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["user", "page", "name"], name="saved_filter_unique_name"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Setting(Versioned):
    """A value of a setting that somebody changed; the others have their defaults in code."""

    code = models.CharField("код", max_length=60, unique=True)
    value = models.JSONField("значение", null=True, blank=True)

    class Meta:
        verbose_name = "настройка"
        verbose_name_plural = "настройки"
        ordering = ["code"]

    def __str__(self) -> str:
        return preferences.label_of(self.code)


class CalendarDay(Versioned):
    """A day on which the centre's calendar differs from the country's."""

    on = models.DateField("день", unique=True)
    is_working = models.BooleanField("рабочий")
    note = CharField("почему", max_length=200, blank=True)

    class Meta:
        verbose_name = "день производственного календаря"
        verbose_name_plural = "производственный календарь"
        ordering = ["-on"]

    def __str__(self) -> str:
        return f"{self.on:%d.%m.%Y}"
