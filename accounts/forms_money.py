"""Forms of contracts, prices and the indexation."""

from typing import Any

from django import forms

from accounts.forms import VersionedForm
from accounts.models import (
    ChurnCause,
    Contract,
    ContractPrice,
    IndexationCampaign,
    SegmentPlan,
)
from core.forms import CleanCharField, Form, ModelForm


class ContractForm(ModelForm):
    class Meta:
        model = Contract
        fields = [
            "number",
            "kit",
            "starts_on",
            "ends_on",
            "fixed_from",
            "fixed_until",
            "external_id",
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ends_on"].help_text = "Первый день, когда договор уже не действует."
        self.fields["fixed_from"].help_text = "Пусто — цена не зафиксирована."


class ContractPriceForm(ModelForm):
    class Meta:
        model = ContractPrice
        fields = ["effective_on", "monthly"]
        localized_fields = ("monthly",)

    # The contract is given by the address; the service judges its day.
    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"contract"}  # type: ignore[misc]


class CampaignForm(ModelForm):
    class Meta:
        model = IndexationCampaign
        fields = ["year", "starts_on", "effective_on"]


class SegmentPlanForm(ModelForm):
    class Meta:
        model = SegmentPlan
        fields = ["segment", "percent", "floor", "ceiling"]
        localized_fields = ("percent", "floor", "ceiling")

    # The campaign is given by the address.
    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"campaign"}  # type: ignore[misc]


class PercentField(forms.DecimalField):
    """Per cent with two places, a comma as people type it."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            min_value=0, max_value=100, max_digits=5, decimal_places=2, localize=True, **kwargs
        )


class MakeOfferForm(VersionedForm):
    offered_percent = PercentField(label="Предложено, %")
    offered_on = forms.DateField(label="Когда предложено")


class AgreeForm(VersionedForm):
    agreed_percent = PercentField(label="Согласовано, %")
    agreed_on = forms.DateField(label="Когда согласовано")


class ExceptionForm(AgreeForm):
    exception_reason = CleanCharField(label="Почему исключение", max_length=300)


class RefuseForm(VersionedForm):
    refused_on = forms.DateField(label="Когда отказались")
    refusal_reason = CleanCharField(label="Причина отказа", max_length=300)


class MakeOffersForm(Form):
    """Offering the plan to all rows of a list; the list's filters come along in the address."""

    offered_on = forms.DateField(label="Когда предложено")


class ChurnCauseForm(ModelForm):
    class Meta:
        model = ChurnCause
        fields = ["label", "is_active", "order"]
