"""What the calendar is asked for: a month or a week, whose contacts."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import Employee, Unit
from accounts.policy import LEADING
from core.forms import Form
from core.widgets import LongSelect
from visits.calendar_days import MONTH, VIEWS, may_show


class CalendarForm(Form):
    """Whatever is not understood is said at its field, and the rest still shows."""

    view = forms.ChoiceField(choices=VIEWS, required=False, widget=forms.HiddenInput)
    on = forms.DateField(label="Перейти к дате", required=False)
    employee = forms.ModelChoiceField(
        label="Сотрудник",
        queryset=Employee.objects.filter(left_on=None),
        required=False,
        empty_label="Мои контакты",
        widget=LongSelect(attrs={"class": "form-select"}),
    )
    unit = forms.ModelChoiceField(
        label="Отдел",
        queryset=Unit.objects.none(),
        required=False,
        empty_label="Не выбран",
        widget=LongSelect(attrs={"class": "form-select"}),
    )

    def __init__(self, *args: Any, units: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        fields: dict[str, Any] = self.fields
        fields["on"].widget.attrs["class"] = "form-control"
        fields["unit"].queryset = units
        if self.user.role not in LEADING:
            del self.fields["unit"]
        elif self.data.get("unit"):
            fields["employee"].empty_label = "Весь отдел"

    def clean_on(self) -> date | None:
        on: date | None = self.cleaned_data["on"]
        if on is not None and not may_show(on, self.today):
            raise forms.ValidationError("Календарь листается с 2000 года и на два года вперёд.")
        return on

    def asked(self) -> dict[str, Any]:
        """What was understood; this month for the rest."""
        self.full_clean()
        found = getattr(self, "cleaned_data", {})
        return {
            "view": found.get("view") or MONTH,
            "on": found.get("on") or self.today,
            "employee": found.get("employee"),
            "unit": found.get("unit"),
        }
