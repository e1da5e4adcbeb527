"""News hooks: reasons to call, matched with what is known of a client."""

from django.db import models
from django.db.models import F, Q

from accounts.enums import Segment
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet


class NewsHook(Versioned):
    """A piece of news with the words that, found in a portrait, make it worth a contact."""

    title = CharField("повод", max_length=200)
    text = TextField("что сказать клиенту", max_length=4000, blank=True)
    keywords = CharField(
        "слова портрета",
        max_length=300,
        help_text="Через запятую: стройка, госзакупки. Повод подходит, если в портрете или "
        "специфике клиента есть хоть одно, в любой форме.",
    )
    segment = models.CharField("сегмент", max_length=8, choices=Segment, blank=True)
    published_on = models.DateField("с")
    valid_until = models.DateField("действует по", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "инфоповод"
        verbose_name_plural = "инфоповоды"
        ordering = ["-published_on", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gte=F("published_on")),
                name="hook_period",
                violation_error_message="Конец раньше начала.",
            ),
        ]

    def __str__(self) -> str:
        return self.title
