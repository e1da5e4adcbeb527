"""The criteria of a К2У as a dictionary, and which of them a contact met."""

from django.db import models

from accounts.models import Client
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet
from visits.enums import CriterionEvidence
from visits.models.visit import Visit


class VisitCriterion(Versioned):
    """A criterion of a К2У. Quality is the mean over the scored ones; flags are only counted."""

    code = models.CharField("код", max_length=20, unique=True)
    label = CharField("название", max_length=120)
    hint = CharField("подсказка", max_length=300, blank=True)
    order = models.PositiveSmallIntegerField("порядок", default=100)
    is_scored = models.BooleanField("входит в качество", default=True)
    is_on = models.BooleanField("используется", default=True)
    evidence = models.CharField(
        "чем подтверждается",
        max_length=11,
        choices=CriterionEvidence,
        default=CriterionEvidence.TEXT,
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "критерий К2У"
        verbose_name_plural = "критерии К2У"
        ordering = ["order", "code"]

    def __str__(self) -> str:
        return self.label


class VisitMark(models.Model):
    """A criterion that a contact met, with the evidence in words."""

    visit = models.ForeignKey(Visit, models.CASCADE, verbose_name="контакт", related_name="marks")
    criterion = models.ForeignKey(
        VisitCriterion, models.PROTECT, verbose_name="критерий", related_name="marks"
    )
    evidence = TextField("подтверждение", max_length=2000, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "отметка о критерии"
        verbose_name_plural = "отметки о критериях"
        ordering = ["criterion__order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "criterion"], name="visit_mark_once"),
        ]

    def __str__(self) -> str:
        return str(self.criterion)

    def audit_about(self) -> Client:
        return self.visit.client
