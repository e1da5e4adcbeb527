"""The base of filter sets, shared by pages and API: choices within the user's scope."""

from typing import Any

import django_filters
from django import forms

from core import text
from core.policy import policy_for
from core.widgets import LongSelect


class FilterSet(django_filters.FilterSet):
    """Every choice of rows offers only what the user may see."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.request is None:
            return
        for item in self.filters.values():
            # The filter's own attribute: its field takes the choices from there, not from `extra`.
            queryset = getattr(item, "queryset", None)
            if queryset is not None and hasattr(queryset, "model"):
                rows = policy_for(queryset.model)
                if isinstance(item, django_filters.ModelChoiceFilter):
                    item.extra.setdefault("widget", LongSelect)
                item.queryset = rows.visible_to(self.request.user, queryset)


class SearchFilter(django_filters.CharFilter):
    """Every typed word must occur in the stored key; blind to case, ё/е and stray spaces."""

    field_class = forms.CharField

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Поиск")
        super().__init__(*args, max_length=100, strip=True, **kwargs)

    def filter(self, qs: Any, value: str) -> Any:
        for word in text.key(value or "").split():
            qs = qs.filter(**{f"{self.field_name}__contains": word})
        return qs
