"""What was agreed and who does it until when; risks that a contact showed."""

from typing import Any

from django.db import models
from django.db.models import F, Q

from accounts.models import Client, Employee
from contacts.models import Participant
from core.models import TextField, Versioned
from core.policy import ScopedQuerySet
from visits.enums import AgreementStatus, RiskKind
from visits.models.review import ControlPoint
from visits.models.visit import Visit


class Agreement(Versioned):
    """A task: agreed with a client at a contact, or decided at a control point.

    Without `responsible` it is the task of whoever serves the client today.
    """

    client = models.ForeignKey(
        Client,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name="клиент",
        related_name="agreements",
    )
    visit = models.ForeignKey(
        Visit,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name="контакт",
        related_name="agreements",
    )
    control_point = models.ForeignKey(
        ControlPoint,
        models.CASCADE,
        null=True,
        blank=True,
        verbose_name="контрольная точка",
        related_name="decisions",
    )
    what = TextField("что сделать", max_length=1000)
    participant = models.ForeignKey(
        Participant,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="с кем договорились",
        related_name="agreements",
    )
    responsible = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кто делает",
        related_name="agreements",
        help_text="Пусто — специалист клиента, кто бы им ни был.",
    )
    agreed_on = models.DateField("договорились")
    due_on = models.DateField("срок")
    status = models.CharField(
        "состояние", max_length=7, choices=AgreementStatus, default=AgreementStatus.OPEN
    )
    closed_on = models.DateField("закрыта", null=True, blank=True)
    outcome = TextField("чем кончилось", max_length=2000, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "договорённость"
        verbose_name_plural = "договорённости"
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(due_on__gte=F("agreed_on")),
                name="agreement_due_after_agreed",
                violation_error_message="Срок раньше дня, когда договорились.",
            ),
            models.CheckConstraint(
                condition=Q(status=AgreementStatus.OPEN, closed_on=None)
                | ~Q(status=AgreementStatus.OPEN) & Q(closed_on__gte=F("agreed_on")),
                name="agreement_closed_has_day",
                violation_error_message="У закрытой договорённости есть день закрытия.",
            ),
            models.CheckConstraint(
                condition=Q(client__isnull=False) | Q(responsible__isnull=False),
                name="agreement_has_somebody",
                violation_error_message="Укажите клиента или того, кто делает.",
            ),
        ]
        indexes = [
            models.Index(
                fields=["responsible", "due_on"],
                condition=Q(status=AgreementStatus.OPEN),
                name="agreement_open_responsible",
            ),
            models.Index(
                fields=["client", "due_on"],
                condition=Q(status=AgreementStatus.OPEN),
                name="agreement_open_client",
            ),
            models.Index(
                fields=["due_on", "id"],
                condition=Q(status=AgreementStatus.OPEN),
                name="agreement_open_due",
            ),
        ]

    def __str__(self) -> str:
        return self.what if len(self.what) <= 80 else f"{self.what[:79]}…"

    def audit_about(self) -> Any:
        return self.client or self


class Risk(Versioned):
    """A sign, found early, that a client may leave; open until somebody closes it with words."""

    client = models.ForeignKey(Client, models.CASCADE, verbose_name="клиент", related_name="risks")
    visit = models.ForeignKey(
        Visit, models.SET_NULL, null=True, blank=True, verbose_name="контакт", related_name="risks"
    )
    kind = models.CharField("вид", max_length=11, choices=RiskKind)
    text = TextField("в чём риск", max_length=1000)
    raised_on = models.DateField("замечен")
    raised_by = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, verbose_name="кто заметил"
    )
    closed_on = models.DateField("снят", null=True, blank=True)
    outcome = TextField("чем кончилось", max_length=1000, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "риск"
        verbose_name_plural = "риски"
        ordering = ["-raised_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(closed_on=None) | Q(closed_on__gte=F("raised_on")),
                name="risk_closed_after_raised",
                violation_error_message="Риск снят раньше, чем замечен.",
            ),
        ]
        indexes = [
            models.Index(fields=["client"], condition=Q(closed_on=None), name="risk_open"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.text[:60]}"

    def audit_about(self) -> Client:
        return self.client
