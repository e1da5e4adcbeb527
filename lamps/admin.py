"""The admin holds the dictionary of indicators; rules are edited on their own pages."""

from typing import Any

from django.contrib import admin

from core.admin import DictionaryAdmin
from lamps.models import Indicator


@admin.register(Indicator)
class IndicatorAdmin(DictionaryAdmin):
    """Labels of indicators. Places in the arrays of lamps are given once, by the service."""

    list_display = ("code", "label", "long_label", "slot")
    readonly_fields = ("slot",)

    def get_readonly_fields(self, request: Any, obj: Any = None) -> Any:
        return ("code", "slot") if obj else ("slot",)
