"""Reads of needs."""

from needs.selectors.board import board
from needs.selectors.confirmations import confirmations_of, confirming_stage
from needs.selectors.files import files_of
from needs.selectors.needs import (
    almost_confirmed,
    history_of,
    needs_of,
    with_names,
    with_steps,
)
from needs.selectors.stages import Stop, as_stage, labels_of, line_of, stages, values_of

__all__ = [
    "Stop",
    "almost_confirmed",
    "as_stage",
    "board",
    "confirmations_of",
    "confirming_stage",
    "files_of",
    "history_of",
    "labels_of",
    "line_of",
    "needs_of",
    "stages",
    "values_of",
    "with_names",
    "with_steps",
]
