"""A step of a need, and a reason."""

from typing import Any

from django import forms

from core.forms import CleanCharField, Form
from needs.forms.needs import AREAS, places_of
from needs.models import Need, NeedStage


class AdvanceForm(Form):
    """One step: the date, the evidence, and whatever the stage requires of the card."""

    on = forms.DateField(label="Дата")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, need: Need, stage: NeedStage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required_names = [n for n in stage.requires if n != "participant"]
        card = forms.fields_for_model(Need, fields=self.required_names, widgets=AREAS)
        for name in self.required_names:
            field = card[name]
            assert field is not None
            field.initial = getattr(need, name)
            self.fields[name] = field
        if stage.needs_participant or "participant" in stage.requires:
            self.fields["participant"] = forms.ModelChoiceField(
                label="Кто подтвердил" if stage.needs_participant else "Участник СПР",
                queryset=places_of(need.client),
                required=False,
                initial=need.participant_id,
                empty_label="Выберите участника СПР",
            )
        self.fields["evidence"] = CleanCharField(
            label="Чем подтверждается",
            required=False,
            max_length=2000,
            widget=forms.Textarea(attrs={"rows": 3}),
            help_text="Что сделано, что сказал клиент, какой документ или папка это показывает.",
        )

    def card_values(self) -> dict[str, Any]:
        """What was typed of the need's card."""
        found = {name: self.cleaned_data[name] for name in self.required_names}
        return {
            name: "" if value is None and name in AREAS else value for name, value in found.items()
        }


class ReasonForm(Form):
    reason = CleanCharField(
        label="Причина", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
