"""Writes of cooperation reports."""

from reports.services.batches import (
    PACK,
    cancel_batch,
    pack,
    pack_path,
    request_batch,
    request_pack,
    retry_batch,
)
from reports.services.building import build, pdf_of, print_final, sheet_of
from reports.services.letterhead import save_block, save_letterhead
from reports.services.links import LinkClosed, mail_link, make_link, revoke_link, use_link
from reports.services.reports import (
    BUILD,
    PRINT,
    approve,
    build_again,
    give_back,
    present,
    request_edition,
    request_report,
    save_sections,
    submit,
)

__all__ = [
    "BUILD",
    "PACK",
    "PRINT",
    "LinkClosed",
    "approve",
    "build",
    "build_again",
    "cancel_batch",
    "give_back",
    "mail_link",
    "make_link",
    "pack",
    "pack_path",
    "pdf_of",
    "present",
    "print_final",
    "request_batch",
    "request_edition",
    "request_pack",
    "request_report",
    "retry_batch",
    "revoke_link",
    "save_block",
    "save_letterhead",
    "save_sections",
    "sheet_of",
    "submit",
    "use_link",
]
