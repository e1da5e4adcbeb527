"""Asking for a run of a job."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core import clock, jobs
from core.forms import Form

# Five years of history are kept; an older day could not be shown.
OLDEST_DAYS = 5 * 366


class RunForm(Form):
    """Which job, for which day. A day to come has no facts yet."""

    kind = forms.ChoiceField(label="Задание")
    business_date = forms.DateField(
        label="За дату", widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(j.kind, j.label) for j in jobs.all_jobs() if not j.by_key]
        self.fields["kind"].choices = offered  # type: ignore[attr-defined]

    def clean_business_date(self) -> date:
        """A day that has begun and is not older than the history."""
        typed: date = self.cleaned_data["business_date"]
        today = clock.today()
        if typed > today:
            raise ValidationError("Этот день ещё не наступил.")
        if typed < today - timedelta(days=OLDEST_DAYS):
            raise ValidationError("Так далеко в прошлое история не хранится.")
        return typed
