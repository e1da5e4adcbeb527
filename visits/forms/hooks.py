"""Forms of news hooks."""

from typing import Any

from django import forms

from accounts.enums import Segment
from core.forms import ModelForm
from visits.models import NewsHook


class HookForm(ModelForm):
    class Meta:
        model = NewsHook
        fields = ["title", "text", "keywords", "segment", "published_on", "valid_until"]
        widgets = {
            "title": forms.TextInput(),
            "text": forms.Textarea(attrs={"rows": 6}),
            "keywords": forms.Textarea(attrs={"rows": 2}),
        }
        help_texts = {
            "keywords": "Через запятую: стройка, государственные закупки. Повод подходит клиенту, "
            "если в его портрете или специфике есть хоть одно слово в любом падеже и числе; слова "
            "одного выражения должны стоять рядом. Однокоренные слова пишите отдельно: стройка, "
            "строительство, строительный.",
            "valid_until": "Пусто — пока не снимете.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        fields["segment"].choices = [("", "Оба"), *Segment.choices]
