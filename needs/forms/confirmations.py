"""Confirmation: asked of a colleague, of the participant by a link; decided; answered."""

from typing import Any

from django import forms

from contacts.models import Participant
from core.forms import CleanCharField, Form
from needs.enums import LinkAnswer
from needs.forms.needs import places_of
from needs.models import Need

_APPROVE, _REFUSE = "approve", "refuse"


class AskByLinkForm(Form):
    """Whom to send the link to."""

    participant = forms.ModelChoiceField(
        label="Кто подтвердит",
        queryset=Participant.objects.all(),
        empty_label="Выберите участника СПР",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, need: Need, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participant"].queryset = places_of(need.client)


class AskPersonForm(AskByLinkForm):
    """What the participant said or signed, for a colleague to approve."""

    on = forms.DateField(label="Когда подтвердил")
    evidence = CleanCharField(
        label="Документ или слова клиента",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Номер и дата письма, отзыва, акта или цитата дословно.",
    )


class DecideForm(Form):
    """Approved or refused."""

    decision = forms.ChoiceField(
        label="Решение",
        choices=[(_APPROVE, "Подтверждаю: эффект есть"), (_REFUSE, "Не подтверждаю")],
        widget=forms.RadioSelect,
    )
    reason = CleanCharField(
        label="Причина",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Нужна, если не подтверждаете: чего не хватает.",
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    @property
    def is_approved(self) -> bool:
        """Whether it was approved."""
        return self.cleaned_data["decision"] == _APPROVE


class LinkForm(forms.Form):
    """What the participant answers on the page behind the link."""

    answer = forms.ChoiceField(
        label="Ваш ответ",
        choices=LinkAnswer.choices,
        widget=forms.RadioSelect(attrs={"class": "form-check-input"}),
        error_messages={"required": "Выберите ответ."},
    )
    said = CleanCharField(
        label="Что поправить или добавить",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
