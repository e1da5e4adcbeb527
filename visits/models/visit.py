"""Contacts of the first and second level."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from accounts.models import Client, Employee, Service, Unit
from contacts.models import Participant
from core.clock import MOSCOW
from core.models import TextField, Versioned
from core.policy import ScopedQuerySet
from visits.enums import Channel, GoalKind, VisitLevel, VisitStatus
from visits.preparation import Preparation


class Visit(Versioned):
    """A contact with a client, planned or done.

    `held_on` is the Moscow day of `started_at`, kept by the database itself. A joint visit is
    one row: the employee who answers for it and the companions.
    """

    client = models.ForeignKey(Client, models.CASCADE, verbose_name="клиент", related_name="visits")
    level = models.CharField("уровень", max_length=2, choices=VisitLevel)
    status = models.CharField(
        "состояние", max_length=9, choices=VisitStatus, default=VisitStatus.PLANNED
    )
    channel = models.CharField("как", max_length=6, choices=Channel, default=Channel.VISIT)
    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кто проводит", related_name="visits"
    )
    companions = models.ManyToManyField(
        Employee, blank=True, verbose_name="вместе с", related_name="joint_visits"
    )
    participants = models.ManyToManyField(
        Participant, blank=True, verbose_name="участники СПР", related_name="visits"
    )
    # The unit of the employee on the day of the contact: what a past month counts it under,
    # wherever employee and client stand today.
    unit = models.ForeignKey(
        Unit,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="отдел сотрудника",
        related_name="visits",
    )
    planned_for = models.DateField("запланирован на", null=True, blank=True)
    started_at = models.DateTimeField("начало", null=True, blank=True)
    ended_at = models.DateTimeField("конец", null=True, blank=True)
    held_on = models.GeneratedField(
        expression=models.Func(
            F("started_at"), template="((%(expressions)s) AT TIME ZONE 'Europe/Moscow')::date"
        ),
        output_field=models.DateField(null=True),
        db_persist=True,
        verbose_name="дата",
    )
    goal = TextField("цель", blank=True, max_length=2000)
    goal_kind = models.CharField("вид цели", max_length=12, choices=GoalKind, blank=True)
    plan = TextField("план работ", blank=True)
    # When goal and plan were last written: later than the start, they do not count as prepared.
    prepared_at = models.DateTimeField("план записан", null=True, blank=True, editable=False)
    materials = models.PositiveSmallIntegerField(
        "папок и закладок создано или обновлено", default=0
    )
    services = models.ManyToManyField(
        Service, blank=True, verbose_name="использованные услуги", related_name="visits"
    )
    result = TextField("результат", blank=True)
    feedback = TextField("обратная связь", blank=True)
    satisfaction = models.PositiveSmallIntegerField("оценка клиента", null=True, blank=True)
    # The best score of the scale that was in force: an old score keeps its meaning.
    satisfaction_scale = models.PositiveSmallIntegerField(
        "высшая оценка", default=10, editable=False
    )
    # Made up by the form: what is sent again after a lost connection is written once.
    submission = models.UUIDField("номер отправки", null=True, blank=True, unique=True)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "контакт"
        verbose_name_plural = "контакты"
        # By the day it was held or, until then, is planned for.
        ordering = [Coalesce("held_on", "planned_for").desc(), "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~Q(status=VisitStatus.DONE) | Q(started_at__isnull=False),
                name="visit_done_has_start",
                violation_error_message="У состоявшегося контакта должно быть начало.",
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None) | Q(ended_at__gte=F("started_at")),
                name="visit_ends_after_start",
                violation_error_message="Конец раньше начала.",
            ),
            models.CheckConstraint(
                condition=~Q(status=VisitStatus.PLANNED) | Q(planned_for__isnull=False),
                name="visit_planned_has_date",
                violation_error_message="Укажите, на какой день запланирован контакт.",
            ),
            models.CheckConstraint(
                condition=Q(satisfaction=None)
                | Q(satisfaction__gte=1, satisfaction__lte=F("satisfaction_scale")),
                name="visit_satisfaction_scale",
                violation_error_message="Оценка вне шкалы.",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "level", "held_on"], name="visit_client_level_day"),
            models.Index(fields=["employee", "held_on"], name="visit_employee_day"),
            models.Index(
                Coalesce("held_on", "planned_for").desc(), F("id").desc(), name="visit_recent_day"
            ),
            models.Index(fields=["unit", "held_on"], name="visit_unit_day"),
            models.Index(fields=["unit", "planned_for"], name="visit_unit_planned"),
            # Who was reached and who got folders: read without touching the contacts themselves.
            models.Index(
                fields=["held_on"],
                include=["id", "client"],
                condition=Q(status=VisitStatus.DONE, materials__gt=0),
                name="visit_useful_day",
            ),
            models.Index(
                fields=["employee", "planned_for"],
                condition=Q(status=VisitStatus.PLANNED),
                name="visit_planned",
            ),
            models.Index(
                fields=["client", "planned_for"],
                condition=Q(status=VisitStatus.PLANNED),
                name="visit_client_planned",
            ),
        ]

    def __str__(self) -> str:
        on = self.started_at.astimezone(MOSCOW).date() if self.started_at else self.planned_for
        return f"{self.get_level_display()} {on:%d.%m.%Y}" if on else self.get_level_display()

    def audit_about(self) -> Client:
        return self.client

    @property
    def is_prepared(self) -> bool:
        """Whether the plan stood before the contact began: the rule of `visits.preparation`."""
        return Preparation(self.goal, self.plan, self.prepared_at, self.started_at).is_prepared
