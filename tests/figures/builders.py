"""Contacts in numbers: the talk's half-year of К2У, and little centres to count."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count

from accounts.enums import PositionKind, Role, Segment
from accounts.models import Assignment, Client, Employee, Unit, User
from core.clock import MOSCOW
from tests import factories
from visits.enums import GoalKind, VisitLevel, VisitStatus
from visits.figures import Period
from visits.models import Visit, VisitCriterion, VisitMark

HALF = Period(date(2024, 1, 1), date(2024, 6, 30))
CODES = ("0", "01", "02", "03", "04", "05", "first")
# Row → all К2У, then «N — D» by criterion; the percentages are what the program must find.
TALK: dict[str, tuple[int, tuple[tuple[int, int], ...]]] = {
    "B": (54, ((53, 48), (51, 46), (29, 26), (50, 46), (27, 25), (51, 46), (0, 0))),
    "D1": (260, ((226, 201), (222, 198), (129, 111), (173, 153), (89, 85), (211, 189), (38, 33))),
    "D6": (95, ((84, 69), (82, 67), (74, 59), (76, 64), (46, 40), (83, 67), (10, 8))),
    "E": (79, ((75, 73), (75, 74), (34, 34), (64, 63), (44, 43), (73, 71), (27, 27))),
    "C": (90, ((74, 67), (63, 59), (27, 25), (63, 58), (50, 49), (63, 58), (1, 1))),
}
# As printed: head A first, every cell.
PRINTED = {
    "A": "578 512/89% — 458 493/85% — 444 293/51% — 255 426/74% — 384 256/44% — 242"
    " 481/83% — 431 76/13% — 69",
    "B": "54 53/98% — 48 51/94% — 46 29/54% — 26 50/93% — 46 27/50% — 25 51/94% — 46 0 — 0",
    "D1": "260 226/87% — 201 222/85% — 198 129/50% — 111 173/67% — 153 89/34% — 85"
    " 211/81% — 189 38/15% — 33",
    "D6": "95 84/88% — 69 82/86% — 67 74/78% — 59 76/80% — 64 46/48% — 40 83/87% — 67 10/11% — 8",
    "E": "79 75/95% — 73 75/95% — 74 34/43% — 34 64/81% — 63 44/56% — 43 73/92% — 71 27/34% — 27",
    "C": "90 74/82% — 67 63/70% — 59 27/30% — 25 63/70% — 58 50/56% — 49 63/70% — 58 1/1% — 1",
}
_numbers = count(5_000_000)


def clients(number: int) -> list[Client]:
    """Clients of nobody, in one insert."""
    made = []
    for _ in range(number):
        n = next(_numbers)
        name = f"ООО «Предприятие {n}»"
        made.append(
            Client(
                name=name,
                sort_key=name.casefold(),
                search_key=f"{name.casefold()} {factories.inn(n)}",
                inn=factories.inn(n),
                kpp="770101001",
                segment=Segment.RETAIL,
                connected_on=date(2020, 1, 1),
            )
        )
    return Client.objects.bulk_create(made)


def assign(rows: Sequence[Client], specialist: Employee, unit: Unit, since: date) -> None:
    """Give clients to a specialist of a unit."""
    Assignment.objects.bulk_create(
        Assignment(client=row, specialist=specialist, unit=unit, starts_on=since) for row in rows
    )
    ids = [row.pk for row in rows]
    Client.objects.filter(pk__in=ids).update(specialist=specialist, unit=unit)


def contact(
    client: Client, employee: Employee, unit: Unit | None, on: date, **given: object
) -> Visit:
    """A contact done at ten in the morning, not yet saved."""
    values = {
        "client": client,
        "employee": employee,
        "unit": unit,
        "level": VisitLevel.K1,
        "status": VisitStatus.DONE,
        "started_at": datetime.combine(on, time(10), MOSCOW),
    }
    return Visit(**(values | given))


def k2_row(
    employee: Employee,
    unit: Unit,
    every: int,
    cells: Sequence[tuple[int, int]],
    period: Period = HALF,
    fires: int = 0,
) -> None:
    """So many К2У of an employee in a unit that each criterion has its N and its D.

    Every client has one contact; those left over go to the first five clients. A criterion is
    met in the first contact of its first D clients and in N − D of those left over.
    """
    known = clients(max(d for _, d in cells))
    whose = [*known, *(known[n % 5] for n in range(every - len(known)))]
    visits = Visit.objects.bulk_create(
        contact(
            client,
            employee,
            unit,
            period.since + timedelta(days=n % period.days),
            level=VisitLevel.K2,
            goal_kind=GoalKind.FIREFIGHTING if n < fires else GoalKind.DEVELOPMENT,
        )
        for n, client in enumerate(whose)
    )
    criteria = {row.code: row for row in VisitCriterion.objects.all()}
    VisitMark.objects.bulk_create(
        VisitMark(visit=visit, criterion=criteria[code])
        for code, (n, d) in zip(CODES, cells, strict=True)
        for visit in [*visits[:d], *visits[len(known) : len(known) + n - d]]
    )


@dataclass
class TalkCentre:
    """A leads everything; B, C, E and D lead departments, D two of them."""

    director: User
    division: Unit
    units: dict[str, Unit] = field(default_factory=dict)
    staff: dict[str, Employee] = field(default_factory=dict)


def talk() -> TalkCentre:
    """The centre of the talk with its half-year of К2У."""
    since = date(2023, 1, 1)
    director = factories.user("director", Role.MANAGER)
    centre = TalkCentre(director, factories.unit("Управление"))
    factories.employee(
        centre.division, PositionKind.HEAD, since=since, user=director,
        last_name="А", first_name="Алла", middle_name="",
    )  # fmt: skip
    for key, (every, cells) in TALK.items():
        name = key[0]
        number = {"B": 2, "D1": 1, "D6": 6, "E": 4, "C": 3}[key]
        unit = centre.units[key] = factories.unit(f"НОИО {number}", centre.division)
        if name not in centre.staff:
            centre.staff[name] = factories.employee(
                unit, PositionKind.HEAD, since=since, last_name=name
            )
        k2_row(centre.staff[name], unit, every, cells)
    return centre
