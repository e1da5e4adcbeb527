"""The base of forms: choices within the user's scope, the version the user saw."""

from functools import partial
from typing import Any

from django import forms

from core import text
from core.models import SavedFilter
from core.policy import policy_for


class CleanCharField(forms.CharField):
    """Text cleaned as the columns of the tables clean it; a refusal stands at the field."""

    def to_python(self, value: Any) -> str:
        return text.clean(super().to_python(value) or "")


class ScopedFormMixin:
    """Takes `user`; every choice of rows offers only what the user may see."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            # The browser's own pickers, which take and give ISO whatever the page's language.
            if type(field) is forms.DateField and not field.widget.is_hidden:
                field.widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
            elif type(field) is forms.DateTimeField:
                field.widget = forms.DateTimeInput(
                    format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local"}
                )
            if isinstance(field, forms.ModelChoiceField) and field.queryset is not None:
                rows = policy_for(field.queryset.model)
                field.queryset = rows.visible_to(user, field.queryset)


class Form(ScopedFormMixin, forms.Form):
    """A form without a row of its own."""


class ModelForm(ScopedFormMixin, forms.ModelForm):
    """A form of a row; `version` is the one the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and hasattr(self.instance, "version"):
            self.fields["version"].initial = self.instance.version
            self.fields["version"].required = True
        else:
            del self.fields["version"]

    def _post_clean(self) -> None:
        """What fields break between them is left to the service, which says it at its field.

        Constraints of the table would be told first, above the form; the service asks them too.
        """
        self.instance.full_clean = partial(self.instance.full_clean, validate_constraints=False)
        try:
            super()._post_clean()  # type: ignore[misc]
        finally:
            del self.instance.full_clean

    def values(self) -> dict[str, Any]:
        """What was typed, by field, for a service."""
        return {k: v for k, v in self.cleaned_data.items() if k != "version"}

    @property
    def seen_version(self) -> int | None:
        """The version that the user saw when the form was opened."""
        return self.cleaned_data.get("version")


class SavedFilterForm(forms.ModelForm):
    class Meta:
        model = SavedFilter
        fields = ["page", "name", "query"]
