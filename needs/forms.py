"""Forms of needs."""

from typing import Any

from django import forms

from accounts.models import Client
from core.forms import Form, ModelForm
from needs.models import Need, NeedStage, ProductAdvantage, Tool

_ROWS = {
    "context": 2,
    "difficulties": 3,
    "works": 3,
    "key_need": 3,
    "solution": 3,
    "effect": 3,
    "effect_risk": 2,
}
_AREAS: dict[str, Any] = {
    name: forms.Textarea(attrs={"rows": rows}) for name, rows in _ROWS.items()
}

_GROUPS = (
    ("Чья потребность", ("title", "level", "is_key", "priority", "department", "participant")),
    ("Потребность", ("context", "difficulties", "works", "key_need")),
    ("Решение", ("solution", "tools", "advantages", "client_asset")),
    ("Эффект", ("effect", "effect_hours", "effect_roubles", "effect_risk")),
)


def _places(client: Client) -> Any:
    return client.participants.filter(ends_on=None).select_related("person")


class NeedForm(ModelForm):
    """The card of a need, in the order of the talk."""

    tools = forms.ModelMultipleChoiceField(
        label="Инструменты К+",
        queryset=Tool.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    advantages = forms.ModelMultipleChoiceField(
        label="Превосходные отличия К+",
        queryset=ProductAdvantage.objects.filter(is_active=True),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    effect_hours = forms.DecimalField(
        label="Сэкономлено, часов", required=False, min_value=0, max_digits=8, decimal_places=1
    )
    effect_roubles = forms.DecimalField(
        label="Эффект, ₽", required=False, min_value=0, max_digits=12, decimal_places=2
    )

    class Meta:
        model = Need
        fields = [
            "title",
            "level",
            "is_key",
            "priority",
            "department",
            "participant",
            "context",
            "difficulties",
            "works",
            "key_need",
            "solution",
            "tools",
            "advantages",
            "effect",
            "effect_hours",
            "effect_roubles",
            "effect_risk",
            "client_asset",
        ]
        widgets = _AREAS
        help_texts = {
            "effect": "Ответ клиента дословно: «А если бы Вы решали эту задачу без нашей "
            "правовой поддержки?»",
        }

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participant"].queryset = _places(client)
        if self.instance.participant_id:
            chosen = client.participants.filter(pk=self.instance.participant_id)
            fields["participant"].queryset = (_places(client) | chosen).select_related("person")
        fields["participant"].empty_label = "Не указан"
        fields["department"].empty_label = "Не указан"
        if self.instance.pk:  # what was chosen stays on offer after it was switched off
            fields["tools"].queryset |= self.instance.tools.all()
            fields["advantages"].queryset |= self.instance.advantages.all()

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields under the headings of the talk's card."""
        return [(title, [self[name] for name in names]) for title, names in _GROUPS]


class AdvanceForm(Form):
    """One step: the date, the evidence, and whatever the stage requires of the card."""

    on = forms.DateField(label="Дата")
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, need: Need, stage: NeedStage, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.required_names = [n for n in stage.requires if n != "participant"]
        card = forms.fields_for_model(Need, fields=self.required_names, widgets=_AREAS)
        for name in self.required_names:
            field = card[name]
            assert field is not None
            field.initial = getattr(need, name)
            self.fields[name] = field
        if stage.needs_participant or "participant" in stage.requires:
            self.fields["participant"] = forms.ModelChoiceField(
                label="Кто подтвердил" if stage.needs_participant else "Участник СПР",
                queryset=_places(need.client),
                required=False,
                initial=need.participant_id,
                empty_label="Выберите участника СПР",
            )
        self.fields["evidence"] = forms.CharField(
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
            name: "" if value is None and name in _AREAS else value for name, value in found.items()
        }


class ReasonForm(Form):
    reason = forms.CharField(
        label="Причина", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
