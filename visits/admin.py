"""Django admin of the dictionaries of contacts and reviews."""

from django.contrib import admin

from contacts.admin import AuditedAdmin
from visits.models import ControlPointKind, VisitCriterion


@admin.register(ControlPointKind)
class ControlPointKindAdmin(AuditedAdmin):
    list_display = ["label", "long_label", "code", "every_days", "is_personal", "is_on"]
    fields = ["code", "label", "long_label", "every_days", "is_personal", "is_on"]


@admin.register(VisitCriterion)
class VisitCriterionAdmin(AuditedAdmin):
    """What stands behind a mark is a rule of the program: it is shown, not chosen."""

    list_display = ["label", "code", "order", "is_scored", "is_on", "evidence"]
    fields = ["code", "label", "hint", "order", "is_scored", "is_on", "evidence"]
