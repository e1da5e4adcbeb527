"""Pages of needs."""

from needs.views.board import NeedBoard
from needs.views.confirmations import (
    AskByLink,
    AskPerson,
    Confirmations,
    DecideConfirmation,
    WaitingConfirmations,
    WithdrawConfirmation,
)
from needs.views.files import AddFile, FileContent, RemoveFile
from needs.views.link import ConfirmLink
from needs.views.needs import (
    AddNeed,
    AlmostConfirmed,
    ClientNeeds,
    EditNeed,
    NeedCard,
    Needs,
    NewNeed,
)
from needs.views.stages import Stages
from needs.views.steps import AdvanceNeed, DropNeed, ReopenNeed, StepBack

__all__ = [
    "AddFile",
    "AddNeed",
    "AdvanceNeed",
    "AlmostConfirmed",
    "AskByLink",
    "AskPerson",
    "ClientNeeds",
    "ConfirmLink",
    "Confirmations",
    "DecideConfirmation",
    "DropNeed",
    "EditNeed",
    "FileContent",
    "NeedBoard",
    "NeedCard",
    "Needs",
    "NewNeed",
    "RemoveFile",
    "ReopenNeed",
    "Stages",
    "StepBack",
    "WaitingConfirmations",
    "WithdrawConfirmation",
]
