"""Files attached to a need, kept in the database: one backup holds them too."""

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length

from accounts.models import Client, Employee
from core.models import CharField
from core.policy import ScopedQuerySet
from needs.models.need import Need

LARGEST = 10 * 1024 * 1024


class NeedFile(models.Model):
    """A file: a letter, a picture, a document that shows the effect."""

    need = models.ForeignKey(Need, models.CASCADE, verbose_name="потребность", related_name="files")
    name = CharField("название", max_length=200)
    kind = models.CharField("вид", max_length=100)
    size = models.PositiveIntegerField("размер, байт")
    sha256 = models.CharField("отпечаток", max_length=64)
    content = models.BinaryField("содержимое")
    added_by = models.ForeignKey(
        Employee, models.PROTECT, null=True, blank=True, verbose_name="кто приложил"
    )
    added_at = models.DateTimeField("приложен")

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"content"})

    class Meta:
        verbose_name = "файл потребности"
        verbose_name_plural = "файлы потребностей"
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(
                fields=["need", "sha256"],
                name="need_file_once",
                violation_error_message="Этот файл уже приложен.",
            ),
            models.CheckConstraint(
                condition=Q(size__gte=1, size__lte=LARGEST), name="need_file_size"
            ),
            models.CheckConstraint(
                condition=Q(size=Length(F("content"))), name="need_file_is_whole"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def audit_about(self) -> Client:
        return self.need.client
