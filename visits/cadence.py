"""In what order a day's work is taken, and when the next contact with a client is due.

Values only: no table, no clock.
"""

from datetime import date, timedelta
from enum import IntEnum


class Priority(IntEnum):
    """The order of my day: promises first, then what is arranged, then what the pool asks for.

    The numbers leave room for what an app above puts between.
    """

    OVERDUE_TASKS = 10
    OVERDUE_CONTACTS = 20
    TODAY_CONTACTS = 30
    TODAY_TASKS = 40
    RED_LAMPS = 50
    YELLOW_LAMPS = 60
    EXPIRING = 70
    K1_DUE = 80
    K2_DUE = 85
    KEY_USERS = 90
    ALMOST_CONFIRMED = 100
    STANDING_STILL = 110


def since_when(last: date | None, connected_on: date) -> date:
    """From which day a client waits: the last contact, or where none was since, the connection."""
    return max(last, connected_on) if last else connected_on


def latest_wait(on: date, every_days: int) -> date:
    """Whoever waits since before this day has waited for longer than `every_days`."""
    return on - timedelta(days=every_days)


def is_late(last: date | None, connected_on: date, every_days: int, on: date) -> bool:
    """Whether more than `every_days` passed without a contact."""
    return since_when(last, connected_on) < latest_wait(on, every_days)
