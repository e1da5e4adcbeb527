"""Cooperation reports: the report, its printed file, texts and look, links, batches."""

from reports.models.batch import ReportBatch
from reports.models.letter import LetterBatch, LetterFile, PriceLetter
from reports.models.letterhead import Letterhead, TextBlock
from reports.models.link import ReportLink
from reports.models.report import CooperationReport, ReportFile

__all__ = [
    "CooperationReport",
    "LetterBatch",
    "LetterFile",
    "Letterhead",
    "PriceLetter",
    "ReportBatch",
    "ReportFile",
    "ReportLink",
    "TextBlock",
]
