"""Which due dates an agreement may have, and how urgent a task may be. Values only."""

from datetime import date, timedelta
from enum import StrEnum

FARTHEST_DAYS = 731
SOON_DAYS = 7


class Urgency(StrEnum):
    """Where an open task stands on a day: past its due date, due that day, in the week after."""

    OVERDUE = "overdue"
    TODAY = "today"
    SOON = "soon"


def due_problem(due_on: date, agreed_on: date, today: date) -> str:
    """What is wrong with a due date; empty where nothing is."""
    if due_on < agreed_on:
        return f"Срок раньше дня, когда договорились ({agreed_on:%d.%m.%Y})."
    if due_on > today + timedelta(days=FARTHEST_DAYS):
        return "Срок не дальше двух лет: проверьте год."
    return ""
