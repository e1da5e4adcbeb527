"""Control points: the weekly review of a pool, sessions of a head, training of the staff."""

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from accounts.models import Employee, Unit
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet


class ControlPointKind(Versioned):
    """A kind of review with its rhythm; the labels are edited, one is not known to anybody."""

    code = models.SlugField("код", max_length=20, unique=True)
    label = CharField("кратко", max_length=40)
    long_label = CharField("полностью", max_length=200, blank=True)
    every_days = models.PositiveSmallIntegerField("раз в сколько дней", default=7)
    is_personal = models.BooleanField("по одному специалисту", default=True)
    is_on = models.BooleanField("используется", default=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "вид контрольной точки"
        verbose_name_plural = "виды контрольных точек"
        ordering = ["id"]

    def __str__(self) -> str:
        return self.label


class ControlPoint(Versioned):
    """One review. `figures` are what the program filled in, frozen when the review is held."""

    kind = models.ForeignKey(ControlPointKind, models.PROTECT, verbose_name="вид")
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="отдел", related_name="control_points"
    )
    specialist = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="специалист",
        related_name="control_points",
    )
    led_by = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кто проводит", related_name="led_control_points"
    )
    since = models.DateField("период с")
    on = models.DateField("дата")
    notes = TextField("что обсудили", blank=True)
    figures = models.JSONField(
        "показатели", default=dict, blank=True, editable=False, encoder=DjangoJSONEncoder
    )
    held_at = models.DateTimeField("проведена", null=True, blank=True, editable=False)

    objects = ScopedQuerySet.as_manager()
    # Written once and for good with the review itself: the log need not repeat them.
    audit_hidden = frozenset({"figures"})

    class Meta:
        verbose_name = "контрольная точка"
        verbose_name_plural = "контрольные точки"
        ordering = ["-on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "unit", "specialist", "on"],
                name="control_point_once_a_day",
                nulls_distinct=False,
                violation_error_message="Такая контрольная точка на этот день уже есть.",
            ),
            models.CheckConstraint(
                condition=Q(since__lte=F("on")),
                name="control_point_period",
                violation_error_message="Период начинается после даты контрольной точки.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.on:%d.%m.%Y}"


class StaffTraining(Versioned):
    """A lesson of a training programme for the staff."""

    programme = CharField("программа", max_length=200)
    title = CharField("тема", max_length=200)
    audience = CharField("для кого", max_length=200, blank=True)
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, verbose_name="отдел", related_name="trainings"
    )
    on = models.DateField("дата")
    led_by = CharField("кто ведёт", max_length=200, blank=True)
    notes = TextField("заметки", blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "занятие"
        verbose_name_plural = "занятия"
        ordering = ["-on", "-id"]

    def __str__(self) -> str:
        return f"{self.title}, {self.on:%d.%m.%Y}"


class Attendance(Versioned):
    """Who was invited to a lesson, whether they came and with what result."""

    training = models.ForeignKey(
        StaffTraining, models.CASCADE, verbose_name="занятие", related_name="attendance"
    )
    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="сотрудник", related_name="attendance"
    )
    attended = models.BooleanField("был", null=True, blank=True)
    result = CharField("результат", max_length=200, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "посещение"
        verbose_name_plural = "посещения"
        ordering = ["employee__last_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["training", "employee"], name="attendance_once"),
        ]

    def __str__(self) -> str:
        return f"{self.employee}: {self.training}"
