"""Files of a need: attach, remove."""

import hashlib
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core import preferences
from core.policy import policy_for
from core.services import create, delete
from needs.attachments import Unfit, clean_name, kind_of
from needs.models import Need, NeedFile
from needs.preferences import FILE_MEGABYTES, FILES_PER_NEED
from needs.services.rows import present_row
from visits.selectors import own_employee


@transaction.atomic
def attach_file(*, actor: Any, need: Need, name: str, content: bytes, now: datetime) -> NeedFile:
    """Attach a file of a kind that is taken. Raises ValidationError at `file`."""
    policy_for(NeedFile).check(actor, "add")
    row = present_row(actor, need, "change", {}, None)  # its lock makes the count true
    values = preferences.read()
    megabytes, most = values[FILE_MEGABYTES], values[FILES_PER_NEED]
    if len(content) > megabytes * 1024 * 1024:
        raise ValidationError({"file": f"Файл больше {megabytes} МБ."})
    if row.files.count() >= most:
        raise ValidationError({"file": f"Файлов уже {most}: больше приложить нельзя."})
    try:
        name = clean_name(name)
        kind = kind_of(name, content)
    except Unfit as error:
        raise ValidationError({"file": str(error)}) from error
    sha256 = hashlib.sha256(content).hexdigest()
    if row.files.filter(sha256=sha256).exists():
        raise ValidationError({"file": "Этот файл уже приложен."})
    file = NeedFile(
        need=row,
        name=name,
        kind=kind,
        size=len(content),
        sha256=sha256,
        content=content,
        added_by=own_employee(actor),
        added_at=now,
    )
    return create(file, actor=actor)


@transaction.atomic
def remove_file(*, actor: Any, file: NeedFile) -> None:
    """Remove a file; that it was there stays in the history."""
    policy_for(NeedFile).check(actor, "delete", file)
    delete(file, actor=actor)
