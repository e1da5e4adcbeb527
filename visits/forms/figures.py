"""What a page of figures is asked about: the period, the unit, the rows behind a number."""

from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Unit
from core.forms import Form
from visits.figures.catalogue import figure_of
from visits.figures.periods import Period, PeriodKind, period_asked
from visits.models import VisitCriterion
from visits.selectors.figures import FigureReach, NumberAsked, RowKey

NO_UNIT = "none"


def _read_period(cleaned: dict[str, Any], today: date) -> Period:
    """The period asked for; a wrong one is named at its field."""
    kind = PeriodKind(cleaned["period"]) if cleaned.get("period") else None
    found, problems = period_asked(kind, cleaned.get("since"), cleaned.get("until"), today)
    if found is None:
        raise ValidationError(problems)
    return found


class FiguresForm(Form):
    """The period, the unit and which rows of the tree stand open."""

    period = forms.ChoiceField(choices=[(k.value, k.value) for k in PeriodKind], required=False)
    since = forms.DateField(label="С", required=False)
    until = forms.DateField(label="По", required=False)
    unit = forms.ModelChoiceField(
        Unit.objects.all(), label="Подразделение", required=False, empty_label="Все"
    )
    open = forms.RegexField(r"^(all|[0-9]{1,18}(,[0-9]{1,18})*)$", required=False)

    def __init__(self, *args: Any, reach: FigureReach, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reach, self.today = reach, today
        self.asked = Period.of(PeriodKind.MONTH, today)
        unit: Any = self.fields["unit"]
        unit.queryset = Unit.objects.filter(pk__in=[row.pk for row in reach.choices()])
        unit.choices = [("", "Все"), *((row.pk, _indented(row)) for row in reach.choices())]

    def asked_fields(self) -> list[forms.BoundField]:
        """What the reader fills in; a unit only where there is a choice of them."""
        names = ["since", "until"] + (["unit"] if len(self.reach.choices()) > 1 else [])
        return [self[name] for name in names]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not {"period", "since", "until"} & set(self.errors):
            self.asked = _read_period(cleaned, self.today)
        return cleaned


def _indented(unit: Unit) -> str:
    return "\u00a0\u00a0" * max(unit.path.count("/") - 2, 0) + unit.name


class RowForm(Form):
    """Which row of a tree and which period a number is of."""

    unit = forms.RegexField(r"^(none|[0-9]{1,18})$", required=False)
    employee = forms.IntegerField(min_value=1, max_value=2**63 - 1, required=False)
    period = forms.ChoiceField(choices=[(k.value, k.value) for k in PeriodKind], required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def __init__(self, *args: Any, reach: FigureReach, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reach, self.today = reach, today

    def read_period(self, cleaned: dict[str, Any]) -> Period:
        """The period asked for; the present month where none is."""
        return _read_period(cleaned, self.today)

    def read_key(self, cleaned: dict[str, Any]) -> RowKey:
        """The row asked for."""
        typed = cleaned.get("unit") or ""
        unit = None
        if typed and typed != NO_UNIT:
            unit = self.reach.units.get(int(typed))
            if unit is None:
                raise ValidationError("Такого подразделения нет.")
        return RowKey(unit, cleaned.get("employee"), typed == NO_UNIT)


class RowsForm(RowForm):
    """Which number: figure, set, criterion, row of the tree, period. Without a figure, all
    contacts of the present month."""

    figure = forms.CharField(max_length=30, required=False)
    which = forms.CharField(max_length=10, required=False)
    criterion = forms.ModelChoiceField(VisitCriterion.objects.filter(is_on=True), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: NumberAsked | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        figure = figure_of(cleaned.get("figure") or "prepared")
        which = cleaned.get("which") or "whole"
        criterion = cleaned.get("criterion")
        if figure is None or which not in figure.sets:
            raise ValidationError("Такого показателя нет.")
        if (criterion is not None) != (which in ("met", "clients")):
            raise ValidationError("Критерий указан не к месту.")
        key, period = self.read_key(cleaned), self.read_period(cleaned)
        self.asked = NumberAsked(figure, which, key, period, criterion)
        return cleaned
