"""The form of a webhook."""

from typing import Any

from django import forms

from core import events
from core.forms import ModelForm
from core.models import Event, Webhook
from core.policy import policy_for


class WebhookForm(ModelForm):
    """Where to, as whom, of what."""

    class Meta:
        model = Webhook
        fields = ["name", "url", "user", "kinds"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        roles = policy_for(Event).grants["view"]
        user: Any = self.fields["user"]
        user.queryset = user.queryset.filter(is_active=True, role__in=roles)
        user.help_text = "Отправляется то, что видит эта учётная запись."
        self.fields["url"].widget = forms.URLInput(attrs={"placeholder": "https://"})
        self.fields["kinds"] = forms.MultipleChoiceField(
            label="События",
            choices=[(kind.name, kind.label) for kind in events.kinds()],
            widget=forms.CheckboxSelectMultiple,
            error_messages={"required": "Отметьте хотя бы одно событие."},
        )
