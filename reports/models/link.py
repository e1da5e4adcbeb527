"""The address by which a participant fetches a report, once."""

from django.conf import settings
from django.db import models

from accounts.models import Client
from contacts.models import Participant
from core.models import Versioned
from core.policy import ScopedQuerySet
from reports.models.report import CooperationReport


class ReportLink(Versioned):
    """A single-use link. Of its secret only the digest is kept: the base opens nothing."""

    report = models.ForeignKey(
        CooperationReport, models.CASCADE, verbose_name="отчёт", related_name="links"
    )
    participant = models.ForeignKey(
        Participant, models.PROTECT, verbose_name="кому", related_name="report_links"
    )
    digest = models.CharField("отпечаток ссылки", max_length=64, unique=True, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто создал", related_name="+"
    )
    created_at = models.DateTimeField("создана")
    expires_at = models.DateTimeField("действует до")
    mailed_at = models.DateTimeField("отправлена письмом", null=True, blank=True)
    used_at = models.DateTimeField("отчёт скачан", null=True, blank=True)
    revoked_at = models.DateTimeField("отозвана", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"digest"})

    class Meta:
        verbose_name = "ссылка на отчёт"
        verbose_name_plural = "ссылки на отчёты"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(used_at=None) | models.Q(revoked_at=None),
                name="report_link_used_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"Ссылка: {self.participant}"

    def audit_about(self) -> Client:
        return self.report.client
