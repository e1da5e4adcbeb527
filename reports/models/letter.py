"""Letters about a new price: what was written to a client, on what offer, in what order."""

from django.conf import settings
from django.db import models

from accounts.models import Client, IndexationCampaign, IndexationOffer
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet
from reports.models.letterhead import Letterhead


class PriceLetter(models.Model):
    """A letter («письмо о цене») of an offer, frozen with its figures and words.

    It never changes: the database refuses it. Other figures, words or letterhead make another
    letter; the same make none.
    """

    offer = models.ForeignKey(
        IndexationOffer, models.CASCADE, verbose_name="предложение", related_name="letters"
    )
    snapshot = models.JSONField("содержание")
    letterhead = models.ForeignKey(Letterhead, models.PROTECT, verbose_name="оформление")
    # Of all that is printed but the day: by it a letter is known to be written already.
    digest = models.CharField("контрольная сумма", max_length=64)
    made_on = models.DateField("дата письма")
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто подготовил", related_name="+"
    )
    made_at = models.DateTimeField("подготовлено")

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"snapshot"})

    class Meta:
        verbose_name = "письмо о цене"
        verbose_name_plural = "письма о цене"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["offer", "digest"], name="price_letter_once"),
        ]

    def __str__(self) -> str:
        return f"Письмо о цене, {self.made_on:%d.%m.%Y}"

    def audit_about(self) -> Client:
        return self.offer.client


class LetterFile(models.Model):
    """A letter as it was printed, or why it could not be; none while it waits."""

    letter = models.OneToOneField(
        PriceLetter, models.CASCADE, verbose_name="письмо", related_name="file"
    )
    content = models.BinaryField("PDF", null=True)
    error = CharField("что не так", max_length=300, blank=True)
    drawn_at = models.DateTimeField("напечатано")

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"content"})

    class Meta:
        verbose_name = "файл письма"
        verbose_name_plural = "файлы писем"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(content__isnull=False, error="")
                | models.Q(content__isnull=True) & ~models.Q(error=""),
                name="letter_file_or_error",
            ),
        ]

    def __str__(self) -> str:
        return f"PDF: {self.letter}"


class LetterBatch(Versioned):
    """Letters to many clients in one order: printed by one run, handed out as one zip."""

    campaign = models.ForeignKey(
        IndexationCampaign, models.CASCADE, verbose_name="кампания", related_name="letter_batches"
    )
    title = CharField("для кого", max_length=300)
    letters = models.ManyToManyField(PriceLetter, verbose_name="письма", related_name="batches")
    size = models.PositiveIntegerField("писем")
    written = models.PositiveIntegerField("из них новых")
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто запросил", related_name="+"
    )
    requested_at = models.DateTimeField("запрошено")
    # The business date under which its run stands in the queue.
    on = models.DateField("за дату")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "пакет писем"
        verbose_name_plural = "пакеты писем"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.campaign}: {self.title}"
