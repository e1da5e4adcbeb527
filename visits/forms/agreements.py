"""Forms of tasks."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Client, Employee
from core.forms import CleanCharField, Form, ModelForm
from visits.models import Agreement
from visits.selectors import executors_for

NOBODY_BY_NAME = "Специалист клиента"


class AgreementForm(ModelForm):
    """A task of a client, or of an employee alone. `usual`: when it is due if nobody says."""

    class Meta:
        model = Agreement
        fields = ["what", "participant", "responsible", "due_on"]
        widgets = {"what": forms.Textarea(attrs={"rows": 3})}

    def __init__(
        self, *args: Any, client: Client | None, on: date, usual: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["due_on"].required = False
        fields["due_on"].help_text = f"Пусто — {usual:%d.%m.%Y}, обычный срок в рабочих днях."
        executors = executors_for(self.user, client, on)
        chosen = Q(pk__in=executors.values("pk")) | Q(pk=self.instance.responsible_id)
        fields["responsible"].queryset = Employee.objects.filter(chosen)
        fields["responsible"].help_text = ""
        if client is None:
            del self.fields["participant"]
            fields["responsible"].required = True
            fields["responsible"].empty_label = "Выберите сотрудника"
            return
        served = f": {client.specialist.short_name}" if client.specialist else ""
        fields["responsible"].empty_label = f"{NOBODY_BY_NAME}{served}"
        offered = Q(ends_on=None) | Q(pk=self.instance.participant_id)
        people = client.participants.filter(offered).select_related("person")
        fields["participant"].queryset = people
        fields["participant"].empty_label = "Не указан"
        if not people:
            del self.fields["participant"]


class CloseForm(Form):
    """How a task ended."""

    outcome = CleanCharField(
        label="Чем кончилось",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Можно не заполнять.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class DropForm(CloseForm):
    outcome = CleanCharField(
        label="Почему снята", max_length=2000, widget=forms.Textarea(attrs={"rows": 3})
    )
