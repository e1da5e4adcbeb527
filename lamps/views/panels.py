"""Panels of the start page: one's own lamps, what ends soon, pools against the norm, changes."""

from typing import Any

from django.urls import reverse

from core import clock
from core.views import Fragment
from lamps import selectors
from lamps.enums import Colour
from lamps.models import Lamp, LampPeriod, PoolDay
from lamps.selectors.boards import BoardLine, board_lines, reason
from lamps.selectors.panels import worst_lamps

SHORT = 10


class MyLamps(Fragment):
    """Counts by colour and the red and yellow ones with what pulls each down."""

    model = Lamp
    template_name = "lamps/panels/my_lamps.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        board = selectors.board(user, clock.today(), near=True)
        return super().get_context_data(
            **kwargs,
            title="Мои лампочки",
            board=board,
            pool=board.total.now,
            norm=board.norm,
            urls={c.value: f"{reverse('lamps')}?colour={c.value}" for c in Colour},
            worst=worst_lamps(user, SHORT),
            short=SHORT,
        )


class ExpiringSoon(Fragment):
    """What ends soon, the nearest first."""

    model = Lamp
    template_name = "lamps/panels/expiring.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = selectors.expiring_soon(self.request.user, limit=SHORT + 1)
        return super().get_context_data(
            **kwargs, title="Скоро закончится", expiring=found[:SHORT], more=len(found) > SHORT
        )


class PoolsPanel(Fragment):
    """Each department, or each specialist of the only one, against the norm."""

    model = PoolDay
    template_name = "lamps/panels/pools.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        board = selectors.board(self.request.user, clock.today(), near=True)
        level = board_lines(board, None)
        lines = [level.head, *level.lines] if level else []
        return super().get_context_data(
            **kwargs,
            title="Пул: норма",
            board=board,
            norm=board.norm,
            lines=[_mini(line, line is level.head) for line in lines] if level else [],
        )


def _mini(line: BoardLine, is_total: bool) -> dict[str, Any]:
    """A line of the mini-board with its addresses."""
    query = "&".join(f"{k}={v}" for k, v in line.pool_query().items())
    rows = f"{reverse('lamps')}?{query}"
    board = reverse("board")
    return {
        "row": line.row,
        "reason": reason(line.row),
        "is_total": is_total,
        "url": f"{board}?unit={line.row.unit.pk}" if line.has_own_board and line.row.unit else rows,
        "urls": {c.value: f"{rows}&colour={c.value}" for c in Colour},
    }


class ChangesPanel(Fragment):
    """Who crossed a colour since yesterday, and why."""

    model = LampPeriod
    template_name = "lamps/panels/changes.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crossed = selectors.crossings(self.request.user, clock.today(), limit=SHORT + 1)
        return super().get_context_data(
            **kwargs, title="Сменили цвет", crossed=crossed[:SHORT], more=len(crossed) > SHORT
        )
