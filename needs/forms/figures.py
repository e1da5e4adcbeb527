"""What the numbers of needs are asked about: a segment, and which number's rows are shown."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from accounts.enums import Segment
from needs.models import NeedStage, ProductAdvantage, Tool
from needs.selectors import behind
from needs.selectors.behind import NeedNumber
from visits.forms.figures import FiguresForm, RowForm


class FunnelForm(FiguresForm):
    """The period, the unit and the segment."""

    segment = forms.ChoiceField(
        label="Сегмент", choices=[("", "Все"), *Segment.choices], required=False
    )

    def asked_fields(self) -> list[forms.BoundField]:
        return [*super().asked_fields(), self["segment"]]


class NeedRowsForm(RowForm):
    """Which number. Without any, all needs opened this month."""

    count = forms.ChoiceField(choices=[(name, name) for name in behind.WORDS], required=False)
    stage = forms.ModelChoiceField(NeedStage.objects.all(), to_field_name="code", required=False)
    clients = forms.BooleanField(required=False)
    segment = forms.ChoiceField(choices=Segment.choices, required=False)
    tool = forms.ModelChoiceField(Tool.objects.all(), required=False)
    advantage = forms.ModelChoiceField(ProductAdvantage.objects.all(), required=False)
    measure = forms.ChoiceField(
        choices=[(name, name) for name in (behind.HOURS, behind.ROUBLES)], required=False
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asked: NeedNumber | None = None

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if self.errors:
            return cleaned
        count = cleaned["count"] or behind.OPENED
        if (cleaned["stage"] is not None) != (count in (behind.REACHED, behind.STEPPED)):
            raise ValidationError("Этап указан не к месту.")
        self.asked = NeedNumber(
            count,
            self.read_key(cleaned),
            self.read_period(cleaned),
            **{
                n: cleaned[n]
                for n in ("stage", "clients", "segment", "tool", "advantage", "measure")
            },
        )
        return cleaned


class PlanForm(FunnelForm):
    """The year is stepped through, not typed."""

    def asked_fields(self) -> list[forms.BoundField]:
        return [field for field in super().asked_fields() if field.name not in ("since", "until")]
