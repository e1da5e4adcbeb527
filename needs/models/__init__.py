"""Needs of clients: dictionaries, cards and steps, confirmations, files, agendas of contacts."""

from needs.models.agenda import VisitAgenda
from needs.models.confirmation import Confirmation
from needs.models.dictionaries import NeedStage, ProductAdvantage, Tool
from needs.models.file import NeedFile
from needs.models.need import Need, NeedStep

__all__ = [
    "Confirmation",
    "Need",
    "NeedFile",
    "NeedStage",
    "NeedStep",
    "ProductAdvantage",
    "Tool",
    "VisitAgenda",
]
