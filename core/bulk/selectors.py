"""Reads of imports."""

from typing import Any

from core.bulk.enums import ImportStatus
from core.bulk.models import Import
from core.models import JobRun

STEPS = ("import_check", "import_run", "import_undo")


def same_file(resource: str, sha256: str) -> Import | None:
    """The import of this very file, unless it was taken back or never read."""
    gone = [ImportStatus.UNDONE, ImportStatus.UNREADABLE]
    rows = Import.objects.filter(resource=resource, sha256=sha256).exclude(status__in=gone)
    return rows.order_by("-id").first()


def job_of(found: Import) -> JobRun | None:
    """The run of the step that was asked for last."""
    runs = JobRun.objects.filter(kind__in=STEPS, key=str(found.pk))
    return runs.order_by("-requested_at", "-id").first()


def row_for_page(rows: Any) -> Any:
    """Imports with what a row of the list shows."""
    return rows.select_related("uploaded_by").defer("headers", "sample", "notes")
