"""Pages of cooperation reports."""

from reports.views.batches import (
    BatchCard,
    Batches,
    BatchProgress,
    BatchZip,
    CancelBatch,
    NewBatch,
    PackBatch,
    RetryBatch,
)
from reports.views.download import Download
from reports.views.links import MakeLink, RevokeLink
from reports.views.look import Blocks, Colour, EditBlock, EditLetterhead, Logo
from reports.views.reports import (
    ClientReports,
    Preview,
    ReportCard,
    ReportPdf,
    ReportProgress,
    Reports,
    RequestReport,
    WaitingReports,
)
from reports.views.steps import (
    Approve,
    BuildAgain,
    EditSections,
    GiveBack,
    NewEdition,
    Present,
    Submit,
)

__all__ = [
    "Approve",
    "BatchCard",
    "BatchProgress",
    "BatchZip",
    "Batches",
    "Blocks",
    "BuildAgain",
    "CancelBatch",
    "ClientReports",
    "Colour",
    "Download",
    "EditBlock",
    "EditLetterhead",
    "EditSections",
    "GiveBack",
    "Logo",
    "MakeLink",
    "NewBatch",
    "NewEdition",
    "PackBatch",
    "Present",
    "Preview",
    "ReportCard",
    "ReportPdf",
    "ReportProgress",
    "Reports",
    "RequestReport",
    "RetryBatch",
    "RevokeLink",
    "Submit",
    "WaitingReports",
]
