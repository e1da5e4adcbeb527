"""Plan figures by month: the list, adding, changing, taking back."""

from typing import Any

from django.contrib import messages
from django.urls import reverse

from accounts import services
from accounts.enums import TargetSpan
from accounts.filters import TargetFilter
from accounts.forms import TargetForm
from accounts.models import Target
from accounts.tables import TargetTable
from accounts.views.staff import StaffForm
from core import clock
from core.policy import policy_for
from core.views import ActionPage, ListPage


class TargetList(ListPage):
    model = Target
    action = "view"
    table_class = TargetTable
    filterset_class = TargetFilter
    title = "Планы"
    page_key = "targets"
    add_url_name = "target_add"
    add_label = "Поставить план"

    def get_queryset(self) -> Any:
        return self.visible().select_related("unit", "employee")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"may_change": policy_for(Target).can(self.request.user, "change")}


class TargetAdd(StaffForm):
    """A new plan; `?month=`, `?span=`, `?employee=` and `?kind=` fill the form in beforehand."""

    model = Target
    action = "add"
    form_class = TargetForm
    title = "Новый план"
    list_url_name, list_label = "targets", "Планы"

    def get_initial(self) -> dict[str, Any]:
        typed = self.request.GET
        return {
            "month": typed.get("month") or clock.today().replace(day=1),
            "kind": typed.get("kind"),
            "span": typed.get("span") or TargetSpan.MONTH,
            "employee": typed.get("employee"),
            "unit": typed.get("unit"),
        }

    def save(self, form: Any) -> Target:
        return services.save_target(actor=self.request.user, values=form.values())


class TargetEdit(StaffForm):
    model = Target
    action = "change"
    form_class = TargetForm
    template_name = "accounts/target.html"
    title = "План"
    list_url_name, list_label = "targets", "Планы"

    def save(self, form: Any) -> Target:
        return services.save_target(
            actor=self.request.user,
            target=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class TargetDelete(ActionPage):
    model = Target
    action = "delete"

    def perform(self, request: Any, **kwargs: Any) -> str:
        services.delete_target(actor=request.user, target=self.seen(Target, kwargs["pk"]))
        messages.success(request, "План снят.")
        return reverse("targets")
