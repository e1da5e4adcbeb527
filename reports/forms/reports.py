"""A report asked for, edited, returned, presented, sent."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django import forms

from accounts.enums import CampaignStatus, Segment
from accounts.models import Employee, IndexationCampaign, Unit
from contacts.models import Participant
from core.forms import CleanCharField, Form
from reports.enums import SectionCode
from reports.layout import LONGEST, Section
from visits.models import Visit


def usual_period(today: date) -> tuple[date, date]:
    """The twelve whole months that ended last."""
    until = today.replace(day=1) - timedelta(days=1)
    return date(until.year - (until.month < 12), until.month % 12 + 1, 1), until


class RequestForm(Form):
    """The period of a report."""

    since = forms.DateField(label="С")
    until = forms.DateField(label="По", help_text="Последний день включительно, не позже сегодня.")


class BatchForm(RequestForm):
    """Whose clients get a report."""

    unit = forms.ModelChoiceField(
        label="Подразделение", queryset=Unit.objects.all(), required=False, empty_label="Не важно"
    )
    specialist = forms.ModelChoiceField(
        label="Специалист",
        queryset=Employee.objects.filter(left_on=None),
        required=False,
        empty_label="Не важно",
    )
    segment = forms.ChoiceField(
        label="Сегмент", choices=[("", "Не важно"), *Segment.choices], required=False
    )
    campaign = forms.ModelChoiceField(
        label="Кампания",
        queryset=IndexationCampaign.objects.exclude(status=CampaignStatus.DRAFT),
        required=False,
        empty_label="Не важно",
        help_text="Клиенты, по которым в ней есть предложение.",
    )
    only_key = forms.BooleanField(label="Только ключевые клиенты", required=False)


class SectionsForm(Form):
    """The nine sections: place, switch, text. `sections` are those stored."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, sections: Iterable[Section] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.codes = []
        for place, section in enumerate(sections, 1):
            self.codes.append(section.code)
            label = SectionCode(section.code).label
            self.fields[f"place_{section.code}"] = forms.IntegerField(
                label=f"Место раздела «{label}»", min_value=1, max_value=9, initial=place
            )
            self.fields[f"on_{section.code}"] = forms.BooleanField(
                label=label,
                required=False,
                initial=section.on,
                widget=forms.CheckboxInput(attrs={"class": "form-check-input"}),
            )
            self.fields[f"text_{section.code}"] = CleanCharField(
                label=f"Текст раздела «{label}»",
                required=False,
                max_length=LONGEST,
                initial=section.text,
                widget=forms.Textarea(attrs={"rows": 4}),
            )

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The fields of each section, for the page."""
        return [
            {"code": code, "place": self[f"place_{code}"], "on": self[f"on_{code}"],
             "text": self[f"text_{code}"]}
            for code in self.codes
        ]  # fmt: skip

    def sections(self) -> list[dict[str, Any]]:
        """What was typed, in the order of places; equal places keep their order."""
        data = self.cleaned_data
        ordered = sorted(self.codes, key=lambda code: data[f"place_{code}"])
        return [
            {"code": code, "on": data[f"on_{code}"], "text": data[f"text_{code}"]}
            for code in ordered
        ]


class ReturnForm(Form):
    """What to mend."""

    note = CleanCharField(
        label="Что поправить", max_length=2000, widget=forms.Textarea(attrs={"rows": 4})
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class LinkForm(Form):
    """To whom the link goes."""

    participant = forms.ModelChoiceField(
        label="Кому", queryset=Participant.objects.all(), empty_label="Выберите участника СПР"
    )
    by_mail = forms.BooleanField(label="Сразу отправить письмом", required=False)

    def __init__(self, *args: Any, participants: Any, mail_is_on: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participant"].queryset = participants
        if not mail_is_on:
            del fields["by_mail"]


class PresentForm(Form):
    """To whom it was presented, when, on which К2У, with what outcome."""

    participant = forms.ModelChoiceField(
        label="Кому представлен",
        queryset=Participant.objects.all(),
        empty_label="Выберите участника СПР",
    )
    on = forms.DateField(label="Когда")
    visit = forms.ModelChoiceField(
        label="На каком К2У",
        queryset=Visit.objects.all(),
        required=False,
        empty_label="Не на К2У",
        help_text="Критерий «отчёт о сотрудничестве» этого К2У отметится сам.",
    )
    outcome = CleanCharField(
        label="Итог разговора",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)

    def __init__(self, *args: Any, participants: Any, visits: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["participant"].queryset = participants
        fields["visit"].queryset = visits
