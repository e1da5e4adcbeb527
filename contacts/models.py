"""The decision scheme (СПР): who decides and who uses at the client."""

from datetime import date

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Lower

from accounts.models import Client
from accounts.querysets import DatedQuerySet
from contacts.enums import Attitude, Influence, ParticipantRole
from contacts.querysets import ParticipantQuerySet, PersonQuerySet
from core import text
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet


class ClientDepartment(Versioned):
    """A department of a client: accounting, legal and so on; the list is edited."""

    code = models.SlugField("код", max_length=20, unique=True)
    name = CharField("название", max_length=60)
    order = models.PositiveSmallIntegerField("порядок", default=100)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "отдел клиента"
        verbose_name_plural = "отделы клиентов"
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name


class Person(Versioned):
    """A human being with contact data; may stand in the schemes of several clients."""

    last_name = CharField("фамилия", max_length=100)
    first_name = CharField("имя", max_length=100)
    middle_name = CharField("отчество", max_length=100, blank=True)
    search_key = models.CharField(max_length=310, editable=False)
    phone = CharField("телефон", max_length=40, blank=True)
    email = models.EmailField("e-mail", blank=True)
    # By these two cards are compared: the digits of the phone, the Russian 8 written as 7, and
    # the e-mail in small letters.
    phone_digits = models.GeneratedField(
        expression=Func(
            Func(F("phone"), Value(r"[^0-9]"), Value(""), Value("g"), function="regexp_replace"),
            Value("^8(?=[0-9]{10})"),
            Value("7"),
            function="regexp_replace",
        ),
        output_field=models.CharField(max_length=40),
        db_persist=True,
    )
    email_key = models.GeneratedField(
        expression=Lower("email"), output_field=models.CharField(max_length=254), db_persist=True
    )
    # Where two cards turned out to be one human being: the card that lives on.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="объединён с",
        related_name="merged",
    )

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = "контактное лицо"
        verbose_name_plural = "контактные лица"
        ordering = ["search_key", "id"]
        # Of cards that were not merged: a repeated key is found by reading an index alone.
        indexes = [
            models.Index(
                fields=["search_key", "id"], condition=Q(merged_into=None), name="person_name"
            ),
            models.Index(
                fields=["phone_digits", "id"], condition=Q(merged_into=None), name="person_phone"
            ),
            models.Index(
                fields=["email_key", "id"], condition=Q(merged_into=None), name="person_email"
            ),
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))

    def clean(self) -> None:
        super().clean()
        self.search_key = text.key(str(self))[:310]


class Participant(Versioned):
    """A person's place in the decision scheme of one client."""

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="participants"
    )
    person = models.ForeignKey(
        Person, models.PROTECT, verbose_name="человек", related_name="places"
    )
    department = models.ForeignKey(
        ClientDepartment, models.PROTECT, null=True, blank=True, verbose_name="отдел"
    )
    job_title = CharField("должность", max_length=120, blank=True)
    attitude = models.CharField(
        "отношение", max_length=10, choices=Attitude, default=Attitude.UNKNOWN
    )
    influence = models.PositiveSmallIntegerField(
        "влияние", choices=Influence, default=Influence.MIDDLE
    )
    reports_to = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="кому подчиняется",
        related_name="subordinates",
    )
    notes = TextField("заметки", blank=True)
    starts_on = models.DateField("в схеме с")
    ends_on = models.DateField("в схеме до (не включая)", null=True, blank=True)
    verified_on = models.DateField("проверено", null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="объединён с",
        related_name="merged",
    )
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ParticipantQuerySet.as_manager()

    class Meta:
        verbose_name = "участник СПР"
        verbose_name_plural = "участники СПР"
        ordering = ["person__search_key", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="participant_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.CheckConstraint(
                condition=~Q(reports_to=F("id")),
                name="participant_not_own_boss",
                violation_error_message="Участник не может подчиняться сам себе.",
            ),
            models.UniqueConstraint(
                fields=["client", "person"],
                condition=Q(ends_on=None),
                name="participant_once_per_client",
                violation_error_message="Этот человек уже есть в схеме клиента.",
            ),
        ]

    def __str__(self) -> str:
        return str(self.person)

    def audit_about(self) -> Client:
        return self.client

    def stands_on(self, on: date) -> bool:
        """Whether this is a place in the scheme on a day; a merged one is none."""
        begun = self.starts_on <= on and (self.ends_on is None or self.ends_on > on)
        return begun and self.merged_into_id is None


class RolePeriod(models.Model):
    """A role that a participant held from a day on; closing it changes no past month."""

    participant = models.ForeignKey(
        Participant, models.CASCADE, verbose_name="участник", related_name="roles"
    )
    role = models.CharField("роль", max_length=16, choices=ParticipantRole)
    starts_on = models.DateField("с")
    ends_on = models.DateField("до (не включая)", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "роль в СПР"
        verbose_name_plural = "роли в СПР"
        ordering = ["role", "starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="role_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.UniqueConstraint(
                fields=["participant", "role"],
                condition=Q(ends_on=None),
                name="role_once_open",
                violation_error_message="Эта роль у участника уже действует.",
            ),
        ]

    def __str__(self) -> str:
        return self.get_role_display()

    def audit_about(self) -> Client:
        return self.participant.client
