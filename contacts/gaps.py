"""What is missing in a decision scheme, said aloud. Functions of values only."""

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from contacts.enums import GapCode, ParticipantRole
from core.russian import counted

KEY_USERS = frozenset({ParticipantRole.MAIN_KEY_USER, ParticipantRole.KEY_USER})
# The departments of which a key user must be known (domain: norm of the scheme).
NORM_DEPARTMENTS = ("accounting", "legal")


@dataclass(frozen=True)
class Place:
    """A participant as the rules see it; `known_on` is the day it was last verified or entered."""

    name: str
    roles: frozenset[str]
    department: str
    known_on: date


@dataclass(frozen=True)
class Gap:
    """One gap; `names` are the participants it is about, or the departments that lack one.

    `months` is the limit that a participant not verified went past.
    """

    code: GapCode
    names: tuple[str, ...] = ()
    months: int | None = None

    @property
    def text(self) -> str:
        """The gap as a sentence."""
        said = str(self.code.label)
        if self.months is not None:
            said = f"Не проверяли больше {counted(self.months, 'месяца,месяцев,месяцев')}"
        return f"{said}: {', '.join(self.names)}" if self.names else said


def months_before(on: date, months: int) -> date:
    """The same day `months` earlier; the last day of a month that is too short for it."""
    year, month = divmod(on.year * 12 + on.month - 1 - months, 12)
    return date(year, month + 1, min(on.day, calendar.monthrange(year, month + 1)[1]))


def gaps(
    places: Iterable[Place],
    on: date,
    *,
    each_of: bool = False,
    months: int = 6,
    departments: Mapping[str, str] | None = None,
) -> list[Gap]:
    """The gaps of a scheme on a day, the gravest first.

    With `each_of` a key user is asked of every department of the norm, otherwise of any one.
    A participant is to be verified every `months`; `departments` gives names to their codes.
    """
    known = list(places)
    if not known:
        return [Gap(GapCode.EMPTY)]
    found = []
    if not any(ParticipantRole.DECISION_MAKER in place.roles for place in known):
        found.append(Gap(GapCode.NO_DECISION_MAKER))
    covered = {place.department for place in known if place.roles & KEY_USERS}
    lacking = tuple(code for code in NORM_DEPARTMENTS if code not in covered)
    if each_of and lacking:
        named = tuple((departments or {}).get(code, code) for code in lacking)
        found.append(Gap(GapCode.DEPARTMENT_WITHOUT_KEY_USER, named))
    elif len(lacking) == len(NORM_DEPARTMENTS):
        found.append(Gap(GapCode.NO_KEY_USER))
    if len(known) == 1:
        found.append(Gap(GapCode.ONE_CONTACT))
    limit = months_before(on, months)
    stale = tuple(place.name for place in known if place.known_on < limit)
    if stale:
        found.append(Gap(GapCode.NOT_VERIFIED, stale, months))
    return found
