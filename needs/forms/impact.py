"""What the page of impact asks for: a window, and whom to compare."""

from datetime import timedelta
from typing import Any

from django import forms

from core import clock
from core.forms import Form
from core.models import SavedFilter

HALF_A_YEAR = 182  # days


class ImpactForm(Form):
    since = forms.DateField(label="С")
    until = forms.DateField(label="По")
    first = forms.ModelChoiceField(
        label="Кого сравнить",
        queryset=SavedFilter.objects.filter(page="clients"),
        required=False,
        empty_label="Клиенты с потребностью",
    )
    second = forms.ModelChoiceField(
        label="С кем",
        queryset=SavedFilter.objects.filter(page="clients"),
        required=False,
        empty_label="Все остальные",
    )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "Конец раньше начала.")
        elif since and until and (until - since).days > 3660:
            self.add_error("until", "Не больше десяти лет.")
        return cleaned


def usual_window() -> dict[str, Any]:
    """The last half a year: long enough for clients to leave, and needs of before it are known."""
    today = clock.today()
    return {"since": today - timedelta(days=HALF_A_YEAR), "until": today}
