"""Reports asked for together."""

from django.conf import settings
from django.db import models

from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class ReportBatch(Versioned):
    """One order for reports of many clients; each report is a run of its own in the queue."""

    title = CharField("для кого", max_length=300)
    since = models.DateField("с")
    until = models.DateField("по")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто запросил", related_name="+"
    )
    requested_at = models.DateTimeField("запрошено")
    # The business date under which its runs stand in the queue.
    on = models.DateField("за дату")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "пакет отчётов"
        verbose_name_plural = "пакеты отчётов"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.title}, {self.requested_at:%d.%m.%Y}"
