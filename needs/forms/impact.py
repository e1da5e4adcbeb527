"""What the page of impact asks for: a window, and whom to compare."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from accounts.filters import ClientFilter
from accounts.models import Client
from accounts.policy import access_of
from core import clock
from core.forms import Form
from core.models import SavedFilter
from needs.selectors.impact import Impact, clients_at, read_impact, with_need

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

    def __init__(self, *args: Any, request: Any, **kwargs: Any) -> None:
        super().__init__(*args, user=request.user, **kwargs)
        self.request = request

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        for name in ("first", "second"):
            if cleaned.get(name):
                self._check_conditions(name, cleaned[name])
        since, until = cleaned.get("since"), cleaned.get("until")
        if since and until and until <= since:
            self.add_error("until", "Конец раньше начала.")
        elif since and until and (until - since).days > 3660:
            self.add_error("until", "Не больше десяти лет.")
        return cleaned

    def _check_conditions(self, name: str, saved: SavedFilter) -> None:
        """A saved filter that is not understood any more would let everybody through."""
        conditions = client_filter(self.request, Client.objects.none(), saved).form
        if not conditions.is_valid():
            wrong = ", ".join(f"«{conditions.fields[field].label}»" for field in conditions.errors)
            words = f"Фильтр устарел: условие {wrong} не читается. Сохраните его заново."
            self.add_error(name, words)


def usual_window() -> dict[str, Any]:
    """The last half a year: long enough for clients to leave, and needs of before it are known."""
    today = clock.today()
    return {"since": today - timedelta(days=HALF_A_YEAR), "until": today}


@dataclass(frozen=True)
class Compared:
    """Two groups compared, and what each is called."""

    impact: Impact
    names: tuple[str, str]
    by_filter: bool

    def curves(self) -> list[tuple[str, Any]]:
        """The curve of each group that is large enough, under its name, number and verdict."""
        churn = self.impact.churn
        groups = (
            (self.names[0], self.impact.curve1, churn.n1, churn.hits1),
            (self.names[1], self.impact.curve0, churn.n0, churn.hits0),
        )
        return [
            (f"{name} ({number})" + ("" if left else ", отключений нет"), curve)
            for name, curve, number, left in groups
            if curve is not None
        ]


def compare(request: Any, chosen: dict[str, Any]) -> Compared:
    """Compare the groups that a form chose, of the clients that the request's user may see."""
    since, until = chosen["since"], chosen["until"]
    one, two = chosen.get("first"), chosen.get("second")
    served = clients_at(request.user, since)
    first = client_filter(request, served, one).qs if one else with_need(served, since)
    second = client_filter(request, served, two).qs if two else served
    names = (
        str(one) if one else "С потребностью",
        str(two) if two else ("Остальные" if one else "Без потребности"),
    )
    of_all = access_of(request.user).everything
    impact = read_impact(first, second, since, until, of_all=of_all)
    return Compared(impact, names, bool(one or two))


def client_filter(request: Any, clients: QuerySet, saved: SavedFilter) -> ClientFilter:
    """A saved filter of the list over these clients; whether they are served now is left out."""
    query = QueryDict(saved.query, mutable=True)
    query.pop("status", None)
    return ClientFilter(query, clients, request=request)
