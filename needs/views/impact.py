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
        usual = usual_window()
        form = ImpactForm(self.request.GET or None, request=self.request, initial=usual)
        context = super().get_context_data(**kwargs) | {"form": form, "few": TOO_FEW}
        if form.is_bound and not form.is_valid():
            # What was not understood is compared with nothing: not with what nobody asked for.
            return context
        compared = compare(self.request, form.cleaned_data if form.is_bound else usual)
        impact, curves = compared.impact, compared.curves()
        chart = ""
        if curves:
            chart = survival_chart(
                [(name, c.days, c.stayed, c.low, c.high) for name, c in curves],
                (impact.until - impact.since).days,
                title="Доля клиентов, которые остались, по дням от начала периода",
            )
        return context | {
            "impact": impact,
            "names": compared.names,
            "chart": chart,
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
