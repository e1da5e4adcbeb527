"""REST of lamps."""

from typing import Any

routes: list[tuple[str, Any]] = []
