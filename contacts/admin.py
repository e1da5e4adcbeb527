"""Django admin of the dictionary of client departments."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.admin import DictionaryAdmin
from accounts.policy import ADMIN
from contacts.models import ClientDepartment
from core.services import create, update


class AuditedAdmin(DictionaryAdmin):
    """A dictionary for administrators alone: every write leaves its audit row."""

    def _may(self, request: HttpRequest, action: str) -> bool:
        return getattr(request.user, "role", "") == ADMIN and super()._may(request, action)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        """A code is known to rules and integrations: it is given once."""
        return ["code"] if obj and hasattr(obj, "code") else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            update(
                self.model._default_manager.get(pk=obj.pk), form.cleaned_data, actor=request.user
            )
        else:
            create(obj, actor=request.user)


@admin.register(ClientDepartment)
class ClientDepartmentAdmin(AuditedAdmin):
    list_display = ["name", "code", "order"]
    fields = ["code", "name", "order"]
