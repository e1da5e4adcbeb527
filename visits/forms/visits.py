"""Forms of contacts: what plan and record share, cancelling."""

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import uuid4

from django import forms
from django.db.models import Q

from accounts.models import Client, Employee
from contacts.models import Participant
from core.forms import CleanCharField, Form, ModelForm
from core.policy import policy_for
from visits.enums import GoalKind, VisitLevel
from visits.models import Visit
from visits.policy import VisitPolicy
from visits.selectors import employees_for


class ParticipantChoice(forms.ModelMultipleChoiceField):
    """Participants as ticks, with what tells two of one name apart and a note on some."""

    notes: Mapping[int, str] = {}

    def label_from_instance(self, obj: Any) -> str:
        known = [str(obj.department or ""), obj.job_title]
        details = ", ".join(part for part in known if part)
        label = f"{obj} ({details})" if details else str(obj)
        note = self.notes.get(obj.pk)
        return f"{label} — {note}" if note else label


class VisitForm(ModelForm):
    """What plan and record have in common. `first` are the fields that are always in sight."""

    participants = ParticipantChoice(
        label="Участники СПР",
        queryset=Participant.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    # Made up with every form that is opened: what is sent twice is written once.
    submission = forms.UUIDField(
        required=False, initial=uuid4, widget=forms.HiddenInput(attrs={"autocomplete": "off"})
    )
    first: tuple[str, ...] = ()

    def __init__(self, *args: Any, client: Client, on: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.stored_start = self.instance.started_at
        self._participants(client)
        self._levels()
        self._employees(on)

    def _participants(self, client: Client) -> None:
        """Who is in the scheme now, and who was chosen before."""
        offered = Q(ends_on=None)
        if self.instance.pk:
            offered |= Q(pk__in=self.instance.participants.values("pk"))
        fields: dict[str, Any] = self.fields
        fields["participants"].queryset = client.participants.filter(offered).select_related(
            "person", "department"
        )

    def _levels(self) -> None:
        """A user who may record one level only is not asked for it."""
        policy = policy_for(Visit)
        assert isinstance(policy, VisitPolicy)
        levels = policy.levels(self.user)
        if levels == [VisitLevel.K1]:
            del self.fields["level"]
            self.instance.level = VisitLevel.K1
            return
        fields: dict[str, Any] = self.fields
        choices = [(code, VisitLevel(code).label) for code in levels]
        fields["level"] = forms.ChoiceField(
            label="Уровень", choices=choices, widget=forms.RadioSelect
        )

    def _employees(self, on: date) -> None:
        """Nobody is asked who holds the contact where only they can."""
        fields: dict[str, Any] = self.fields
        allowed = Q(pk__in=employees_for(self.user, on).values("pk"))
        holders = Employee.objects.filter(allowed | Q(pk=self.instance.employee_id))
        fields["employee"].queryset = holders
        fields["employee"].empty_label = None
        fields["companions"].queryset = fields["companions"].queryset.filter(left_on=None)
        if holders.count() == 1:
            del self.fields["employee"]
        fields["goal_kind"].choices = [("", "Не указан"), *GoalKind.choices]

    def values(self) -> dict[str, Any]:
        values = super().values()
        values.setdefault("level", self.instance.level)
        if values.get("submission") is None:
            values.pop("submission", None)
        stored = self.stored_start
        if stored and values.get("started_at") == stored.replace(second=0, microsecond=0):
            values["started_at"] = stored  # the picker knows no seconds
        return values

    @property
    def first_fields(self) -> list[Any]:
        """The fields in sight; those with an error join them."""
        return [f for f in self.visible_fields() if f.name in self.first or f.errors]

    @property
    def more_fields(self) -> list[Any]:
        """The fields under «Ещё»."""
        return [f for f in self.visible_fields() if f.name not in self.first and not f.errors]


class CancelForm(Form):
    reason = CleanCharField(
        label="Почему отменён", max_length=500, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
