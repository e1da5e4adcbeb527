"""The lamp on a client's card: what it is, why, since when, what ends soon."""

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from accounts.models import Client
from core import clock
from core.charts import step_chart
from core.views import Fragment
from lamps import score, selectors
from lamps.forms import DayForm
from lamps.models import Lamp
from lamps.selectors.cards import period_rows, reading_rows
from lamps.selectors.table import best_sums

CHART_DAYS = 365
TABLE_ROWS = 24


class ClientLamp(Fragment):
    """The lamp as it stands, or as it stood on a day from the history."""

    model = Lamp
    template_name = "lamps/client_lamp.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        client = self.seen(Client, kwargs["pk"])
        form = DayForm(self.request.GET or None, user=self.request.user)
        typed = form.cleaned_data.get("on") if form.is_valid() else None
        newest = selectors.newest_night()
        on = selectors.computed_on(typed or clock.today())
        context = {"client": client, "form": form, "on": on, "title": client.name}
        if on is None or newest is None:
            return super().get_context_data(**kwargs, **context)
        periods = list(selectors.history(client))
        period = next(
            (p for p in periods if p.starts_on <= on and (p.ends_on is None or on < p.ends_on)),
            None,
        )
        is_past = on < newest
        reading = None if is_past or period is None else selectors.explain(client, on)
        context |= {
            "is_past": is_past,
            "period": period,
            "scheme": reading.scheme if reading else None,
            "rows": reading_rows(reading, period) if period else [],
            "total_words": score.explain_total(reading) if reading else "",
            "limits": (period.scheme.yellow_from, period.scheme.green_from) if period else None,
            "best": best_sums().get(period.scheme_id) if period else None,
            "periods": period_rows(periods[:TABLE_ROWS]),
            "earlier": max(len(periods) - TABLE_ROWS, 0),
            "chart": self.chart(client, periods, on),
            "here": reverse("client_lamp", args=[client.pk]),
        }
        return super().get_context_data(**kwargs, **context)

    def chart(self, client: Client, periods: list, on: date) -> Any:
        """A year of colours and sums up to the day."""
        start = on - timedelta(days=CHART_DAYS)
        shown = [p for p in reversed(periods) if p.starts_on <= on]
        shown = [p for p in shown if p.ends_on is None or p.ends_on > start]
        if not shown:
            return ""
        begin = max(start, shown[0].starts_on)
        changes = [
            (max(p.starts_on, begin), p.colour, None if p.total is None else p.total / 100)
            for p in shown
        ]
        scheme = shown[-1].scheme
        best = best_sums().get(scheme.pk) or 110
        return step_chart(
            changes,
            on,
            title="Лампочка за 12 месяцев",
            maximum=best / 100,
            limits=(scheme.yellow_from / 100, scheme.green_from / 100),
            start=begin,
            table=False,
        )
