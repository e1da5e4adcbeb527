"""The board: needs in work by stage, the first of each column, and how many there are."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Count, F

from needs.enums import ConfirmationStatus, NeedStatus
from needs.models import Confirmation, Need, NeedStage
from needs.pipeline import Stage, missing_for, next_stage
from needs.selectors.needs import with_names
from needs.selectors.stages import as_stage, labels_of, values_of

ROOM = 15


@dataclass(frozen=True)
class BoardCard:
    """A need on the board; `coming` is the stage it may go into next."""

    need: Need
    days: int
    coming: Stage | None
    missing: tuple[str, ...]
    is_asked: bool = False  # its confirmation was asked and has not come


@dataclass
class BoardColumn:
    """A stage; none: opened, not identified yet."""

    stage: NeedStage | None
    count: int
    cards: list[BoardCard] = field(default_factory=list)

    @property
    def label(self) -> str:
        """Its heading."""
        return str(self.stage) if self.stage else "Открыта"

    @property
    def code(self) -> str:
        """Its stage's code; empty before the first."""
        return self.stage.code if self.stage else ""

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def board(needs: Any, today: date, room: int = ROOM) -> list[BoardColumn]:
    """The columns: stages in use, and those switched off where needs still stand.

    Those that stand longest come first; of the confirmed ones, the newest.
    """
    needs = needs.filter(status=NeedStatus.OPEN)
    counts = dict(needs.order_by().values_list("stage").annotate(Count("pk")))
    dictionary = list(NeedStage.objects.order_by("code"))
    table = [as_stage(row) for row in dictionary if row.is_on]
    shown = [row for row in dictionary if row.is_on or counts.get(row.pk)]
    columns = [BoardColumn(None, counts.get(None, 0))]
    columns += [BoardColumn(row, counts.get(row.pk, 0)) for row in shown]
    found: list[list[Need]] = []
    for column in columns:
        is_last = next_stage(table, column.code or None) is None
        order = F("stage_on").desc() if is_last else F("stage_on").asc()
        rows = with_names(needs.filter(stage=column.stage)).order_by(order, "opened_on", "pk")
        found.append(list(rows[:room]) if column.count else [])
    asked = set(
        Confirmation.objects.filter(
            need__in=[need.pk for rows in found for need in rows],
            status=ConfirmationStatus.WAITING,
        ).values_list("need", flat=True)
    )
    for column, rows in zip(columns, found, strict=True):
        coming = next_stage(table, column.code or None)
        column.cards = [_card(need, coming, today, need.pk in asked) for need in rows]
    return columns


def _card(need: Need, coming: Stage | None, today: date, is_asked: bool) -> BoardCard:
    missing = labels_of(missing_for(coming, values_of(need))) if coming else []
    since = need.stage_on or need.opened_on
    return BoardCard(need, (today - since).days, coming, tuple(missing), is_asked)
