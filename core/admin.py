"""The Django admin as this program has it: dictionaries alone, for administrators alone.

Everyday work has its own pages. What is registered without `DictionaryAdmin` (libraries register
accounts, groups, sessions) does not appear: it would write past the policy and the audit log.
"""

from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from core.models import AuditEntry
from core.policy import policy_for
from core.services import create, update


class DictionarySite(AdminSite):
    """Lets in whoever may read the audit log; the log-in is the program's own, with its factors."""

    site_header = site_title = "Лампа: справочники"
    index_title = "Справочники"

    def has_permission(self, request: HttpRequest) -> bool:
        return policy_for(AuditEntry).can(request.user, "view")

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise PermissionDenied
        return redirect_to_login(request.GET.get("next") or request.get_full_path())

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        if admin_class is not None and issubclass(admin_class, DictionaryAdmin):
            super().register(model_or_iterable, admin_class, **options)


class DictionaryAdmin(ModelAdmin):
    """A dictionary. Asks the policy, writes through `core.services`, deletes nothing."""

    actions = None

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "change")

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self._may(request, "add")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self._may(request, "change")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def _may(self, request: HttpRequest, action: str) -> bool:
        return policy_for(self.model).can(request.user, action)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            update(obj, dict(form.cleaned_data), actor=request.user)
        else:
            create(obj, actor=request.user)

    # The audit log of the program is the one log; django_admin_log would be a second.
    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None

    def log_change(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        return None
