"""Forms of the staff's training: a lesson, who is invited, who came."""

from collections.abc import Iterator
from datetime import date
from typing import Any

from django import forms

from accounts.models import Employee, Unit
from core.forms import CleanCharField, Form, ModelForm
from visits.models import Attendance, StaffTraining
from visits.selectors.reviews import led_units
from visits.selectors.trainings import invitable

UNMARKED, CAME, MISSED = "", "yes", "no"
_CAME = [(UNMARKED, "не отмечен"), (CAME, "был"), (MISSED, "не был")]
_WORDS = {None: UNMARKED, True: CAME, False: MISSED}


class StaffTrainingForm(ModelForm):
    class Meta:
        model = StaffTraining
        fields = ["title", "programme", "on", "audience", "unit", "led_by", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 4})}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["unit"].queryset = led_units(self.user)
        fields["unit"].empty_label = "Весь центр"
        fields["programme"].help_text = "Занятия одной программы называйте одинаково."


class InviteForm(Form):
    """A whole unit, single employees, or both."""

    unit = forms.ModelChoiceField(
        label="Все сотрудники подразделения",
        queryset=Unit.objects.none(),
        required=False,
        empty_label="Не выбрано",
    )
    employees = forms.ModelMultipleChoiceField(
        label="Отдельные сотрудники",
        queryset=Employee.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, training: StaffTraining, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["unit"].queryset = led_units(self.user)
        invited = training.attendance.values("employee")
        fields["employees"].queryset = invitable(self.user, on).exclude(pk__in=invited)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if not cleaned.get("unit") and not cleaned.get("employees") and not self.errors:
            raise forms.ValidationError("Выберите подразделение или сотрудников.")
        return cleaned


class AttendanceForm(Form):
    """Every invited employee in one form: came or not, and with what result."""

    def __init__(self, *args: Any, rows: list[Attendance], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.rows = rows
        for row in rows:
            self.fields[f"came_{row.pk}"] = forms.ChoiceField(
                label=f"{row.employee}: был",
                choices=_CAME,
                required=False,
                initial=_WORDS[row.attended],
            )
            self.fields[f"result_{row.pk}"] = CleanCharField(
                label=f"{row.employee}: результат",
                max_length=200,
                required=False,
                initial=row.result,
            )

    def lines(self) -> Iterator[tuple[Attendance, Any, Any]]:
        """Rows with their two fields."""
        for row in self.rows:
            yield row, self[f"came_{row.pk}"], self[f"result_{row.pk}"]

    def marks(self) -> dict[int, dict[str, Any]]:
        """What was changed, by the id of the row."""
        found: dict[int, dict[str, Any]] = {}
        for row in self.rows:
            came = {CAME: True, MISSED: False}.get(self.cleaned_data[f"came_{row.pk}"])
            result = self.cleaned_data[f"result_{row.pk}"]
            if (came, result) != (row.attended, row.result):
                found[row.pk] = {"attended": came, "result": result}
        return found
