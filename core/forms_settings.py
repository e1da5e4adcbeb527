"""Forms of the office: settings as they are declared, a day of the calendar."""

from collections.abc import Mapping
from typing import Any

from django import forms

from core.forms import Form, ModelForm
from core.models import CalendarDay
from core.preferences import FLAG, WHOLE, Preference, Values, all_preferences


def field_of(preference: Preference) -> forms.Field:
    """The field of one setting by its kind."""
    shared: dict[str, Any] = {"label": preference.label, "help_text": hint_of(preference)}
    if preference.kind == WHOLE:
        return forms.IntegerField(
            min_value=preference.low,
            max_value=preference.high,
            required=not preference.empty,
            **shared,
        )
    if preference.kind == FLAG:
        return forms.BooleanField(required=False, **shared)
    rows = 4 if len(preference.default or "") > 80 else 2
    return forms.CharField(
        max_length=10_000, required=False, widget=forms.Textarea(attrs={"rows": rows}), **shared
    )


def hint_of(preference: Preference) -> str:
    """What stands under the field: its own help, the limits of a number, the default."""
    parts = [preference.help]
    if preference.kind == WHOLE:
        parts.append(f"От {preference.low} до {preference.high}.")
        parts.append(f"По умолчанию: {preference.in_words(preference.default)}.")
    elif preference.kind == FLAG:
        parts.append(f"По умолчанию: {preference.in_words(preference.default)}.")
    return " ".join(filter(None, parts))


class SettingsForm(Form):
    """Every declared setting. `version` tells which versions the user saw, by code."""

    version = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, *args: Any, values: Values, versions: Mapping[str, int], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.stored = versions
        for preference in all_preferences():
            field = field_of(preference)
            field.initial = values[preference]
            # What the user saw goes back with the form: a field left alone is not written,
            # though somebody else may have changed it meanwhile.
            field.show_hidden_initial = True
            self.fields[preference.code] = field
        self.fields["version"].initial = told(versions)

    @property
    def groups(self) -> dict[str, list[tuple[Preference, Any, Any, bool]]]:
        """Settings by group: field, what the user saw in it, whether somebody changed it."""
        found: dict[str, list[tuple[Preference, Any, Any, bool]]] = {}
        for preference in all_preferences():
            code = preference.code
            field = self[code]
            row = (preference, field, field.as_hidden(only_initial=True), code in self.stored)
            found.setdefault(preference.group, []).append(row)
        return found

    def changed(self) -> dict[Preference, Any]:
        """The settings that the user changed, with what was typed."""
        names = set(self.changed_data)
        return {p: self.cleaned_data[p.code] for p in all_preferences() if p.code in names}

    def seen(self) -> dict[str, int]:
        """The versions that the user saw, by code; nonsense counts as nothing seen."""
        found = {}
        for part in self.cleaned_data.get("version", "").split():
            code, _, number = part.rpartition("=")
            if number.isascii() and number.isdigit():
                found[code] = int(number[:9])
        return found


def told(versions: Mapping[str, int]) -> str:
    """Versions as the form carries them: «a=1 b=3»."""
    return " ".join(f"{code}={number}" for code, number in sorted(versions.items()))


class CalendarDayForm(ModelForm):
    is_working = forms.TypedChoiceField(
        label="Этот день",
        choices=[("no", "выходной"), ("yes", "рабочий")],
        coerce=lambda typed: typed == "yes",
        widget=forms.RadioSelect,
    )

    class Meta:
        model = CalendarDay
        fields = ["on", "is_working", "note"]
        help_texts = {"note": "Например: перенос по приказу, день рождения центра."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["is_working"] = "yes" if self.instance.is_working else "no"
