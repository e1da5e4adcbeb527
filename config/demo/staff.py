"""The centre itself: units, employees, their accounts, leave, and a key for the integration."""

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts import tokens
from accounts.enums import FeedCode, PositionKind, Role, UnitKind
from accounts.models import ApiToken, Employee, Feed, Position, Substitution, Unit, User
from config.demo.mixing import mix
from config.demo.names import person
from config.demo.plan import DEPARTMENTS, TALK_CLIENTS, share
from config.demo.texts import LEAVE
from core.clock import MOSCOW
from core.models import Webhook

# One word for everybody: a demonstration hides nothing. Production never gets it.
PASSWORD = "lampa-demo"  # noqa: S105
TOKEN = "demo-token"  # noqa: S105
SPECIALISTS = 51
_UNIT = "demo-unit-"
ROOT = f"{_UNIT}1"
# Two people of one name, in two departments.
NAMESAKE = ("Смирнова", "Елена", "Викторовна")
NAMESAKES = ((1, 2), (3, 4))
TRANSFER_DEPARTMENT, TRANSFER_OFF, LEAVER_HIRED = 2, 118, 2300


@dataclass
class Team:
    """A department as the rest of the demo needs it."""

    unit_id: int
    head_id: int
    specialist_ids: list[int] = field(default_factory=list)
    # By specialist: on which day before the demo's date they came.
    hired: list[int] = field(default_factory=list)
    # A pool handed over: its specialist today and the one who left.
    receiver: int | None = None
    leaver_id: int | None = None


def counts(clients: int) -> list[int]:
    """How many specialists each department has: about one per 15 clients, fewer on large."""
    total = round(SPECIALISTS * max(clients / TALK_CLIENTS, 1) ** 0.284)
    return [max(3, n) for n in share(total, [size for size, _, _ in DEPARTMENTS])]


def create(*, clients: int, on: date) -> list[Team]:
    """Write units, staff and accounts; returns the departments in order."""
    return _Writer(clients, on).write()


class _Writer:
    """Rows get their ids here, so that two fills are equal to the last digit."""

    def __init__(self, clients: int, on: date) -> None:
        self.clients = clients
        self.on = on
        self.users: list[User] = []
        self.employees: list[Employee] = []
        self.positions: list[Position] = []
        self.base = {m: _last(m) for m in (Unit, User, Employee, Position)}
        # Production must not hold an account that the documentation opens.
        known = settings.MODE in {"demo", "test"}
        self.password = make_password(PASSWORD, salt="demonstration") if known else "!"
        self.known = known
        self.joined = datetime.combine(on - timedelta(days=500), time(9), MOSCOW)

    def write(self) -> list[Team]:
        root = self._unit(1, "УС", UnitKind.DIVISION, None)
        units = [
            self._unit(2 + i, f"НОИО {i + 1}", UnitKind.DEPARTMENT, root)
            for i in range(len(DEPARTMENTS))
        ]
        Unit.objects.bulk_create([root, *units])
        director = self._user("director", Role.MANAGER, person(1, 70))
        self._employee(director, person(1, 70), root, PositionKind.MANAGER, 4100)
        teams, number = [], 0
        for place, (unit, size) in enumerate(zip(units, counts(self.clients), strict=True)):
            name = person(2 + place, 70)
            head = self._user(f"head{place + 1}", Role.HEAD, name)
            off = 2000 + mix(place, 71) % 2500
            head_id = self._employee(head, name, unit, PositionKind.HEAD, off)
            team = Team(unit.pk, head_id)
            for seat in range(size):
                number += 1
                self._specialist(team, unit, place, seat, number)
            if place == TRANSFER_DEPARTMENT:
                self._transfer(team, unit)
            teams.append(team)
        admin = self._user("admin", Role.ADMIN, person(90, 70))
        admin.is_staff = True
        robot = self._user("integrator", Role.INTEGRATOR, ("КИС", "Обмен", ""))
        robot.password = "!"  # noqa: S105 (no password: it logs in by its key)
        User.objects.bulk_create(self.users)
        Employee.objects.bulk_create(self.employees)
        Position.objects.bulk_create(self.positions)
        self._leave(teams)
        self._feeds()
        if self.known:
            self._token(robot)
        return teams

    def _unit(self, number: int, name: str, kind: str, parent: Unit | None) -> Unit:
        pk = self.base[Unit] + number
        path = f"{parent.path if parent else '/'}{pk}/"
        return Unit(
            pk=pk, name=name, kind=kind, parent=parent, path=path, external_id=f"{_UNIT}{number}"
        )

    def _user(self, username: str, role: str, name: tuple[str, str, str]) -> User:
        user = User(
            pk=self.base[User] + len(self.users) + 1,
            username=username,
            role=role,
            last_name=name[0],
            first_name=name[1],
            middle_name=name[2],
            password=self.password,
            date_joined=self.joined,
        )
        self.users.append(user)
        return user

    def _employee(
        self,
        user: User | None,
        name: tuple[str, str, str],
        unit: Unit,
        kind: str,
        hired: int,
        left: int | None = None,
    ) -> int:
        pk = self.base[Employee] + len(self.employees) + 1
        came = self.on - timedelta(days=hired)
        gone = None if left is None else self.on - timedelta(days=left)
        self.employees.append(
            Employee(
                pk=pk,
                user=user,
                last_name=name[0],
                first_name=name[1],
                middle_name=name[2],
                hired_on=came,
                left_on=gone,
                external_id=f"demo-employee-{pk - self.base[Employee]}",
            )
        )
        self.positions.append(
            Position(
                pk=self.base[Position] + len(self.positions) + 1,
                employee_id=pk,
                unit=unit,
                kind=kind,
                starts_on=came,
                ends_on=gone,
            )
        )
        return pk

    def _specialist(self, team: Team, unit: Unit, place: int, seat: int, number: int) -> None:
        name = NAMESAKE if (place, seat) in NAMESAKES else person(number, 72)
        user = self._user(f"spec{number}", Role.SPECIALIST, name)
        hired = 500 + mix(number, 73) % 3500
        if place == TRANSFER_DEPARTMENT and team.receiver is None:
            team.receiver, hired = seat, TRANSFER_OFF + 13
        pk = self._employee(user, name, unit, PositionKind.SPECIALIST, hired)
        team.specialist_ids.append(pk)
        team.hired.append(hired)

    def _transfer(self, team: Team, unit: Unit) -> None:
        """A specialist left, and the newcomer took the whole pool over."""
        team.leaver_id = self._employee(
            None, person(80, 72), unit, PositionKind.SPECIALIST, LEAVER_HIRED, TRANSFER_OFF
        )

    def _leave(self, teams: list[Team]) -> None:
        """Somebody is away today, somebody was in summer."""
        first, last = teams[0].specialist_ids, teams[-1].specialist_ids
        for absent, substitute, start, days in (
            (first[2], first[1], 4, 14),
            (last[0], last[1], 160, 28),
        ):
            begins = self.on - timedelta(days=start)
            Substitution.objects.create(
                absent_id=absent,
                substitute_id=substitute,
                starts_on=begins,
                ends_on=begins + timedelta(days=days),
                reason=LEAVE,
            )

    def _feeds(self) -> None:
        """Everything came this morning: the night of the demo's date finds nothing stale."""
        received = datetime.combine(self.on, time(2, 10), MOSCOW)
        yesterday = self.on - timedelta(days=1)
        today = {FeedCode.TRAININGS, FeedCode.ENTITLEMENTS}
        Feed.objects.bulk_create(
            [
                Feed(
                    code=code,
                    fresh_through=self.on if code in today else yesterday,
                    received_at=received,
                )
                for code in FeedCode
            ]
        )

    def _token(self, robot: User) -> None:
        ApiToken.objects.create(
            user=robot,
            name="Демонстрация",
            prefix=TOKEN[:10],
            digest=tokens.digest(TOKEN, settings.TOKEN_PEPPER),
            scopes=["*:read", "*:write"],
            created_at=self.joined,
        )
        # Stopped: a demonstration calls nobody. The events of its nights wait in the log.
        Webhook.objects.create(
            user=robot,
            name="КИС «Восточный экспресс»",
            url="https://kis.example.org/lampa",
            kinds=["lamp.changed", "need.moved", "client.churned"],
            salt="demo" * 16,
            stopped_at=self.joined,
            stop_reason="Получатель ещё не готов",
        )


def _last(model: Any) -> int:
    newest = model.objects.order_by("-pk").values_list("pk", flat=True).first()
    return newest or 0
