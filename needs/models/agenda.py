"""What a plan of work takes to a contact."""

from django.db import models

from accounts.models import Client
from core.policy import ScopedQuerySet
from needs.models.dictionaries import ProductAdvantage
from needs.models.need import Need
from visits.models import Visit


class VisitAgenda(models.Model):
    """What a plan of work takes to a contact: needs to touch, advantages of К+ to show."""

    visit = models.OneToOneField(
        Visit, models.CASCADE, verbose_name="контакт", related_name="agenda"
    )
    needs = models.ManyToManyField(
        Need, blank=True, verbose_name="потребности", related_name="agendas"
    )
    advantages = models.ManyToManyField(
        ProductAdvantage, blank=True, verbose_name="превосходные отличия К+", related_name="agendas"
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "повестка контакта"
        verbose_name_plural = "повестки контактов"

    def __str__(self) -> str:
        return f"Повестка: {self.visit}"

    def audit_about(self) -> Client:
        return self.visit.client
