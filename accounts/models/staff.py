"""Units as a tree, employees, their positions by date, substitution during leave."""

from datetime import date, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.enums import PositionKind, UnitKind
from accounts.querysets import DatedQuerySet
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class Unit(Versioned):
    """A node of the tree. `path` holds the ids from the root, "/1/4/", kept by the service."""

    name = CharField("название", max_length=100)
    kind = models.CharField("вид", max_length=12, choices=UnitKind)
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, verbose_name="входит в"
    )
    path = models.CharField("путь", max_length=200, editable=False, default="")
    is_active = models.BooleanField("действует", default=True)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "подразделение"
        verbose_name_plural = "подразделения"
        ordering = ["path"]
        indexes = [models.Index(fields=["path"], name="unit_path", opclasses=["text_pattern_ops"])]

    def __str__(self) -> str:
        return self.name


class Employee(Versioned):
    """A person on the staff; two may bear the same name."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="учётная запись",
        related_name="employee",
    )
    last_name = CharField("фамилия", max_length=100)
    first_name = CharField("имя", max_length=100)
    middle_name = CharField("отчество", max_length=100, blank=True)
    hired_on = models.DateField("принят")
    left_on = models.DateField("уволен", null=True, blank=True)
    external_id = models.CharField("код в КИС", max_length=64, null=True, blank=True, unique=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "сотрудник"
        verbose_name_plural = "сотрудники"
        ordering = ["last_name", "first_name", "middle_name", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(left_on=None) | Q(left_on__gte=F("hired_on")),
                name="employee_left_after_hired",
                violation_error_message="Дата увольнения раньше даты приёма.",
            )
        ]

    def __str__(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))

    @property
    def short_name(self) -> str:
        """«Иванова А. П.»"""
        initials = [f"{n[0]}." for n in (self.first_name, self.middle_name) if n]
        return "\u00a0".join([self.last_name, *initials])


class Position(Versioned):
    """The place of an employee in a unit from a day on; open while `ends_on` is empty."""

    employee = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="сотрудник", related_name="positions"
    )
    unit = models.ForeignKey(
        Unit, models.PROTECT, verbose_name="подразделение", related_name="positions"
    )
    kind = models.CharField("должность", max_length=12, choices=PositionKind)
    starts_on = models.DateField("с")
    ends_on = models.DateField("до (не включая)", null=True, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "должность"
        verbose_name_plural = "должности"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                name="position_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.UniqueConstraint(
                fields=["employee"],
                condition=Q(ends_on=None),
                name="position_one_open",
                violation_error_message="У сотрудника уже есть действующая должность.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}, {self.unit}"

    def audit_about(self) -> Employee:
        return self.employee


class Substitution(Versioned):
    """While an employee is away another sees and serves the same clients."""

    absent = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кого замещают", related_name="substituted_by"
    )
    substitute = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кто замещает", related_name="substitutes_for"
    )
    starts_on = models.DateField("с")
    ends_on = models.DateField("до (не включая)")
    reason = CharField("причина", max_length=200, blank=True)

    objects = DatedQuerySet.as_manager()

    class Meta:
        verbose_name = "замещение"
        verbose_name_plural = "замещения"
        ordering = ["-starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__gt=F("starts_on")),
                name="substitution_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.CheckConstraint(
                condition=~Q(absent=F("substitute")),
                name="substitution_two_people",
                violation_error_message="Сотрудник не может замещать сам себя.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.substitute} за {self.absent}"

    @property
    def last_day(self) -> date:
        """The last day of the substitution, as people say it."""
        return self.ends_on - timedelta(days=1)
