"""Sending a file, saying which column is which, deciding what is written."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from core.bulk import headers, parse, reading
from core.bulk.enums import Mode
from core.bulk.models import Import
from core.bulk.resources import all_resources, find
from core.forms import Form
from core.policy import policy_for


class UploadForm(Form):
    """`whole` stands last: of a file that was cut on its way it does not come."""

    resource = forms.ChoiceField(label="Что загружаем")
    file = forms.FileField(
        label="Файл",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
        help_text=(
            f"Excel (.xlsx) или CSV, до {reading.MEGABYTES} МБ. Первая строка — заголовки; порядок "
            "колонок любой."
        ),
        error_messages={"empty": "Файл пуст."},
    )
    repeat = forms.BooleanField(
        label="Загрузить, даже если этот файл уже загружали", required=False
    )
    whole = forms.CharField(widget=forms.HiddenInput, initial="yes", required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [
            (resource.code, resource.label)
            for resource in all_resources()
            if all(policy_for(resource.model).can(self.user, name) for name in resource.actions)
        ]
        self.fields["resource"].choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if self.data.get("whole") != "yes":
            raise ValidationError({"file": "Файл пришёл не целиком: отправьте его ещё раз."})
        return cleaned


class ColumnsForm(Form):
    """A choice for each column of the file; `version` is the one the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, found: Import, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found = found
        self.fields["version"].initial = found.version
        resource = find(found.resource)
        choices = [("", "не загружать")]
        choices += [(column.name, column.label) for column in resource.columns]
        for place, header in enumerate(found.headers):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=header or f"Колонка {headers.letter(place)}",
                choices=choices,
                required=False,
                widget=forms.Select(attrs={"class": "form-select"}),
                initial=found.mapping.get(str(place), ""),
            )

    def mapping(self) -> dict[int, str]:
        """Place → name of the column, of those that are loaded."""
        return {
            place: self.cleaned_data[f"column_{place}"]
            for place in range(len(self.found.headers))
            if self.cleaned_data[f"column_{place}"]
        }

    def lines(self) -> list[dict[str, Any]]:
        """Each column with its letter, what stands in its first rows, and the choice."""
        found = []
        for place in range(len(self.found.headers)):
            cells = [row[place] for row in self.found.sample if place < len(row)]
            shown = [parse.shown(reading.cell(one)) for one in cells if one is not None]
            field = self[f"column_{place}"]
            found.append({"letter": headers.letter(place), "field": field, "sample": shown[:3]})
        return found


class ConfirmForm(Form):
    """What to do with the good rows where others are refused."""

    mode = forms.ChoiceField(label="Что загрузить", choices=Mode.choices)
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
