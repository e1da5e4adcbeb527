"""The words and days of a news hook. Values only."""

from datetime import date, timedelta

from visits.dates import EARLIEST, FARTHEST_DAYS

Problems = dict[str, str]
LONGEST_DAYS = 731


def phrases(keywords: str) -> list[str]:
    """The keywords one by one, each a word or a phrase, none twice."""
    found = (" ".join(part.split()) for part in keywords.split(","))
    return list(dict.fromkeys(part for part in found if part))


def period_problems(published_on: date | None, valid_until: date | None, today: date) -> Problems:
    """What is wrong with the days of a hook."""
    if published_on is None:
        return {"published_on": "Укажите, с какого дня действует повод."}
    if published_on < EARLIEST:
        return {"published_on": "Дата раньше 2000 года."}
    if published_on > today + timedelta(days=FARTHEST_DAYS):
        return {"published_on": "Не дальше, чем на год вперёд."}
    if valid_until is None:
        return {}
    if valid_until < published_on:
        return {"valid_until": "Конец раньше начала."}
    if valid_until > published_on + timedelta(days=LONGEST_DAYS):
        return {"valid_until": "Повод действует не дольше двух лет: проверьте год."}
    return {}
