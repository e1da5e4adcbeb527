"""Reads of files: lists never load what is inside."""

from typing import Any

from needs.models import NeedFile


def without_content(queryset: Any) -> Any:
    """Files as a list shows them."""
    return queryset.select_related("added_by", "need__client").defer("content")


def files_of(need: Any) -> list[NeedFile]:
    """The files of a need, in the order in which they came."""
    return list(without_content(need.files.all()))
