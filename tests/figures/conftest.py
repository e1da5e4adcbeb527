"""A centre of two departments with a month of contacts of every kind."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import pytest
from django.test import Client as Browser

from accounts.enums import PositionKind, Role
from accounts.models import Client, Employee, Unit, User
from contacts.enums import ParticipantRole
from contacts.models import Participant
from core.clock import MOSCOW
from tests import factories
from tests.figures import builders
from visits.enums import GoalKind, VisitLevel, VisitStatus
from visits.figures import Period
from visits.models import VisitCriterion, VisitMark

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
    people: dict[str, list[Participant]] = field(default_factory=dict)

    def browser(self, name: str) -> Browser:
        """Pages as one of them sees them."""
        found = Browser()
        found.force_login(self.users[name], "django.contrib.auth.backends.ModelBackend")
        return found

    def unit_of(self, name: str) -> Unit:
        return self.noio2 if name in ("vera", "dmitry") else self.noio1


def moment(on: date, hour: int = 10) -> datetime:
    """A moment of a day in Moscow."""
    return datetime.combine(on, time(hour), MOSCOW)


@pytest.fixture
def centre(db: None, today: date) -> Centre:
    """August has contacts of both levels, planned and held, prepared and not."""
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
    for name, number in (("anna", 4), ("boris", 3), ("vera", 2)):
        pool = made.pools[name] = builders.clients(number)
        builders.assign(pool, made.staff[name], made.unit_of(name), date(2025, 1, 1))
        made.people[name] = [
            factories.participant(
                client,
                (ParticipantRole.MAIN_KEY_USER if n % 2 else ParticipantRole.KEY_USER,),
                starts_on=date(2025, 2, 1),
            )
            for n, client in enumerate(pool)
        ]
        _month(made, name)
    for name, whose in (("galina", "anna"), ("galina", "boris"), ("dmitry", "vera")):
        _visits_of_head(made, name, whose)
    return made


def _month(made: Centre, name: str) -> None:
    """К1У of a specialist with each client: the first prepared, useful, scored; the rest less."""
    for n, client in enumerate(made.pools[name]):
        start = moment(AUGUST.since + timedelta(days=3 + n))
        factories.visit(
            client,
            made.staff[name],
            started_at=start,
            planned_for=start.date() if n != 1 else None,
            plan="план" if n % 2 == 0 else "",
            prepared_at=start - timedelta(hours=1) if n % 2 == 0 else None,
            materials=1 if n < 2 else 0,
            satisfaction=9 if n == 0 else 6 if n == 1 else None,
            participants=[made.people[name][n]],
        )
    factories.visit(
        made.pools[name][0],
        made.staff[name],
        status=VisitStatus.PLANNED,
        planned_for=AUGUST.until,
    )


def _visits_of_head(made: Centre, name: str, whose: str) -> None:
    """К2У of a head with two clients of a specialist, the specialist beside them."""
    criteria = list(VisitCriterion.objects.filter(is_on=True))
    for n, client in enumerate(made.pools[whose][:2]):
        row = factories.visit(
            client,
            made.staff[name],
            level=VisitLevel.K2,
            started_at=moment(AUGUST.since + timedelta(days=20), 12),
            goal_kind=GoalKind.FIREFIGHTING if n else GoalKind.DEVELOPMENT,
            companions=[made.staff[whose]],
            participants=[made.people[whose][n]],
            materials=1,
        )
        for criterion in criteria[: 3 + n]:
            VisitMark.objects.create(visit=row, criterion=criterion)
