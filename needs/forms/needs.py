"""The card of a need."""

from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Client
from core.forms import ModelForm
from needs.models import Need, ProductAdvantage, Tool
from needs.pipeline import CONFIRMABLE
from needs.selectors.confirmations import kept_effect

_ROWS = {
    "context": 2,
    "difficulties": 3,
    "works": 3,
    "key_need": 3,
    "solution": 3,
    "effect": 3,
    "effect_risk": 2,
    "effect_formula": 2,
}


AREAS: dict[str, Any] = {name: forms.Textarea(attrs={"rows": rows}) for name, rows in _ROWS.items()}


_GROUPS = (
    ("Чья потребность", ("title", "level", "is_key", "priority", "department", "participant")),
    ("Потребность", ("context", "difficulties", "works", "key_need")),
    ("Решение", ("solution", "tools", "advantages", "folder", "client_asset")),
    (
        "Эффект",
        ("effect", "effect_hours", "effect_roubles", "effect_risk", "effect_formula"),
    ),
)


def places_of(client: Client) -> Any:
    """Who stands in the client's scheme now."""
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
            "folder",
            "effect",
            "effect_hours",
            "effect_roubles",
            "effect_risk",
            "effect_formula",
            "client_asset",
        ]
        widgets = AREAS
        help_texts = {
            "effect": "Ответ клиента дословно: «А если бы Вы решали эту задачу без нашей "
            "правовой поддержки?»",
            "folder": "Как называется папка, собранная для клиента.",
            "effect_formula": "Например: 3 часа в неделю × 12 недель; штраф 50 000 ₽ × 2 "
            "проверки. По этой записи оценку можно проверить.",
            "client_asset": "Что осталось у клиента на базе К+: папка, профиль, подборка.",
        }

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participant"].queryset = places_of(client)
        if self.instance.participant_id:
            chosen = client.participants.filter(pk=self.instance.participant_id)
            fields["participant"].queryset = (places_of(client) | chosen).select_related("person")
        fields["participant"].empty_label = "Не указан"
        fields["department"].empty_label = "Не указан"
        if self.instance.pk:  # what was chosen stays on offer after it was switched off
            for name, rows in (("tools", Tool.objects), ("advantages", ProductAdvantage.objects)):
                chosen = getattr(self.instance, name).values("pk")
                fields[name].queryset = rows.filter(Q(is_active=True) | Q(pk__in=chosen))
            if why := kept_effect(self.instance):
                for name in CONFIRMABLE:
                    fields[name].disabled = True
                    fields[name].help_text = why

    @property
    def groups(self) -> list[tuple[str, list[Any]]]:
        """The fields under the headings of the talk's card."""
        return [(title, [self[name] for name in names]) for title, names in _GROUPS]
