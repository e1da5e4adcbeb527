"""Imports of files: the file, its rows, what they changed, how a user's files are mapped."""

from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from core.bulk.enums import ImportStatus, Mode, Outcome
from core.models import Versioned
from core.policy import ScopedQuerySet


class Import(Versioned):
    """One file on its way in. `rows_done` is how far the present step has come, committed with
    the rows themselves: whoever takes over after a kill goes on from there."""

    resource = models.CharField("что загружают", max_length=40)
    file_name = models.CharField("файл", max_length=200)
    # Under a name of our own in the media folder; empty once it is dropped.
    stored_as = models.CharField(max_length=60, blank=True, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveIntegerField("размер, байт")
    is_repeat = models.BooleanField("тот же файл ещё раз", default=False)
    status = models.CharField(
        "состояние", max_length=10, choices=ImportStatus, default=ImportStatus.UPLOADED
    )
    mode = models.CharField("что с верными строками", max_length=14, choices=Mode, blank=True)
    headers = models.JSONField("заголовки", default=list, blank=True)
    sample = models.JSONField("первые строки", default=list, blank=True)
    mapping = models.JSONField("колонки", default=dict, blank=True)
    notes = models.JSONField("как прочитан файл", default=list, blank=True)
    is_1904 = models.BooleanField(default=False)
    rows_total = models.PositiveIntegerField("строк", default=0)
    rows_done = models.PositiveIntegerField("строк пройдено", default=0)
    counts = models.JSONField("итог", default=dict, blank=True)
    problem = models.TextField("почему не вышло", blank=True)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, verbose_name="кто загрузил", related_name="+"
    )
    uploaded_at = models.DateTimeField("загружен файл")
    finished_at = models.DateTimeField("закончено", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"stored_as", "headers", "sample", "rows_done", "sha256"})

    class Meta:
        verbose_name = "загрузка файла"
        verbose_name_plural = "загрузки файлов"
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["resource", "sha256"],
                condition=Q(is_repeat=False)
                & ~Q(status__in=[ImportStatus.UNDONE, ImportStatus.UNREADABLE]),
                name="import_file_once",
                violation_error_message="Этот файл уже загружали.",
            ),
            models.CheckConstraint(
                condition=Q(status__in=ImportStatus.values), name="import_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.file_name

    @property
    def refused(self) -> int:
        """How many rows were refused."""
        return int(self.counts.get(Outcome.REFUSED, 0))


class ImportRow(models.Model):
    """A row of a file: its cells as they stood, and what became of it or would."""

    of = models.ForeignKey(Import, models.CASCADE, verbose_name="загрузка", related_name="rows")
    number = models.PositiveIntegerField("строка файла")
    cells = models.JSONField("ячейки")
    outcome = models.CharField("итог", max_length=10, choices=Outcome, blank=True)
    errors = models.JSONField("причины", default=dict, blank=True)
    notes = models.JSONField("как прочитано", default=list, blank=True)

    class Meta:
        verbose_name = "строка файла"
        verbose_name_plural = "строки файлов"
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(
                fields=["of", "number"], name="import_row_once", include=["outcome"]
            )
        ]
        indexes = [models.Index(fields=["of", "outcome", "number"], name="import_row_outcome")]

    def __str__(self) -> str:
        return f"Строка {self.number}"


class ImportChange(models.Model):
    """A write that an import made, enough to take it back; in the transaction of the write."""

    of = models.ForeignKey(Import, models.CASCADE, verbose_name="загрузка", related_name="changes")
    row = models.PositiveIntegerField("строка файла")
    model = models.CharField("что", max_length=60)
    key = models.BigIntegerField("номер записи")
    action = models.CharField("действие", max_length=10)
    before = models.JSONField("было", encoder=DjangoJSONEncoder)
    after = models.JSONField("стало", encoder=DjangoJSONEncoder)
    version = models.PositiveIntegerField("версия после", null=True)

    class Meta:
        verbose_name = "изменение загрузки"
        verbose_name_plural = "изменения загрузок"
        ordering = ["id"]
        indexes = [models.Index(fields=["of", "model", "key"], name="import_change_key")]

    def __str__(self) -> str:
        return f"{self.model}:{self.key}"


class Mapping(models.Model):
    """How a user's files of a resource are read: header → column, remembered for the next."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, verbose_name="чьё")
    resource = models.CharField("что загружают", max_length=40)
    columns = models.JSONField("заголовок → колонка", default=dict, blank=True)

    class Meta:
        verbose_name = "сопоставление колонок"
        verbose_name_plural = "сопоставления колонок"
        constraints = [
            models.UniqueConstraint(fields=["user", "resource"], name="mapping_once_per_user")
        ]

    def __str__(self) -> str:
        return self.resource


def refused_of(found: Import) -> Any:
    """The refused rows of an import, in the order of the file."""
    return found.rows.filter(outcome=Outcome.REFUSED)
