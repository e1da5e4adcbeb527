"""The files of imports: kept under names of our own, whole or not at all."""

import hashlib
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

from django.conf import settings


def folder() -> Path:
    """Where the files lie."""
    return Path(settings.MEDIA_ROOT) / "imports"


def keep(file: Any, kind: str) -> tuple[str, str]:
    """Write a file that was sent; its name here and its SHA-256. Nothing stays of a failed one."""
    folder().mkdir(parents=True, exist_ok=True)
    name = f"{uuid4().hex}.{kind}"
    part = folder() / f"{name}.part"
    digest = hashlib.sha256()
    try:
        with part.open("wb") as out:
            for piece in file.chunks():
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        part.rename(folder() / name)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return name, digest.hexdigest()


def path_of(name: str) -> Path:
    """The path of a kept file."""
    return folder() / name


def drop(name: str) -> None:
    """Remove a kept file; one that is gone is gone."""
    if name:
        path_of(name).unlink(missing_ok=True)
