"""A centre of two departments with needs of every kind opened in August."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.test import Client as Browser

from accounts.enums import PositionKind, Role, Segment
from accounts.models import Client, Employee, Unit, User
from needs.models import Need
from tests import factories
from tests.figures.builders import assign, clients
from tests.need_figures import builders
from visits.figures import Period

AUGUST = Period(date(2026, 8, 1), date(2026, 8, 31))


@dataclass
class Centre:
    """НОИО 1: Anna and Boris under Galina; НОИО 2: Vera under Dmitry; Elena over all."""

    division: Unit
    noio1: Unit
    noio2: Unit
    users: dict[str, User] = field(default_factory=dict)
    staff: dict[str, Employee] = field(default_factory=dict)
    pools: dict[str, list[Client]] = field(default_factory=dict)
    needs: dict[str, list[Need]] = field(default_factory=dict)

    def browser(self, name: str) -> Browser:
        """Pages as one of them sees them."""
        found = Browser()
        found.force_login(self.users[name], "django.contrib.auth.backends.ModelBackend")
        return found

    def unit_of(self, name: str) -> Unit:
        return self.noio2 if name in ("vera", "dmitry") else self.noio1


@pytest.fixture
def centre(db: None, today: date) -> Centre:
    division = factories.unit("Управление")
    made = Centre(division, factories.unit("НОИО 1", division), factories.unit("НОИО 2", division))
    specialist, head = PositionKind.SPECIALIST, PositionKind.HEAD
    for name, role, unit, kind in [
        ("anna", Role.SPECIALIST, made.noio1, specialist),
        ("boris", Role.SPECIALIST, made.noio1, specialist),
        ("vera", Role.SPECIALIST, made.noio2, specialist),
        ("galina", Role.HEAD, made.noio1, head),
        ("dmitry", Role.HEAD, made.noio2, head),
        ("elena", Role.MANAGER, division, PositionKind.MANAGER),
    ]:
        made.users[name] = factories.user(name, role)
        made.staff[name] = factories.employee(
            unit, kind, since=date(2025, 1, 1), user=made.users[name], last_name=name.capitalize()
        )
    shared = clients(1)
    for name, number in (("anna", 4), ("boris", 3), ("vera", 2)):
        pool = made.pools[name] = clients(number)
        assign(pool, made.staff[name], made.unit_of(name), date(2025, 1, 1))
        Client.objects.filter(pk=pool[0].pk).update(segment=Segment.NETWORK)
        rows = []
        # Two needs of every client, as far as five stages go; one client is of everybody.
        for n, client in enumerate([*pool, *pool, *shared]):
            on = AUGUST.since + timedelta(days=n * 3)
            reached = (n + number) % 5
            given = {}
            if reached >= 3:
                given = {
                    "effect_hours": Decimal(n + 1) if n % 2 else None,
                    "effect_roubles": Decimal(1000 * n) if n % 3 else None,
                }
            rows.append(
                builders.write(client, made.staff[name], made.unit_of(name), on, reached, **given)
            )
        builders.dropped(rows[1])
        # Another month's need is nobody's here.
        rows.append(
            builders.write(pool[0], made.staff[name], made.unit_of(name), date(2026, 7, 1), 4)
        )
        made.needs[name] = builders.save(rows, made.staff["elena"])
    return made
