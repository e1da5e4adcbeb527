"""Writes of needs."""

from needs.services.confirmations import (
    LinkClosed,
    answer_link,
    ask_by_link,
    ask_person,
    decide_confirmation,
    withdraw_confirmation,
)
from needs.services.files import attach_file, remove_file
from needs.services.needs import drop_need, open_need, reopen_need, update_need
from needs.services.steps import advance_need, step_back

__all__ = [
    "LinkClosed",
    "advance_need",
    "answer_link",
    "ask_by_link",
    "ask_person",
    "attach_file",
    "decide_confirmation",
    "drop_need",
    "open_need",
    "remove_file",
    "reopen_need",
    "step_back",
    "update_need",
    "withdraw_confirmation",
]
