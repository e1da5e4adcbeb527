"""To whom letters about a new price are written."""

from django import forms

from accounts.enums import Segment
from accounts.models import Employee, Unit
from core.forms import Form


class LettersForm(Form):
    """Which of a campaign's offers get a letter."""

    segment = forms.ChoiceField(
        label="Сегмент", choices=[("", "Не важно"), *Segment.choices], required=False
    )
    unit = forms.ModelChoiceField(
        label="Подразделение", queryset=Unit.objects.all(), required=False, empty_label="Не важно"
    )
    specialist = forms.ModelChoiceField(
        label="Специалист",
        queryset=Employee.objects.filter(left_on=None),
        required=False,
        empty_label="Не важно",
    )
