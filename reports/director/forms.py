"""What the director's pages ask for: a year, a unit."""

from datetime import date
from typing import Any

from django import forms

from accounts.models import Unit
from core.forms import Form
from visits.selectors.figures import FigureReach

FIRST, LAST = 2000, 2098


class YearForm(Form):
    """A year; the present one where none is asked for."""

    year = forms.IntegerField(label="Год", min_value=FIRST, max_value=LAST, required=False)

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean_year(self) -> int:
        """A year that has begun."""
        year = self.cleaned_data["year"] or self.today.year
        if year > self.today.year:
            raise forms.ValidationError("Этот год ещё не начался.")
        return year


CLIENTS, MONEY = "clients", "money"
MEASURES = [(CLIENTS, "Клиенты"), (MONEY, "Потеря в месяц, ₽")]


class ChurnPlanForm(YearForm):
    """A year, a unit within reach, and what the months are counted in."""

    measure = forms.ChoiceField(choices=MEASURES, required=False)

    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="Подразделение", required=False, empty_label="Все"
    )

    def __init__(self, *args: Any, reach: FigureReach, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit: Any = self.fields["unit"]
        unit.queryset = Unit.objects.filter(pk__in=[row.pk for row in reach.choices()])
