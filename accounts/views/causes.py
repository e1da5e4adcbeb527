"""The dictionary of reasons for which clients leave."""

from typing import Any

from accounts import services
from accounts.filters_money import ChurnCauseFilter
from accounts.forms_money import ChurnCauseForm
from accounts.models import ChurnCause
from accounts.tables_money import ChurnCauseTable
from accounts.views.staff import StaffForm
from core.views import ListPage


class CauseList(ListPage):
    model = ChurnCause
    action = "change"
    table_class = ChurnCauseTable
    filterset_class = ChurnCauseFilter
    title = "Причины отключений"
    add_url_name = "churn_cause_add"
    add_label = "Новая причина"


class CauseAdd(StaffForm):
    model = ChurnCause
    action = "add"
    form_class = ChurnCauseForm
    title = "Новая причина"
    list_url_name, list_label = "churn_causes", "Причины отключений"

    def save(self, form: Any) -> ChurnCause:
        return services.save_cause(actor=self.request.user, values=form.values())


class CauseEdit(StaffForm):
    model = ChurnCause
    action = "change"
    form_class = ChurnCauseForm
    title = "Причина"
    list_url_name, list_label = "churn_causes", "Причины отключений"

    def save(self, form: Any) -> ChurnCause:
        return services.save_cause(
            actor=self.request.user,
            cause=self.row,
            values=form.values(),
            version=form.seen_version,
        )
