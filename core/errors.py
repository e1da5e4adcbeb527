"""What a service may refuse with; pages and the API turn these into answers."""

from typing import Any


class Refused(Exception):
    """The user may see the object but not do this to it: 403."""


class Conflict(Exception):
    """Somebody changed the row since it was read: 409 in pages, 412 in the API.

    `current` is the row as it stands now, `typed` the values that were not saved.
    """

    def __init__(self, current: Any, typed: dict[str, Any]) -> None:
        super().__init__("Запись уже изменена другим пользователем.")
        self.current = current
        self.typed = typed
