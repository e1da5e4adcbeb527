"""How reports look, and the texts that they begin with."""

from django import forms

from core.forms import CleanCharField, Form, ModelForm
from reports.models import Letterhead, TextBlock


class LetterheadForm(Form):
    """The letterhead that takes the place of the present one."""

    name = CleanCharField(label="Название центра", max_length=200)
    requisites = CleanCharField(
        label="Реквизиты и телефоны",
        max_length=1000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Печатаются на последней странице.",
    )
    colour = forms.CharField(
        label="Цвет",
        max_length=7,
        validators=Letterhead._meta.get_field("colour").validators,
        widget=forms.TextInput(attrs={"type": "color", "class": "form-control-color"}),
        help_text="Достаточно тёмный, чтобы читаться на белом.",
    )
    logo = forms.FileField(
        label="Логотип",
        required=False,
        widget=forms.FileInput(attrs={"accept": ".png,.jpg,.jpeg"}),
        help_text="PNG или JPEG до 512 КБ. Без нового файла остаётся прежний.",
    )
    drop_logo = forms.BooleanField(label="Убрать логотип", required=False)


class BlockForm(ModelForm):
    class Meta:
        model = TextBlock
        fields = ["text"]
        widgets = {"text": forms.Textarea(attrs={"rows": 8})}
        help_texts = {"text": "Абзацы, **жирный**, *курсив*, списки. Ссылки и HTML не действуют."}
