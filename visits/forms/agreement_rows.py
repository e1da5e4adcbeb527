"""Agreements written down in the form of the contact itself."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import Employee
from contacts.models import Participant
from core.forms import CleanCharField, Form

ROWS = 5


class AgreementRow(Form):
    """One agreement: what, with whom, who does it, until when. An empty row is no agreement."""

    what = CleanCharField(
        label="Что сделать",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    participant = forms.ModelChoiceField(
        label="С кем договорились",
        queryset=Participant.objects.all(),
        required=False,
        empty_label="Не указан",
    )
    responsible = forms.ModelChoiceField(
        label="Кто делает",
        queryset=Employee.objects.all(),
        required=False,
        empty_label="Специалист клиента",
    )
    due_on = forms.DateField(label="Срок", required=False)

    @property
    def is_filled(self) -> bool:
        """Whether anything but the usual due date was typed."""
        names = ("what", "participant", "responsible")
        return any(self.cleaned_data.get(name) or self[name].errors for name in names)

    @property
    def was_typed(self) -> bool:
        """The same of what came, before it is judged: a row to be shown open."""
        names = ("what", "participant", "responsible")
        return self.is_bound and any(self.data.get(self.add_prefix(name)) for name in names)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_filled and not cleaned.get("what") and not self["what"].errors:
            self.add_error("what", "Напишите, о чём договорились.")
        return cleaned


def agreement_rows(
    data: Any, *, user: Any, people: Any, executors: Any, due_on: date
) -> list[AgreementRow]:
    """The rows of a form, with one reading of the people for all of them."""
    rows = [
        AgreementRow(data, user=user, prefix=f"agreements-{n}", initial={"due_on": due_on})
        for n in range(ROWS)
    ]
    choices = {"participant": people, "responsible": executors}
    for name, queryset in choices.items():
        first: Any = rows[0].fields[name]
        empty = first.empty_label
        offered = [("", empty), *((one.pk, str(one)) for one in queryset)]
        for row in rows:
            field: Any = row.fields[name]
            field.queryset = queryset
            field.choices = offered
    return rows
