"""Django admin: the dictionary of services."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts import services
from accounts.models import Service
from core.admin import DictionaryAdmin


@admin.register(Service)
class ServiceAdmin(DictionaryAdmin):
    list_display = ["label", "code", "long_label", "order"]
    fields = ["code", "label", "long_label", "order"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return ["code"] if obj else []

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        saved = services.save_service(
            actor=request.user,
            values=dict(form.cleaned_data),
            service=Service.objects.get(pk=obj.pk) if change else None,
        )
        obj.pk = saved.pk
