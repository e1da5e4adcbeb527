"""The talk's scheme and clients as plain values, and facts written to the tables in bulk."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from typing import Any

from accounts.enums import FeedCode, Segment
from accounts.models import (
    Assignment,
    Client,
    Employee,
    Entitlement,
    Feed,
    GndRecord,
    Invoice,
    Training,
    Unit,
    Usage,
)
from core import clock
from lamps.enums import Colour, Direction, Source
from lamps.score import Facts, IndicatorRule, Scheme, Tier
from tests import factories
from visits.enums import VisitLevel, VisitStatus
from visits.models import Visit

ON = date(2026, 11, 23)
KPLUS, COK, CO = 1, 2, 3
FRESH = {code: ON for code in FeedCode.values}
_numbers = count(500_000)


def rule(**given: Any) -> IndicatorRule:
    """An indicator that counts К1У over 30 days and earns 0,2 for two, unless told otherwise."""
    values: dict[str, Any] = {
        "code": "k1",
        "label": "К1У",
        "slot": 0,
        "source": Source.K1,
        "direction": Direction.HIGHER,
        "tiers": (Tier(2, 20),),
        "window_days": 30,
    }
    if given.get("source", Source.K1) not in (Source.K1, Source.USAGE):
        values["window_days"] = None
    return IndicatorRule(**(values | given))


def scheme(*indicators: IndicatorRule, **given: Any) -> Scheme:
    """A scheme of given indicators with the talk's limits."""
    values: dict[str, Any] = {
        "id": 1,
        "name": "Схема",
        "segment": "",
        "effective_from": date(2000, 1, 1),
        "yellow_from": 40,
        "green_from": 80,
        "indicators": indicators,
    }
    return Scheme(**(values | given))


def talk_scheme(**given: Any) -> Scheme:
    """The seven indicators of the talk."""
    used: dict[str, Any] = {"source": Source.USAGE, "warning_days": 60}
    now = {"direction": Direction.LOWER, "tiers": (Tier(0, 10),)}
    one = (Tier(1, 10),)
    return scheme(
        rule(code="activity", label="Активность К+", slot=0, service_id=KPLUS,
             tiers=(Tier(50, 40),), **used),
        rule(code="cok", label="ЦОК", slot=1, service_id=COK, tiers=one, **used, window_days=90),
        rule(code="co", label="ЦО", slot=2, service_id=CO, tiers=one, **used, window_days=90),
        rule(slot=3),
        rule(code="gnd", label="ГНД", slot=4, source=Source.GND, **now),
        rule(code="overhang", label="Навес", slot=5, source=Source.OVERHANG, **now),
        rule(code="training", label="Обученность", slot=6, source=Source.TRAINING, tiers=one,
             warning_days=60),
        **given,
    )  # fmt: skip


def talk_facts(
    activity: int, cok: int, co: int, k1: int, gnd: int, overhang: int, training: int,
    *, cok_ends: date | None = None, on: date = ON,
) -> Facts:  # fmt: skip
    """Facts that give a client the raw values of a row of the talk."""
    back = timedelta(days=1)
    return Facts(
        usage={
            service: [(on - back, quantity)] if quantity else []
            for service, quantity in ((KPLUS, activity), (COK, cok), (CO, co))
        },
        visits=[on - n * back for n in range(k1)],
        gnd=[(on - 9 * back, None)] * gnd,
        invoices=[(on - 9 * back, None)] * overhang,
        trainings=[(on - 99 * back, on + 20 * back)] * training,
        entitlements={COK: [(on - 300 * back, cok_ends)]} if cok_ends else {},
        fresh_through=dict.fromkeys(FeedCode.values, on),
    )


ROMASHKA = (1779, 0, 0, 2, 0, 0, 1)
VASILEK = (2, 2, 1, 2, 1, 1, 1)
LYUTIK = (0, 0, 0, 2, 1, 3, 1)
TALK = {
    "Ромашка": (ROMASHKA, [40, 0, 0, 20, 10, 10, 10], 90, Colour.GREEN, [1, 6]),
    "Василек": (VASILEK, [0, 10, 10, 20, 0, 0, 10], 50, Colour.YELLOW, [1, 6]),
    "Лютик": (LYUTIK, [0, 0, 0, 20, 0, 0, 10], 30, Colour.RED, [6]),
}


def talk_client(name: str, on: date = ON) -> Facts:
    """The facts of Ромашка, Василек or Лютик."""
    values, *_, expiring = TALK[name]
    ends = on + timedelta(days=30) if 1 in expiring else None
    return talk_facts(*values, cok_ends=ends, on=on)


# --- rows ------------------------------------------------------------------------------------


def clients(number: int, **given: Any) -> list[Client]:
    """Clients in bulk, in retail and connected long ago."""
    rows = []
    for n in (next(_numbers) for _ in range(number)):
        values = {
            "name": f"Клиент {n}",
            "sort_key": f"клиент {n}",
            "search_key": f"клиент {n}",
            "inn": f"{n:010d}",
            "kpp": "770101001",
            "segment": Segment.RETAIL,
            "connected_on": date(2020, 1, 1),
        }
        rows.append(Client(**(values | given)))
    return Client.objects.bulk_create(rows)


def pool(unit: Unit, name: str = "") -> Employee:
    """A specialist of a unit."""
    more = {"last_name": name} if name else {}
    return factories.employee(unit, since=date(2020, 1, 1), **more)


def assign(
    rows: Iterable[Client], specialist: Employee, unit: Unit, since: date = date(2020, 1, 1)
) -> None:
    """Give clients to a specialist from a day on, ending what was before."""
    rows = list(rows)
    Assignment.objects.filter(client__in=rows, ends_on=None).update(ends_on=since)
    Assignment.objects.bulk_create(
        [Assignment(client=c, specialist=specialist, unit=unit, starts_on=since) for c in rows]
    )
    for client in rows:
        client.specialist, client.unit = specialist, unit
    Client.objects.bulk_update(rows, ["specialist", "unit"])


def write_facts(facts: Mapping[Client, Facts], employee: Employee) -> None:
    """Put the facts of clients into the tables. Usage of one day and service must be one row."""
    Usage.objects.bulk_create(
        Usage(client=c, service_id=service, day=day, quantity=quantity)
        for c, f in facts.items()
        for service, rows in f.usage.items()
        for day, quantity in rows
    )
    Entitlement.objects.bulk_create(
        Entitlement(client=c, service_id=service, starts_on=starts, valid_until=until)
        for c, f in facts.items()
        for service, rows in f.entitlements.items()
        for starts, until in rows
    )
    Training.objects.bulk_create(
        Training(client=c, topic=f"Тема {n}", held_on=held, valid_until=until)
        for c, f in facts.items()
        for n, (held, until) in enumerate(f.trainings)
    )
    GndRecord.objects.bulk_create(
        GndRecord(client=c, opened_on=opened, closed_on=closed)
        for c, f in facts.items()
        for opened, closed in f.gnd
    )
    Invoice.objects.bulk_create(
        Invoice(
            client=c,
            number=str(n),
            month=due.replace(day=1),
            amount=100,
            due_on=due,
            settled_on=settled,
        )
        for c, f in facts.items()
        for n, (due, settled) in enumerate(f.invoices)
    )
    Visit.objects.bulk_create(k1(c, employee, day) for c, f in facts.items() for day in f.visits)


def k1(client: Client, employee: Employee, day: date, **given: Any) -> Visit:
    """A К1У done at noon, not yet saved."""
    values = {
        "client": client,
        "employee": employee,
        "level": VisitLevel.K1,
        "status": VisitStatus.DONE,
        "started_at": datetime.combine(day, time(12), clock.MOSCOW),
    }
    return Visit(**(values | given))


def write_feeds(fresh_through: Mapping[str, date]) -> None:
    """Make the feeds exactly those given."""
    Feed.objects.all().delete()
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    Feed.objects.bulk_create(
        Feed(code=code, fresh_through=day, received_at=moment)
        for code, day in fresh_through.items()
    )
