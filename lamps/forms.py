"""Input of the lamp pages: the board's day and segment, schemes, indicators and their tiers."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet

from accounts.enums import Segment
from accounts.models import Unit
from core.forms import Form, ModelForm
from core.russian import hundredths
from lamps.models import LampScheme, SchemeIndicator


class DayInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(format="%Y-%m-%d", **kwargs)


class BoardForm(Form):
    """What a board is of: a day, a segment, a unit."""

    on = forms.DateField(label="На дату", required=False, widget=DayInput)
    segment = forms.ChoiceField(
        label="Сегмент",
        required=False,
        choices=[("", "Все сегменты"), *Segment.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    unit = forms.ModelChoiceField(Unit.objects.all(), required=False, widget=forms.HiddenInput)


class DayForm(Form):
    """A day to look back to."""

    on = forms.DateField(label="На дату", required=False, widget=DayInput)


_POINTS = re.compile(r"([0-9]{1,4})(?:[.,]([0-9]{1,2}))?")


class HundredthsField(forms.Field):
    """Points as people write them, «0,4», kept as whole hundredths."""

    widget = forms.TextInput
    default_error_messages = {
        "invalid": "Число не больше чем с двумя знаками после запятой, например 0,4.",
        "range": "От 0 до %(most)s.",
    }

    def __init__(self, *, most: int = 1000, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most
        self.widget.attrs["inputmode"] = "decimal"

    def prepare_value(self, value: Any) -> Any:
        return hundredths(value) if isinstance(value, int) else value

    def to_python(self, value: Any) -> int | None:
        typed = str(value or "").strip()
        if not typed:
            return None
        found = _POINTS.fullmatch(typed)
        if found is None:
            raise ValidationError(self.error_messages["invalid"], "invalid")
        points = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
        if points > self.most:
            limit = {"most": hundredths(self.most)}
            raise ValidationError(self.error_messages["range"], "range", limit)
        return points

    def has_changed(self, initial: Any, data: Any) -> bool:
        return super().has_changed(self.prepare_value(initial), data)


class LampSchemeForm(ModelForm):
    """The fields of a draft besides its indicators."""

    yellow_from = HundredthsField(label="Жёлтый от", help_text="Сумма весов, например 0,4.")
    green_from = HundredthsField(label="Зелёный от", help_text="Сумма весов, например 0,8.")

    class Meta:
        model = LampScheme
        fields = [
            "name",
            "segment",
            "effective_from",
            "yellow_from",
            "green_from",
            "norm_red",
            "norm_yellow",
            "norm_green",
            "tolerance",
        ]
        widgets = {"effective_from": DayInput}
        help_texts = {
            "segment": "Пусто: для сегментов, у которых нет своей схемы.",
            "tolerance": "Сколько клиентов малого пула могут быть вне нормы без нарушения.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            for name in ("yellow_from", "green_from"):
                self.initial.setdefault(name, getattr(LampScheme(), name))
        self.fields["segment"].choices = [("", "Все сегменты"), *Segment.choices]  # type: ignore[attr-defined]


class SchemeIndicatorForm(ModelForm):
    """How one indicator is measured."""

    class Meta:
        model = SchemeIndicator
        fields = [
            "indicator",
            "order",
            "source",
            "service",
            "direction",
            "window_days",
            "missing_policy",
            "stale_after_days",
            "warning_days",
        ]
        help_texts = {
            "window_days": "Для использования и К1У; остальное считается на дату.",
            "warning_days": "Пусто: срок окончания не показывать.",
        }


class TierForm(forms.Form):
    """A threshold and what is earned on reaching it."""

    threshold = forms.IntegerField(
        label="Порог", min_value=-(2**31), max_value=2**31 - 1,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "class": "form-control"}),
    )  # fmt: skip
    weight = HundredthsField(
        label="Вес", widget=forms.TextInput(attrs={"class": "form-control"}),
    )  # fmt: skip


class BaseTierFormSet(BaseFormSet):
    """The tiers of one indicator."""

    def tiers(self) -> list[tuple[int, int]]:
        """(threshold, hundredths) of the rows that are to stay."""
        return [
            (form.cleaned_data["threshold"], form.cleaned_data["weight"])
            for form in self.forms
            if form.cleaned_data.get("threshold") is not None
            and not form.cleaned_data.get("DELETE")
        ]

    def clean(self) -> None:
        if any(self.errors):
            return
        thresholds = [threshold for threshold, _ in self.tiers()]
        if len(set(thresholds)) < len(thresholds):
            raise ValidationError("Пороги повторяются.")


TierFormSet = forms.formset_factory(
    TierForm, formset=BaseTierFormSet, extra=1, max_num=20, validate_max=True, can_delete=True
)
