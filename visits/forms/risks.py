"""Forms of risks."""

from django import forms

from core.forms import CleanCharField, Form, ModelForm
from visits.models import Risk


class RiskForm(ModelForm):
    class Meta:
        model = Risk
        fields = ["kind", "text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 4})}


class CloseRiskForm(Form):
    outcome = CleanCharField(
        label="Чем кончилось", max_length=1000, widget=forms.Textarea(attrs={"rows": 3})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
