"""What a plan of work takes to a contact. Apps above say what may be taken and keep it.

    # needs/apps.py, in AppConfig.ready()
    register(Part("needs", "Потребности, которых коснуться", offered, chosen, save, order=10))

A part keeps its own rows; the form of a plan, the API and the card of a contact ask here.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Choice:
    """Something that may be taken to a contact: its id, how it is called, where its card is."""

    pk: int
    label: str
    url: str = ""


@dataclass(frozen=True)
class Part:
    """A part of the agenda.

    `offered(client, user)` gives what may be chosen now; `chosen(visit ids)` what was, by visit,
    in one query; `save(visit, ids, actor)` keeps it, with its audit row.
    """

    code: str
    label: str
    offered: Callable[[Any, Any], list[Choice]]
    chosen: Callable[[Collection[int]], Mapping[int, list[Choice]]]
    save: Callable[[Any, Sequence[int], Any], None]
    order: int = 100


Asked = Mapping[str, Sequence[int]]
_parts: dict[str, Part] = {}


def register(part: Part) -> None:
    """Add a part, once per code."""
    _parts[part.code] = part


def parts() -> list[Part]:
    """The parts in their order."""
    return sorted(_parts.values(), key=lambda part: part.order)


@dataclass(frozen=True)
class Taken:
    """What was chosen of a part for one contact."""

    part: Part
    choices: list[Choice]


def taken_to(visit_id: int) -> list[Taken]:
    """What a contact's plan takes along, part by part; a query for each part."""
    return [Taken(part, part.chosen([visit_id]).get(visit_id, [])) for part in parts()]


def ids_by_visit(visit_ids: Collection[int]) -> dict[int, dict[str, list[int]]]:
    """Visit → code → ids; a query for each part, however many visits."""
    found: dict[int, dict[str, list[int]]] = {pk: {} for pk in visit_ids}
    for part in parts():
        chosen = part.chosen(visit_ids)
        for pk in visit_ids:
            found[pk][part.code] = [choice.pk for choice in chosen.get(pk, [])]
    return found


def problems(
    asked: Asked, client: Any, user: Any, stored: Mapping[str, Sequence[int]]
) -> dict[str, str]:
    """What of an agenda may not be taken to a contact with a client, by «agenda.code».

    What was taken before may stay, though it is offered no more.
    """
    known = {part.code: part for part in parts()}
    found = {}
    for code, ids in asked.items():
        if code not in known:
            found[f"agenda.{code}"] = "Такой части в плане нет."
            continue
        new = set(ids) - set(stored.get(code, ()))
        if new and not new <= {choice.pk for choice in known[code].offered(client, user)}:
            found[f"agenda.{code}"] = "Выберите из того, что предложено этому клиенту."
    return found


def save(asked: Asked, visit: Any, actor: Any) -> None:
    """Keep what was asked for; parts that were not named stay as they are."""
    for part in parts():
        if part.code in asked:
            part.save(visit, sorted(set(asked[part.code])), actor)


def differs(asked: Asked, stored: Mapping[str, Sequence[int]]) -> bool:
    """Whether what is asked for is not what is kept."""
    return any(set(ids) != set(stored.get(code, ())) for code, ids in asked.items())
