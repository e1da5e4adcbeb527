"""What goes with the work with needs: two groups of clients compared, honestly."""

from typing import Any

from django.http import QueryDict
from django.views.generic import TemplateView

from accounts.filters import ClientFilter
from core.charts import survival_chart
from core.views import PolicyMixin
from needs.forms.impact import ImpactForm, usual_window
from needs.impact import TOO_FEW
from needs.models import Need
from needs.selectors.impact import clients_at, read_impact, with_need


class ImpactPage(PolicyMixin, TemplateView):
    model = Need
    action = "view"
    template_name = "needs/impact.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        asked = self.request.GET
        form = ImpactForm(asked or None, user=user, initial=usual_window())
        chosen: dict[str, Any] = usual_window()
        if form.is_bound and form.is_valid():
            chosen = form.cleaned_data
        since, until = chosen["since"], chosen["until"]
        served = clients_at(user, since)
        one, two = chosen.get("first"), chosen.get("second")
        first = self._filtered(served, one) if one else with_need(served, since)
        second = self._filtered(served, two) if two else served
        impact = read_impact(first, second, since, until)
        names = (
            str(one) if one else "С потребностью",
            str(two) if two else ("Остальные" if one else "Без потребности"),
        )
        chart = ""
        if impact.curve1 or impact.curve0:
            curves = [
                (name, curve)
                for name, curve in zip(names, (impact.curve1, impact.curve0), strict=True)
                if curve is not None
            ]
            chart = survival_chart(
                [(name, c.days, c.stayed, c.low, c.high) for name, c in curves],
                (until - since).days,
                title="Доля клиентов, которые остались, по дням от начала периода",
            )
        return super().get_context_data(**kwargs) | {
            "form": form,
            "impact": impact,
            "names": names,
            "chart": chart,
            "few": TOO_FEW,
            "by_filter": one or two,
            "times": _times(impact.churn_ratio),
            "times_matched": _times(impact.churn_matched.figure),
        }

    def _filtered(self, clients: Any, saved: Any) -> Any:
        """The clients of a saved filter of the list; whether they are served now is left out."""
        query = QueryDict(saved.query, mutable=True)
        query.pop("status", None)
        return ClientFilter(query, clients, request=self.request).qs


def _times(ratio: Any) -> dict[str, Any] | None:
    """A ratio below one as «в столько раз реже», above as «чаще»."""
    if ratio is None:
        return None
    rarer = ratio.value < 1
    return {"rarer": rarer, "value": 1 / ratio.value if rarer else ratio.value, "ratio": ratio}
