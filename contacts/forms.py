"""Forms of the decision scheme."""

from typing import Any

from django import forms

from accounts.models import Client
from contacts.enums import ParticipantRole
from contacts.models import Participant, Person
from contacts.services import PERSON_FIELDS
from core.forms import CleanCharField, Form, ModelForm


class ParticipantForm(ModelForm):
    """A person and their place in one form; the roles as ticks."""

    last_name = CleanCharField(label="Фамилия", max_length=100)
    first_name = CleanCharField(label="Имя", max_length=100)
    middle_name = CleanCharField(label="Отчество", max_length=100, required=False)
    phone = CleanCharField(
        label="Телефон",
        max_length=40,
        required=False,
        help_text="Добавочный — после «доб.»: +7 495 123-45-67 доб. 12",
    )
    email = forms.EmailField(label="E-mail", required=False)
    roles = forms.MultipleChoiceField(
        label="Роли",
        choices=ParticipantRole.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )

    class Meta:
        model = Participant
        fields = [
            "job_title",
            "department",
            "attitude",
            "influence",
            "reports_to",
            "starts_on",
            "notes",
        ]
        widgets = {"notes": forms.Textarea(attrs={"rows": 3})}

    field_order = [
        "last_name",
        "first_name",
        "middle_name",
        "job_title",
        "department",
        "roles",
        "roles_on",
        "phone",
        "email",
        "reports_to",
        "attitude",
        "influence",
        "starts_on",
        "notes",
    ]

    def __init__(self, *args: Any, client: Client, person: Person | None = None, **kwargs: Any):
        super().__init__(*args, **kwargs)
        places = client.participants.filter(ends_on=None).select_related("person")
        fields: dict[str, Any] = self.fields
        fields["reports_to"].queryset = places.exclude(pk=self.instance.pk)
        fields["department"].empty_label = "Не указан"
        fields["reports_to"].empty_label = "Никому или неизвестно"
        if person is not None:
            self.initial.update({name: getattr(person, name) for name in PERSON_FIELDS})


class ParticipantEditForm(ParticipantForm):
    """Changes what is known; roles change from a day on, so that past months stay."""

    roles_on = forms.DateField(
        label="Роли изменились с",
        required=False,
        help_text="Пусто — с сегодняшнего дня. Прошлые месяцы не меняются.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, person=kwargs["instance"].person, **kwargs)
        self.initial["roles"] = list(
            self.instance.roles.filter(ends_on=None).values_list("role", flat=True)
        )


class CloseForm(Form):
    """From which day a participant is no longer in the scheme."""

    ends_on = forms.DateField(
        label="Не участвует с", help_text="Роли закроются этим же днём, прошлые месяцы не меняются."
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class MergeForm(Form):
    """Which versions of the two places the user compared."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
    other_version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)
