"""Forms of control points: plan, move, decide, hold."""

from datetime import date
from typing import Any

from django import forms
from django.db.models import Q

from accounts.models import Client, Employee
from core.forms import Form, ModelForm
from core.widgets import LongSelect
from visits.models import Agreement, ControlPoint, ControlPointKind
from visits.selectors import employees_for
from visits.selectors import reviews as selectors

_SINCE = "Пусто — со дня прошлой. День самой контрольной точки в период не входит."


class PlanReviewForm(ModelForm):
    """Which review, of whom, when."""

    class Meta:
        model = ControlPoint
        fields = ["kind", "specialist", "unit", "on", "since", "led_by"]

    def __init__(self, *args: Any, on_day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["kind"].queryset = ControlPointKind.objects.filter(is_on=True)
        fields["kind"].empty_label = None
        fields["specialist"].queryset = selectors.specialists_for(self.user, on_day)
        fields["specialist"].empty_label = "Не выбран"
        fields["specialist"].help_text = "Для вида «по одному специалисту»."
        fields["unit"].queryset = selectors.led_units(self.user)
        fields["unit"].required = False
        fields["unit"].empty_label = "Отдел специалиста"
        fields["unit"].help_text = "Нужен, когда смотрим весь отдел."
        fields["since"].required = False
        fields["since"].help_text = _SINCE
        fields["led_by"].required = False
        fields["led_by"].empty_label = "Начальник отдела"


class MoveReviewForm(ModelForm):
    """A planned review is moved; its notes may be written beforehand."""

    class Meta:
        model = ControlPoint
        fields = ["on", "since", "led_by", "notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 5})}

    def __init__(self, *args: Any, on_day: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        leaders = [one.pk for one in selectors.leaders_of(self.instance.unit, on_day)]
        fields["led_by"].queryset = Employee.objects.filter(
            Q(pk__in=leaders) | Q(pk=self.instance.led_by_id) | Q(user_id=self.user.pk)
        )
        fields["led_by"].empty_label = None


class HoldForm(ModelForm):
    """What was said; with it the review is closed for good."""

    class Meta:
        model = ControlPoint
        fields = ["notes"]
        widgets = {"notes": forms.Textarea(attrs={"rows": 8})}


class DecisionForm(ModelForm):
    """A decision: a task of somebody of the unit, about a client of the pool or about none."""

    class Meta:
        model = Agreement
        fields = ["what", "client", "responsible", "due_on"]
        widgets = {"what": forms.Textarea(attrs={"rows": 2})}

    def __init__(
        self, *args: Any, review: ControlPoint, on: date, usual: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.review = review
        fields: dict[str, Any] = self.fields
        fields["due_on"].required = False
        fields["due_on"].help_text = f"Пусто — {usual:%d.%m.%Y}."
        mates = selectors.staff_of(review.unit, on).values("pk")
        own = employees_for(self.user, on).values("pk")
        fields["responsible"].queryset = Employee.objects.filter(
            Q(pk__in=own) & (Q(pk__in=mates) | Q(pk=review.led_by_id) | Q(user_id=self.user.pk))
        )
        fields["responsible"].help_text = ""
        if review.specialist is None:
            del self.fields["client"]
            fields["responsible"].required = True
            fields["responsible"].empty_label = "Выберите сотрудника"
            return
        fields["responsible"].empty_label = review.specialist.short_name
        pool = Client.objects.filter(specialist=review.specialist_id, disconnected_on=None)
        fields["client"].widget = LongSelect()
        fields["client"].queryset = pool.visible_to(self.user)  # type: ignore[attr-defined]
        fields["client"].empty_label = "Без клиента"
        fields["client"].widget.choices = fields["client"].choices

    def clean(self) -> dict[str, Any]:
        """A task of nobody's client is the specialist's, whose pool this is."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        named = {"client", "responsible"} & set(self.errors)
        if not cleaned.get("client") and not cleaned.get("responsible") and not named:
            cleaned["responsible"] = self.review.specialist
        return cleaned


class DropReviewForm(Form):
    """Nothing to fill in: the question stands on the page."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
