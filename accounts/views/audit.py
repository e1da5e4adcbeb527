"""The audit log, for administrators."""

from typing import Any

from accounts.filters import AuditFilter
from accounts.tables import AuditTable
from core.history import with_names
from core.models import AuditEntry
from core.views import CardPage, ListPage


class AuditList(ListPage):
    model = AuditEntry
    action = "view"
    table_class = AuditTable
    filterset_class = AuditFilter
    title = "Журнал изменений"
    page_key = "audit"

    def get_queryset(self) -> Any:
        return self.visible().select_related("actor")


class AuditCard(CardPage):
    model = AuditEntry
    action = "view"
    template_name = "core/audit.html"
    context_object_name = "entry"

    def get_queryset(self) -> Any:
        return self.visible().select_related("actor")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        entries = with_names([self.object])
        return super().get_context_data(**kwargs) | {"entries": entries}
