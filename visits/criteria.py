"""Which criteria a К2У meets, and why. Values only: no table, no clock.

A criterion says what must stand behind its mark. What the program can see for itself (a goal
written before the start, a participant, an agreement, no earlier К2У) it marks itself, by
nobody's hand; the rest takes words.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

GOAL, PARTICIPANT, AGREEMENT, FIRST, TEXT = "goal", "participant", "agreement", "first", "text"
RULED = frozenset({GOAL, PARTICIPANT, AGREEMENT, FIRST})

RULES = {
    GOAL: "Отмечается сама, если цель записана до начала контакта и с тех пор не менялась.",
    PARTICIPANT: "Отмечается сам, если указан хотя бы один участник СПР.",
    AGREEMENT: "Отмечается сам, если записана хотя бы одна договорённость.",
    FIRST: "Отмечается сам, если раньше К2У с этим клиентом не было.",
}


@dataclass(frozen=True)
class Contact:
    """What the rules ask of a contact that took place."""

    started_at: datetime | None
    goal: str = ""
    prepared_at: datetime | None = None
    participants: int = 0
    agreements: int = 0
    earlier: int = 0  # К2У with the client that took place before this one


@dataclass(frozen=True)
class Verdict:
    """Whether a criterion is met, with the reason in words."""

    met: bool
    why: str


def judge(evidence: str, contact: Contact, words: str = "") -> Verdict:
    """Whether a contact meets a criterion that asks for this kind of evidence."""
    if evidence == GOAL:
        return _goal(contact)
    if evidence == PARTICIPANT:
        met = contact.participants > 0
        return Verdict(met, "Участник СПР указан." if met else "Ни один участник СПР не указан.")
    if evidence == AGREEMENT:
        met = contact.agreements > 0
        return Verdict(met, "Договорённость записана." if met else "Договорённостей не записано.")
    if evidence == FIRST:
        met = contact.earlier == 0
        return Verdict(met, "Раньше К2У не было." if met else "К2У с клиентом уже были.")
    return Verdict(bool(words), words or "Подтверждения словами нет.")


def _goal(contact: Contact) -> Verdict:
    """The moment moves with every change of the goal: a goal rewritten later is not the same."""
    if not contact.goal or contact.prepared_at is None:
        return Verdict(False, "Цели нет.")
    if contact.started_at is None or contact.prepared_at < contact.started_at:
        return Verdict(True, "Цель записана до начала контакта.")
    return Verdict(False, "Цель записана или изменена после начала контакта.")


def quality(met: Iterable[bool]) -> tuple[int, int]:
    """How many of the scored criteria are met, of how many."""
    scored = list(met)
    return sum(scored), len(scored)
