"""Forms of cooperation reports."""

from reports.forms.look import BlockForm, LetterheadForm
from reports.forms.reports import (
    BatchForm,
    LinkForm,
    PresentForm,
    RequestForm,
    ReturnForm,
    SectionsForm,
)

__all__ = [
    "BatchForm",
    "BlockForm",
    "LetterheadForm",
    "LinkForm",
    "PresentForm",
    "RequestForm",
    "ReturnForm",
    "SectionsForm",
]
