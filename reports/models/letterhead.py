"""How reports look, and the texts that they begin with."""

from django.core.validators import RegexValidator
from django.db import models

from accounts.enums import Segment
from core.models import CharField, TextField, Versioned
from core.policy import ScopedQuerySet
from reports.enums import BLOCKS
from reports.layout import LONGEST

COLOUR = "#1a5cad"


class Letterhead(models.Model):
    """The centre's name, requisites, colour and logo. Never changed: a new one takes its place,
    so that a report printed with an old one is printed with it for ever."""

    name = CharField("название центра", max_length=200)
    requisites = TextField("реквизиты", max_length=1000, blank=True)
    colour = models.CharField(
        "цвет",
        max_length=7,
        default=COLOUR,
        validators=[RegexValidator(r"\A#[0-9a-f]{6}\Z", "Цвет — это # и шесть знаков 0–9, a–f.")],
    )
    logo = models.BinaryField("логотип", null=True, blank=True, editable=True)
    logo_kind = models.CharField("вид логотипа", max_length=20, blank=True)
    created_at = models.DateTimeField("действует с")

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"logo"})

    class Meta:
        verbose_name = "оформление отчётов"
        verbose_name_plural = "оформление отчётов"
        ordering = ["-id"]

    def __str__(self) -> str:
        return self.name


class TextBlock(Versioned):
    """The text with which a section of a new report or a letter begins, by segment."""

    section = models.CharField("раздел", max_length=10, choices=BLOCKS)
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    text = TextField("текст", max_length=LONGEST, blank=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "текст раздела"
        verbose_name_plural = "тексты разделов"
        ordering = ["section", "segment"]
        constraints = [
            models.UniqueConstraint(fields=["section", "segment"], name="text_block_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_section_display()}: {self.get_segment_display()}"
