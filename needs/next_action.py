"""What somebody may do next with a need: one rule for the board, my day and the start page."""

from collections.abc import Collection
from dataclasses import dataclass

from needs.pipeline import Stage


@dataclass(frozen=True)
class NextAction:
    """A button: its words and the name of the page, which takes the id of the need."""

    label: str
    url_name: str


def next_action(
    author: int, coming: Stage | None, own: Collection[int], *, is_asked: bool
) -> NextAction | None:
    """The next action of whoever is one of the employees `own`; None where nothing is left.

    `is_asked`: its confirmation was asked and has not come. An author does not confirm alone.
    """
    if coming is None:
        return None
    if is_asked:
        return NextAction("Ждёт ответа", "need")
    if coming.needs_second_person and author in own:
        return NextAction("Запросить подтверждение", "need_ask_link")
    return NextAction("Записать шаг", "need_advance")
