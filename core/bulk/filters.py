"""Filters of the list of imports."""

from typing import ClassVar

import django_filters

from core.bulk.enums import ImportStatus
from core.bulk.models import Import
from core.bulk.resources import all_resources
from core.filters import FilterSet


class ImportFilter(FilterSet):
    """What was loaded, how it stands, when."""

    resource = django_filters.ChoiceFilter(
        label="Что загружали", choices=lambda: [(r.code, r.label) for r in all_resources()]
    )
    status = django_filters.ChoiceFilter(label="Состояние", choices=ImportStatus.choices)
    uploaded_at = django_filters.DateFromToRangeFilter(label="Загружен файл")

    class Meta:
        model = Import
        fields: ClassVar[list[str]] = []
