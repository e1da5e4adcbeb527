"""What goes with the work with needs: two groups of clients compared, honestly."""

from typing import Any

from django.views.generic import TemplateView

from core.charts import survival_chart
from core.views import PolicyMixin
from needs.forms.impact import ImpactForm, compare, usual_window
from needs.impact import TOO_FEW
from needs.models import Need


class ImpactPage(PolicyMixin, TemplateView):
    model = Need
    action = "view"
    template_name = "needs/impact.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        asked = self.request.GET
        form = ImpactForm(asked or None, user=self.request.user, initial=usual_window())
        chosen: dict[str, Any] = usual_window()
        if form.is_bound and form.is_valid():
            chosen = form.cleaned_data
        compared = compare(self.request, chosen)
        impact, curves = compared.impact, compared.curves()
        chart = ""
        if curves:
            chart = survival_chart(
                [(name, c.days, c.stayed, c.low, c.high) for name, c in curves],
                (impact.until - impact.since).days,
                title="Доля клиентов, которые остались, по дням от начала периода",
            )
        return super().get_context_data(**kwargs) | {
            "form": form,
            "impact": impact,
            "names": compared.names,
            "chart": chart,
            "few": TOO_FEW,
            "by_filter": compared.by_filter,
            "times": _times(impact.churn_ratio),
            "times_matched": _times(impact.churn_matched.figure),
        }


def _times(ratio: Any) -> dict[str, Any] | None:
    """A ratio below one as «в столько раз реже», above as «чаще»."""
    if ratio is None:
        return None
    rarer = ratio.value < 1
    return {"rarer": rarer, "value": 1 / ratio.value if rarer else ratio.value, "ratio": ratio}
