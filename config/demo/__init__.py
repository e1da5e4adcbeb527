"""An invented service centre, the same for the same size and date.

Nothing here is imported by the rest: `fill` below and the command `demo` are the two ways in.
"""

from collections.abc import Callable
from datetime import date
from typing import Any

CLIENTS = 758


def fill(
    *,
    clients: int = CLIENTS,
    on: date | None = None,
    history: bool = False,
    progress: Callable[[str], None] | None = None,
) -> dict[str, Any]:
    """Fill an empty database as of `on` (today unless given); with `history`, lamps of a year.

    Raises DemoRefused where clients are there already. Returns the number of rows by table.
    """
    # Late, because an app's package is imported before there are any models.
    from config.demo.build import build

    return build(clients=clients, on=on, history=history, progress=progress)
