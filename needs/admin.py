"""Django admin of the dictionaries of needs."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from contacts.admin import AuditedAdmin
from needs.models import NeedStage, ProductAdvantage, Tool
from needs.pipeline import REQUIRABLE
from needs.selectors import labels_of


class NeedStageForm(forms.ModelForm):
    """What a stage requires is ticked, not typed: a misspelt field would block the stage."""

    requires = forms.MultipleChoiceField(
        label="Что должно быть заполнено",
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=lambda: list(zip(REQUIRABLE, labels_of(REQUIRABLE), strict=True)),
    )

    class Meta:
        model = NeedStage
        fields = ["code", "label", "is_on", "requires", "needs_participant", "needs_second_person"]


@admin.register(NeedStage)
class NeedStageAdmin(AuditedAdmin):
    form = NeedStageForm
    list_display = ["code", "label", "is_on", "needs_participant", "needs_second_person"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """The six codes are the network's own; unknown ones are there, switched off."""
        return False


class NamedAdmin(AuditedAdmin):
    list_display = ["name", "is_active"]
    fields = ["name", "is_active"]
    search_fields = ["name"]


admin.site.register(Tool, NamedAdmin)
admin.site.register(ProductAdvantage, NamedAdmin)
