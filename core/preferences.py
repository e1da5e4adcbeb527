"""Settings that people change in the browser. Code declares each with its kind and default.

    # visits/preferences.py
    K1_EVERY_DAYS = register(
        Preference("visits.k1_every_days", "Контакты", "К1У не реже, дней", WHOLE, 15, 1, 365)
    )
    preferences.read()[K1_EVERY_DAYS]      # one query for all of them

A stored value that no longer fits its declaration counts as not stored.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

WHOLE, FLAG, TEXT = "whole", "flag", "text"
_LONGEST = 10_000


@dataclass(frozen=True)
class Preference:
    """One setting: what it is called, what it may be, what it is until somebody says otherwise.

    A whole number lies in [low, high]; with `empty` it may also be None («не задано»).
    """

    code: str
    group: str
    label: str
    kind: str
    default: Any
    low: int = 0
    high: int = 100
    empty: bool = False
    help: str = ""

    def in_words(self, value: Any) -> str:
        """A value as people say it."""
        if value is None or value == "":
            return "не задано"
        if isinstance(value, bool):
            return "да" if value else "нет"
        return str(value)

    def fits(self, value: Any) -> bool:
        """Whether a value may be stored for it."""
        if value is None:
            return self.empty
        if self.kind == FLAG:
            return isinstance(value, bool)
        if self.kind == TEXT:
            return isinstance(value, str) and len(value) <= _LONGEST
        return (
            isinstance(value, int)
            and not isinstance(value, bool)
            and self.low <= value <= self.high
        )


_known: dict[str, Preference] = {}


def register(preference: Preference) -> Preference:
    """Declare a setting, once per code."""
    assert preference.fits(preference.default), preference.code
    _known[preference.code] = preference
    return preference


def all_preferences() -> list[Preference]:
    """Every declared setting, in the order of declaration."""
    return list(_known.values())


def find(code: str) -> Preference | None:
    """The setting declared under a code."""
    return _known.get(code)


def label_of(code: str) -> str:
    """What a setting is called; one that is declared no longer, by its code."""
    return _known[code].label if code in _known else code


class Values(Mapping[Preference, Any]):
    """The values in force."""

    def __init__(self, stored: Mapping[str, Any]) -> None:
        self._stored = stored

    def __getitem__(self, preference: Preference) -> Any:
        value = self._stored.get(preference.code, preference.default)
        return value if preference.fits(value) else preference.default

    def __iter__(self) -> Any:
        return iter(_known.values())

    def __len__(self) -> int:
        return len(_known)


def read() -> Values:
    """The values in force now, in one query."""
    from core.models import Setting

    return Values(dict(Setting.objects.values_list("code", "value")))
