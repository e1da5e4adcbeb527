"""The pool board: departments, specialists and their clients by colour, against the norm."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.db.models import Model
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView

from accounts.models import Unit
from accounts.selectors.facts import feed_states
from core import clock, export
from core.charts import stacked_columns
from core.views import PolicyMixin, TableFile
from lamps import selectors
from lamps.enums import Colour
from lamps.forms import BoardForm
from lamps.models import LampPeriod, PoolDay
from lamps.selectors.boards import BoardLine, board_lines, reason
from lamps.selectors.clients import Crossing
from lamps.tables import BoardTable

SHORT = 8
LONG = 200


@dataclass(frozen=True)
class Choice:
    """What the reader asked for: the board's day, segment and unit."""

    on: date
    segment: str
    unit: Unit | None
    is_past: bool

    def query(self, **more: Any) -> str:
        """The choice as a query; `more` adds to it or, being None, takes away."""
        asked: dict[str, Any] = {
            "on": self.on.isoformat() if self.is_past else None,
            "segment": self.segment or None,
            "unit": self.unit.pk if self.unit else None,
        } | more
        return urlencode([(k, v) for k, v in asked.items() if v is not None])


class BoardChoice(PolicyMixin):
    """Reads the choice; a day after the newest night means that night."""

    model: type[Model] = PoolDay
    action = "view"

    def read(self) -> tuple[BoardForm, Choice | None]:
        """The form and the choice; None before the first night."""
        form = BoardForm(self.request.GET or None, user=self.request.user)
        typed = form.cleaned_data if form.is_valid() else {}
        newest = selectors.newest_night()
        if "unit" in form.errors:
            get_object_or_404(Unit.objects.none())
        on = selectors.computed_on(typed.get("on") or clock.today())
        if on is None or newest is None:
            return form, None
        is_past = on < newest
        return form, Choice(on, typed.get("segment") or "", typed.get("unit"), is_past)


class BoardPage(BoardChoice, TemplateView):
    """Counts and shares by colour, movement, standard 3, trend, and what changed."""

    template_name = "lamps/board.html"

    def get(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        form, choice = self.read()
        if choice is None:
            return self.render_to_response({"form": form, "board": None})
        is_file = request.GET.get("format") in export.FORMATS
        board = selectors.board(
            request.user,
            choice.on,
            choice.segment or None,
            near=False if is_file else choice.unit or True,
        )
        if is_file:
            rows = [*board.rows(), *([board.total] if len(board.roots) > 1 else [])]
            return export.response(BoardTable(rows), "Состояние пула", request.GET["format"])
        lines = board_lines(board, choice.unit)
        if lines is None:
            get_object_or_404(Unit.objects.none())
        return self.render_to_response(self.context(form, choice, board, lines))

    def context(self, form: Any, choice: Choice, board: Any, lines: Any) -> dict[str, Any]:
        """Everything the page shows."""
        user, unit = self.request.user, lines.head.unit
        unit_id = unit.pk if unit else None
        pool = {"unit": unit, "segment": choice.segment or None}
        crossed = selectors.crossings(user, choice.on, limit=SHORT + 1, **pool)
        trend = selectors.trend(user, choice.on, **pool)
        return {
            "form": form,
            "choice": choice,
            "board": board,
            "lines": [self.line(line, choice) for line in lines.lines],
            "head": self.line(lines.head, choice, is_total=True),
            "crumbs": self.crumbs(lines.above, choice),
            "title": lines.head.row.label if lines.above else "Состояние пула",
            "norm": lines.head.row.norm,
            "chart": stacked_columns(
                [p.on for p in trend],
                *([p.pool.count(c) for p in trend] for c in Colour),
                title="Доли цветов на конец месяца",
                norms=(float(board.norm.red), float(board.norm.green)),
            )
            if trend
            else "",
            "crossed": crossed[:SHORT],
            "more_crossed": len(crossed) > SHORT,
            "changes_url": reverse("board_changes") + "?" + choice.query(unit=unit_id),
            "expiring": []
            if choice.is_past
            else selectors.expiring_soon(user, limit=SHORT, **pool),
            "expiring_url": reverse("lamps")
            + "?"
            + choice.query(unit=unit_id, expiring="any", sort="expiring"),
            "feeds": feed_states(choice.on),
            "export_url": f"?{choice.query(format='xlsx')}",
        }

    def line(self, line: BoardLine, choice: Choice, is_total: bool = False) -> dict[str, Any]:
        """A row of the board with the addresses of its numbers."""
        pool = line.pool_query()
        lamps = reverse("lamps")

        def rows(**more: Any) -> str:
            return f"{lamps}?{choice.query(**({'unit': None} | pool | more))}"

        return {
            "row": line.row,
            "is_total": is_total,
            "cells": line.cells(),
            "reason": reason(line.row),
            "url": f"{reverse('board')}?{choice.query(unit=line.unit.pk)}"
            if line.unit is not None and line.has_own_board and not is_total
            else "",
            "clients_url": rows(),
            "urls": {c.value: rows(colour=c.value) for c in Colour},
        }

    def crumbs(self, above: Any, choice: Choice) -> list[tuple[str, str]]:
        """The way up from a department; the first is all that the reader sees."""
        board = reverse("board")
        return [
            (
                row.label if n else "Состояние пула",
                f"{board}?{choice.query(unit=row.unit.pk if n else None)}",
            )
            for n, row in enumerate(above)
        ]


class BoardChanges(TableFile, BoardChoice, TemplateView):
    """Everybody who crossed a colour on a day, and which indicators did it."""

    model = LampPeriod
    template_name = "lamps/board_changes.html"
    file_title = "Сменили цвет"

    def crossed(self, choice: Choice | None, limit: int | None) -> list[Crossing]:
        """Who changed colour on the chosen day."""
        if choice is None:
            return []
        pool: dict[str, Any] = {"unit": choice.unit, "segment": choice.segment or None}
        return selectors.crossings(self.request.user, choice.on, limit=limit, **pool)

    def file_rows(self) -> Iterator[list[Any]]:
        yield ["Клиент", "Был", "Стал", "Отчего", "Сотрудник", "Отдел"]
        for one in self.crossed(self.read()[1], None):
            yield [
                one.client.name, one.before.get_colour_display(), one.after.get_colour_display(),
                one.words, str(one.after.specialist or ""), str(one.after.unit or ""),
            ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form, choice = self.read()
        crossed = self.crossed(choice, LONG + 1)
        return super().get_context_data(**kwargs) | {
            "form": form,
            "choice": choice,
            "crossed": crossed[:LONG],
            "is_cut": len(crossed) > LONG,
            "title": "Сменили цвет",
            "board_url": f"{reverse('board')}?{choice.query()}" if choice else "",
        }
