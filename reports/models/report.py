"""A report on the cooperation with a client, and the file it is printed into."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.models import Client
from contacts.models import Participant
from core.models import TextField, Versioned
from core.policy import ScopedQuerySet
from reports.enums import ReportStatus
from reports.models.batch import ReportBatch
from reports.models.letterhead import Letterhead
from visits.models import Visit


class CooperationReport(Versioned):
    """A report («Отчёт о сотрудничестве») of a client for a period.

    Once approved its snapshot, text and look never change: the database refuses it. What is to
    be changed then is a new edition, which points to the one before.
    """

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="cooperation_reports"
    )
    since = models.DateField("с")
    until = models.DateField("по")
    status = models.CharField(
        "состояние", max_length=9, choices=ReportStatus, default=ReportStatus.REQUESTED
    )
    edition = models.PositiveSmallIntegerField("редакция", default=1, editable=False)
    previous = models.OneToOneField(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        verbose_name="прежняя редакция",
        related_name="next",
    )
    batch = models.ForeignKey(
        ReportBatch,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="пакет",
        related_name="reports",
    )
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="автор", related_name="+"
    )
    requested_at = models.DateTimeField("запрошен")
    # The business date under which its run stands in the queue.
    on = models.DateField("за дату")
    snapshot = models.JSONField("показатели", null=True, blank=True, editable=False)
    sections = models.JSONField("разделы", default=list, blank=True)
    letterhead = models.ForeignKey(
        Letterhead, models.PROTECT, null=True, blank=True, verbose_name="оформление"
    )
    built_at = models.DateTimeField("собран", null=True, blank=True)
    returned_note = TextField("что поправить", max_length=2000, blank=True)
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кто утвердил",
        related_name="+",
    )
    approved_at = models.DateTimeField("утверждён", null=True, blank=True)
    digest = models.CharField("контрольная сумма", max_length=64, blank=True, editable=False)
    presented_to = models.ForeignKey(
        Participant,
        models.PROTECT,
        null=True,
        blank=True,
        verbose_name="кому представлен",
        related_name="reports_seen",
    )
    presented_on = models.DateField("когда представлен", null=True, blank=True)
    outcome = TextField("итог разговора", max_length=2000, blank=True)
    visit = models.ForeignKey(
        Visit,
        models.SET_NULL,
        null=True,
        blank=True,
        verbose_name="на каком К2У",
        related_name="reports",
    )

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"snapshot"})

    class Meta:
        verbose_name = "отчёт о сотрудничестве"
        verbose_name_plural = "отчёты о сотрудничестве"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=F("since")),
                name="report_period",
                violation_error_message="Конец раньше начала.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.REQUESTED) | Q(snapshot__isnull=False),
                name="report_has_figures",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=[ReportStatus.FINAL, ReportStatus.PRESENTED])
                | Q(approved_by__isnull=False, approved_at__isnull=False)
                & Q(letterhead__isnull=False)
                & ~Q(digest=""),
                name="report_final_is_sealed",
            ),
            models.CheckConstraint(
                condition=~Q(approved_by=F("author")),
                name="report_two_people",
                violation_error_message="Утверждает не автор отчёта.",
            ),
            models.CheckConstraint(
                condition=Q(status=ReportStatus.PRESENTED)
                & Q(presented_to__isnull=False, presented_on__isnull=False)
                | ~Q(status=ReportStatus.PRESENTED)
                & Q(presented_to__isnull=True, presented_on__isnull=True),
                name="report_presented_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["client", "-id"], name="report_client"),
            models.Index(fields=["status", "-id"], name="report_status"),
        ]

    def __str__(self) -> str:
        tail = f", редакция {self.edition}" if self.edition > 1 else ""
        return f"Отчёт за {self.since:%d.%m.%Y}\u2009–\u2009{self.until:%d.%m.%Y}{tail}"

    def audit_about(self) -> Client:
        return self.client

    @property
    def is_closed(self) -> bool:
        return self.status in ReportStatus.closed()

    @property
    def is_built(self) -> bool:
        return self.snapshot is not None


class ReportFile(models.Model):
    """A report as it was printed; that of an older version of a draft is printed anew."""

    report = models.OneToOneField(
        CooperationReport, models.CASCADE, verbose_name="отчёт", related_name="file"
    )
    version = models.PositiveIntegerField("версия отчёта")
    content = models.BinaryField("PDF")
    drawn_at = models.DateTimeField("напечатан")

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"content"})

    class Meta:
        verbose_name = "файл отчёта"
        verbose_name_plural = "файлы отчётов"

    def __str__(self) -> str:
        return f"PDF: {self.report}"
