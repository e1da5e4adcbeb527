"""The form of a plan: what is written before a contact, with what is taken along."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.models import Client
from visits import agenda
from visits.forms.visits import VisitForm
from visits.models import Visit

_PREFIX = "agenda_"


class PlanForm(VisitForm):
    """A plan of work; each part of the agenda has ticks of its own, named `agenda_<code>`."""

    class Meta:
        model = Visit
        fields = [
            "level",
            "planned_for",
            "participants",
            "goal",
            "goal_kind",
            "plan",
            "channel",
            "employee",
            "companions",
        ]
        widgets = {
            "goal": forms.Textarea(attrs={"rows": 2}),
            "plan": forms.Textarea(attrs={"rows": 5}),
            "companions": forms.SelectMultiple(attrs={"size": 4}),
        }

    field_order = Meta.fields

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, client=client, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["planned_for"].required = True
        fields[
            "plan"
        ].help_text = "План, записанный до начала контакта, считается подготовкой; после — нет."
        names = self._add_agenda(client)
        self.first = ("level", "planned_for", "participants", "goal", "goal_kind", *names, "plan")
        self.order_fields([*self.first, "channel", "employee", "companions"])

    def _add_agenda(self, client: Client) -> list[str]:
        """Ticks of every part that has something to offer: what may be taken, what was."""
        pk = self.instance.pk
        names = []
        for part in agenda.parts():
            taken = part.chosen([pk]).get(pk, []) if pk else []
            offered = {choice.pk: choice for choice in [*part.offered(client, self.user), *taken]}
            if not offered:
                continue
            name = f"{_PREFIX}{part.code}"
            self.fields[name] = forms.TypedMultipleChoiceField(
                label=part.label,
                choices=[(choice.pk, choice.label) for choice in offered.values()],
                coerce=int,
                required=False,
                initial=[choice.pk for choice in taken],
                widget=forms.CheckboxSelectMultiple,
            )
            names.append(name)
        return names

    def note(self, notes: Mapping[int, str]) -> None:
        """Say beside the ticks of participants, by id, what is worth knowing."""
        fields: dict[str, Any] = self.fields
        fields["participants"].notes = notes

    def values(self) -> dict[str, Any]:
        return {k: v for k, v in super().values().items() if not k.startswith(_PREFIX)}

    def agenda(self) -> dict[str, list[int]]:
        """What is taken along, by part."""
        return {
            name.removeprefix(_PREFIX): value
            for name, value in self.cleaned_data.items()
            if name.startswith(_PREFIX)
        }

    def spread(self, error: ValidationError) -> ValidationError:
        """The refusals of the agenda under the names of its fields."""
        if not hasattr(error, "error_dict"):
            return error
        dotted = "agenda."
        return ValidationError(
            {
                f"{_PREFIX}{name.removeprefix(dotted)}" if name.startswith(dotted) else name: errors
                for name, errors in error.error_dict.items()
            }
        )
