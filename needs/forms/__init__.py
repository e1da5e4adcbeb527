"""Forms of needs."""

from needs.forms.confirmations import AskByLinkForm, AskPersonForm, DecideForm, LinkForm
from needs.forms.files import FileForm
from needs.forms.needs import NeedForm
from needs.forms.steps import AdvanceForm, ReasonForm

__all__ = [
    "AdvanceForm",
    "AskByLinkForm",
    "AskPersonForm",
    "DecideForm",
    "FileForm",
    "LinkForm",
    "NeedForm",
    "ReasonForm",
]
