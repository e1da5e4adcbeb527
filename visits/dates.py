"""Which days, hours and scores a contact may have. Values only."""

from datetime import date, datetime, timedelta

EARLIEST = date(2000, 1, 1)
FARTHEST_DAYS = 366
LONGEST = timedelta(days=1)

Problems = dict[str, str]


def day_of(typed: str) -> date | None:
    """The day that an address names, 2026-09-16; None where it names none."""
    try:
        return date.fromisoformat(typed)
    except ValueError:
        return None


def planned_problems(planned_for: date | None, before: date | None, today: date) -> Problems:
    """What is wrong with the day of a plan; a day that was planned `before` may stay past."""
    if planned_for is None:
        return {"planned_for": "Укажите, на какой день запланирован контакт."}
    if planned_for == before:
        return {}
    if planned_for < today:
        return {"planned_for": "Этот день уже прошёл. Запишите состоявшийся контакт."}
    if planned_for > today + timedelta(days=FARTHEST_DAYS):
        return {"planned_for": "Планируют не дальше, чем на год вперёд."}
    return {}


def held_problems(
    started_on: date | None, started_at: datetime | None, ended_at: datetime | None, now: datetime
) -> Problems:
    """What is wrong with the hours of a contact that took place; `started_on` is its day."""
    if started_at is None or started_on is None:
        return {"started_at": "Укажите, когда начался контакт."}
    if started_at > now:
        return {"started_at": "Контакт ещё не начался: запланируйте его."}
    if started_on < EARLIEST:
        return {"started_at": "Дата раньше 2000 года."}
    if ended_at is None:
        return {}
    if ended_at < started_at:
        return {"ended_at": "Конец раньше начала."}
    if ended_at > now:
        return {"ended_at": "Контакт ещё не закончился."}
    if ended_at - started_at > LONGEST:
        return {"ended_at": "Контакт длиннее суток: проверьте даты."}
    return {}


def score_problems(score: int, scale: int) -> Problems:
    """What is wrong with a client's score on a scale from 1."""
    if not 1 <= score <= scale:
        return {"satisfaction": f"Оценка — целое число от 1 до {scale}."}
    return {}
