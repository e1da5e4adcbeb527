"""Input of the pages of bonuses. What a form accepts a service still judges."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.formsets import BaseFormSet

from accounts.forms import MonthField
from bonuses.enums import KpiSource, ObjectionStatus, SchemeStatus
from bonuses.models import BonusBlock, BonusKpi, BonusScheme, ManualFact, PayBase, Upsell
from core.forms import CleanCharField, Form, ModelForm
from core.russian import number


class MonthForm(Form):
    """Which month."""

    month = MonthField(label="Месяц", required=False)


class ObjectionForm(Form):
    """What is wrong with a line."""

    reason = CleanCharField(
        label="В чём ошибка",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Что не учтено или учтено лишнее: счета, контакты, клиенты, даты.",
    )


class AnswerForm(Form):
    """The answer to an objection."""

    status = forms.ChoiceField(
        label="Решение",
        choices=[
            (ObjectionStatus.ACCEPTED.value, "Принять: факты исправлены, лист пересчитать"),
            (ObjectionStatus.DECLINED.value, "Отклонить: лист верен"),
        ],
        widget=forms.RadioSelect,
    )
    answer = CleanCharField(
        label="Ответ сотруднику", max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class SchemeForm(ModelForm):
    """Name, position, month and days for objections of a draft."""

    effective_from = MonthField(label="Действует с месяца")

    class Meta:
        model = BonusScheme
        fields = ["name", "kind", "effective_from", "objection_days"]


class BlockForm(ModelForm):
    class Meta:
        model = BonusBlock
        fields = ["label", "share", "period", "order"]
        localized_fields = ("share",)
        help_texts = {
            "share": "Доли всех блоков дают 100 %.",
            "period": "Оценку за квартал несут три выплаты после него.",
        }


class KpiForm(ModelForm):
    class Meta:
        model = BonusKpi
        fields = [
            "label", "order", "source", "weight", "plan_level", "target_kind", "plan", "better",
            "scale", "floor", "cap", "if_missing",
        ]  # fmt: skip
        localized_fields = ("weight", "plan", "floor", "cap")
        help_texts = {
            "weight": "Веса показателей блока дают 100 %.",
            "floor": "Меньше этого — ноль. Только для пропорциональной шкалы.",
            "cap": "Больше этого не засчитывается. Только для пропорциональной шкалы.",
        }

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        level, kind = cleaned.get("plan_level"), cleaned.get("target_kind")
        if level and level != "scheme" and not kind and "target_kind" not in self.errors:
            self.add_error("target_kind", "Выберите, какую плановую цифру брать.")
        return cleaned


class StepForm(forms.Form):
    """A threshold and what is earned from it on."""

    threshold = forms.DecimalField(
        label="Порог", max_digits=14, decimal_places=2, localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control"}),
    )  # fmt: skip
    percent = forms.DecimalField(
        label="Выполнение, %", max_digits=5, decimal_places=2, min_value=0, max_value=300,
        localize=True,
        widget=forms.TextInput(attrs={"inputmode": "decimal", "class": "form-control"}),
    )  # fmt: skip


class BaseStepFormSet(BaseFormSet):
    """The steps of one scale."""

    def steps(self) -> list[tuple[Any, Any]]:
        """(threshold, per cent) of the rows that are to stay."""
        return [
            (form.cleaned_data["threshold"], form.cleaned_data["percent"])
            for form in self.forms
            if form.cleaned_data.get("threshold") is not None
            and not form.cleaned_data.get("DELETE")
        ]

    def clean(self) -> None:
        if any(self.errors):
            return
        thresholds = [threshold for threshold, _ in self.steps()]
        if len(set(thresholds)) < len(thresholds):
            raise ValidationError("Пороги повторяются.")


StepFormSet = forms.formset_factory(
    StepForm, formset=BaseStepFormSet, extra=2, max_num=20, validate_max=True, can_delete=True
)


class WhatIfForm(Form):
    """A month to try a scheme on, and other plans for its KPIs."""

    month = MonthField(label="На месяце")

    def __init__(self, *args: Any, kpis: list[BonusKpi], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kpis = kpis
        for kpi in kpis:
            self.fields[f"plan_{kpi.pk}"] = forms.DecimalField(
                label=f"План: {kpi.label}",
                required=False,
                min_value=0,
                max_digits=14,
                decimal_places=2,
                localize=True,
                widget=forms.TextInput(
                    attrs={"inputmode": "decimal", "placeholder": number(kpi.plan)}
                ),
            )

    def plans(self) -> dict[int, Any]:
        """KPI → the other plan."""
        found = {kpi.pk: self.cleaned_data.get(f"plan_{kpi.pk}") for kpi in self.kpis}
        return {pk: value for pk, value in found.items() if value is not None}


class PayBaseForm(ModelForm):
    class Meta:
        model = PayBase
        fields = ["employee", "starts_on", "amount", "rate"]
        localized_fields = ("amount", "rate")
        help_texts = {
            "starts_on": "День закрытого месяца тоже можно: разница придёт корректировкой."
        }


class UpsellForm(ModelForm):
    class Meta:
        model = Upsell
        fields = ["employee", "client", "on", "product", "amount", "document"]
        localized_fields = ("amount",)
        help_texts = {"amount": "Возврат записывается со знаком минус."}


class ManualFactForm(ModelForm):
    month = MonthField(label="Месяц")

    class Meta:
        model = ManualFact
        fields = ["employee", "kpi", "month", "value", "document"]
        localized_fields = ("value",)
        help_texts = {"document": "На основании чего: номер и дата."}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kpi: Any = self.fields["kpi"]
        kpi.queryset = kpi.queryset.filter(
            source=KpiSource.MANUAL, block__scheme__status=SchemeStatus.PUBLISHED
        ).select_related("block__scheme")
        kpi.label_from_instance = lambda row: f"{row.label} · {row.block.scheme}"
