"""How an effect is confirmed: by a second person, or by the participant through a link."""

from django.db import models
from django.db.models import Q

from accounts.models import Client, Employee
from contacts.models import Participant
from core.models import TextField, Versioned
from core.policy import ScopedQuerySet
from needs.enums import ConfirmationStatus, ConfirmationWay
from needs.models.need import Need


class Confirmation(Versioned):
    """A request to confirm the effect of a need. One waits at a time.

    Of a link only the digest of its secret is kept; who has read the base cannot open it.
    """

    need = models.ForeignKey(
        Need, models.CASCADE, verbose_name="потребность", related_name="confirmations"
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, verbose_name="кто подтверждает", related_name="confirmations"
    )
    way = models.CharField("способ", max_length=6, choices=ConfirmationWay)
    status = models.CharField(
        "состояние",
        max_length=9,
        choices=ConfirmationStatus,
        default=ConfirmationStatus.WAITING,
    )
    on = models.DateField("дата подтверждения", null=True, blank=True)
    evidence = TextField("документ или слова клиента", max_length=2000, blank=True)
    requested_by = models.ForeignKey(
        Employee, models.PROTECT, verbose_name="кто запросил", related_name="asked_confirmations"
    )
    requested_at = models.DateTimeField("запрошено")
    digest = models.CharField(
        "отпечаток ссылки", max_length=64, null=True, blank=True, unique=True, editable=False
    )
    expires_at = models.DateTimeField("действует до", null=True, blank=True)
    answered_at = models.DateTimeField("отвечено", null=True, blank=True)
    answer = TextField("ответ", max_length=2000, blank=True)
    decided_by = models.ForeignKey(
        Employee,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кто согласовал",
        related_name="decided_confirmations",
    )

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"digest"})

    class Meta:
        verbose_name = "подтверждение эффекта"
        verbose_name_plural = "подтверждения эффекта"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["need"],
                condition=Q(status=ConfirmationStatus.WAITING),
                name="confirmation_one_waits",
                violation_error_message="По этой потребности подтверждение уже запрошено.",
            ),
            models.CheckConstraint(
                condition=Q(way=ConfirmationWay.PERSON, digest=None, expires_at=None)
                | Q(way=ConfirmationWay.LINK, digest__isnull=False, expires_at__isnull=False),
                name="confirmation_link_has_digest",
            ),
            models.CheckConstraint(
                condition=Q(status=ConfirmationStatus.WAITING, answered_at=None)
                | ~Q(status=ConfirmationStatus.WAITING) & Q(answered_at__isnull=False),
                name="confirmation_answered_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=models.F("requested_by")),
                name="confirmation_two_people",
                violation_error_message="Подтверждает не тот, кто запросил.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_way_display()}: {self.participant}"

    def audit_about(self) -> Client:
        return self.need.client

    @property
    def is_waiting(self) -> bool:
        """Nobody has answered, nobody has taken it back."""
        return self.status == ConfirmationStatus.WAITING

    @property
    def may_be_decided(self) -> bool:
        """It waits for a second person."""
        return self.is_waiting and self.way == ConfirmationWay.PERSON
