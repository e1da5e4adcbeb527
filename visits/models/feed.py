"""The secret address by which a phone's calendar reads a user's planned contacts."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.policy import ScopedQuerySet


class CalendarFeed(models.Model):
    """One address; only the digest of its secret is kept. A new one revokes the old."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="чей", related_name="calendar_feeds"
    )
    digest = models.CharField("отпечаток", max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField("создан")
    revoked_at = models.DateTimeField("отозван", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"digest"})

    class Meta:
        verbose_name = "адрес календаря"
        verbose_name_plural = "адреса календарей"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=Q(revoked_at=None), name="calendar_feed_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"Календарь: {self.user}"
