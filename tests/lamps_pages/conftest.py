"""A centre of two departments whose lamps the night itself has computed."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client as Browser

from accounts.enums import PositionKind, Role, Segment
from accounts.models import Client, Employee, Unit, User
from lamps import services
from tests import factories
from tests.lamps import builders

As = Callable[[str], Browser]


@dataclass
class Centre:
    """НОИО 1: Анна has the talk's three and Борис two green; НОИО 2: Вера has two green."""

    today: date
    division: Unit
    noio1: Unit
    noio2: Unit
    users: dict[str, User] = field(default_factory=dict)
    staff: dict[str, Employee] = field(default_factory=dict)
    clients: dict[str, Client] = field(default_factory=dict)


def add_clients(
    centre: Centre, who: str, unit: Unit, values: tuple[int, ...], number: int, **given: Any
) -> list[Client]:
    """Clients of a specialist with the same raw values; the night has yet to run."""
    rows = builders.clients(number, **given)
    builders.assign(rows, centre.staff[who], unit)
    facts = {c: builders.talk_facts(*values, on=centre.today - timedelta(days=2)) for c in rows}
    builders.write_facts(facts, centre.staff[who])
    return rows


@pytest.fixture
def centre(db: None, today: date) -> Centre:
    """The night has run for the last seventeen days."""
    division = factories.unit("Управление")
    made = Centre(
        today, division, factories.unit("НОИО 1", division), factories.unit("НОИО 2", division)
    )
    people = [
        ("anna", Role.SPECIALIST, made.noio1, PositionKind.SPECIALIST),
        ("boris", Role.SPECIALIST, made.noio1, PositionKind.SPECIALIST),
        ("vera", Role.SPECIALIST, made.noio2, PositionKind.SPECIALIST),
        ("galina", Role.HEAD, made.noio1, PositionKind.HEAD),
        ("elena", Role.MANAGER, division, PositionKind.MANAGER),
    ]
    for name, role, unit, kind in people:
        made.users[name] = factories.user(name, role)
        made.staff[name] = factories.employee(
            unit, kind, user=made.users[name], last_name=name.capitalize()
        )
    made.users["zhanna"] = factories.user("zhanna", Role.ADMIN)
    builders.write_feeds(dict.fromkeys(builders.FRESH, today))
    for name in builders.TALK:
        row = builders.clients(
            1, name=name, sort_key=name.lower(), search_key=f"{name.lower()} 7701000001"
        )[0]
        builders.assign([row], made.staff["anna"], made.noio1)
        builders.write_facts(
            {row: builders.talk_client(name, today - timedelta(days=2))}, made.staff["anna"]
        )
        made.clients[name] = row
    green = builders.ROMASHKA
    add_clients(made, "boris", made.noio1, green, 2)
    add_clients(made, "vera", made.noio2, green, 2, segment=Segment.NETWORK)
    services.compute_night(today - timedelta(days=16))
    services.compute_night(today)
    return made


@pytest.fixture
def page_as(centre: Centre) -> As:
    """`page_as("anna").get(...)`: pages as a person of the centre sees them."""

    def browser(name: str) -> Browser:
        found = Browser()
        found.force_login(centre.users[name], "django.contrib.auth.backends.ModelBackend")
        return found

    return browser


def text(response: Any) -> str:
    """The page as text, with ordinary spaces."""
    assert response.status_code == 200, response.status_code
    return response.content.decode().replace("\u00a0", " ").replace("\u2212", "-")
