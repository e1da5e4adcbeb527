"""The clients, one line each: what they are and what the plan wants of them.

Lines are streamed into a temporary table, so memory does not grow with their number; every
further table is made from it by the database.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from accounts.enums import Segment
from config.demo import names, plan
from config.demo.mixing import mix
from config.demo.staff import LEAVER_HIRED, TRANSFER_OFF, Team
from config.demo.texts import PORTRAITS, TRADES
from core import text

COLUMNS = {
    "id": "bigint",
    "n": "int",
    "name": "text",
    "sort_key": "text",
    "inn": "text",
    "kpp": "text",
    "ogrn": "text",
    "segment": "text",
    "is_key": "boolean",
    "portrait": "text",
    "specifics": "text",
    "competitor": "text",
    # Days before the demo's date on which the client came and (or null) went.
    "conn_off": "int",
    "churn_off": "int",
    "unit_id": "bigint",
    "head_id": "bigint",
    "specialist_id": "bigint",
    "since_off": "int",
    "former_id": "bigint",
    "moved_off": "int",
    "masks": "int[]",
    "lead": "int",
    "crossing": "int",
    "price": "int",
    "due_day": "int",
    "patience": "int",
    "contacts": "int",
    "rate": "int",
    "density": "int",
    "ends": "int[]",
    "part_first": "bigint",
    "part_n": "int",
}
# Lost within two years, fewer in the second: the first so many of them within the last one.
CHURNED_OF_TALK, CHURNED_OF_YEAR = 30, 13
# A code of tax office that does not exist, so that no number belongs to anybody.
_OFFICE = "00"


@dataclass(frozen=True)
class Place:
    """Where client number `n` stands."""

    n: int
    team: Team
    seat: int
    colour: int
    lead: int = 0
    crossing: int = 0
    mask: int | None = None
    churn_off: int | None = None


def churned(clients: int) -> int:
    """How many clients were lost within two years, besides those served today."""
    return max(CHURNED_OF_TALK, clients * CHURNED_OF_TALK // plan.TALK_CLIENTS)


def lines(clients: int, on: date, teams: list[Team], base: int, part_base: int) -> Iterator[str]:
    """Lines of COPY text for the temporary table, by `COLUMNS`."""
    part = part_base + 1
    for place in _places(clients, teams):
        row = _row(place, on, base, part)
        part += int(row["part_n"])  # type: ignore[call-overload]
        yield "\t".join(_cell(row[column]) for column in COLUMNS) + "\n"


def _places(clients: int, teams: list[Team]) -> Iterator[Place]:
    departments = plan.departments(clients, [len(t.specialist_ids) for t in teams])
    n = 0
    for department, team in zip(departments, teams, strict=True):
        leads = {spot: plan.LEADS.index(lead) + 1 for spot, lead in department.leads.items()}
        for spot in range(department.size):
            n += 1
            lead = leads.get(spot, 0)
            mask, crossing = department.crossings.get(spot, (None, 0))
            if lead:
                mask = plan.LEADS[lead - 1].mask
            seat = spot % len(team.specialist_ids)
            yield Place(n, team, seat, department.colour(spot), lead, crossing, mask)
    for lost in range(churned(clients)):
        n += 1
        team = teams[mix(lost, 81) % len(teams)]
        churn_off = _churn_off(lost, churned(clients))
        seats = [
            i
            for i in range(len(team.specialist_ids))
            if i != team.receiver and team.hired[i] > churn_off + 60
        ]
        if not seats:  # nobody of the department was here so long ago
            churn_off = 20 + churn_off % 320
            seats = [i for i in range(len(team.specialist_ids)) if i != team.receiver]
        seat = seats[mix(lost, 82) % len(seats)]
        colour = plan.RED if mix(lost, 83) % 3 else plan.YELLOW
        yield Place(n, team, seat, colour, churn_off=churn_off)


def _churn_off(lost: int, count: int) -> int:
    """How many days ago a client was lost: spread over two years, one after another."""
    recent = max(count * CHURNED_OF_YEAR // CHURNED_OF_TALK, 1)
    if lost < recent:
        return 20 + lost * 325 // recent + mix(lost, 84) % 20
    return 366 + (lost - recent) * 325 // (count - recent) + mix(lost, 84) % 20


def _row(place: Place, on: date, base: int, part_first: int) -> dict[str, object]:
    n, team, seat = place.n, place.team, place.seat
    network = mix(n, 91) % 100 < 34
    single = not network and not place.lead and mix(n, 92) % 100 < 8
    trade = TRADES[mix(n, 93) % len(TRADES)]
    segment = Segment.NETWORK if network else Segment.RETAIL
    if place.lead:
        name = plan.LEADS[place.lead - 1].name
    else:
        name = names.entrepreneur(n) if single else names.company(n, trade.word)
    portraits = PORTRAITS[segment]
    new = mix(n, 94) % 100 < 5 and not place.lead and place.churn_off is None
    conn_off = 120 + mix(n, 95) % 240 if new else 500 + mix(n, 95) % 4500
    conn_off += place.churn_off or 0
    chance = mix(n, 96) % 10000
    price = 18000 + chance * 11 // 100 * 100 if network else 5500 + chance * 14 // 1000 * 100
    former_id, since_off, moved_off = _former(place, conn_off) or (
        None,
        min(conn_off, team.hired[seat]),
        None,
    )
    return {
        "id": base + n,
        "n": n,
        "name": name,
        "sort_key": text.key(name),
        "inn": _inn_of_person(n) if single else _inn_of_company(n),
        "kpp": "" if single else f"{_OFFICE}{1 + n % 40:02}01001",
        "ogrn": _ogrn(n, conn_off, on, single),
        "segment": segment,
        "is_key": network and mix(n, 97) % 3 == 0,
        "portrait": portraits[mix(n, 98) % len(portraits)],
        "specifics": trade.specifics,
        "competitor": names.COMPETITORS[mix(n, 99) % 4] if mix(n, 100) % 100 < 18 else "",
        "conn_off": conn_off,
        "churn_off": place.churn_off,
        "unit_id": team.unit_id,
        "head_id": team.head_id,
        "specialist_id": team.specialist_ids[seat],
        "since_off": since_off,
        "former_id": former_id,
        "moved_off": moved_off,
        "masks": _masks(place),
        "lead": place.lead,
        "crossing": place.crossing,
        "price": price,
        "due_day": 10 + mix(n, 101) % 16,
        "patience": _patience(place),
        "contacts": 2 if place.lead or mix(n, 103) % 5 == 0 else 3,
        "rate": _rate(n, network),
        "density": 50 + mix(n, 105) % 70,
        "ends": _ends(place),
        "part_first": part_first,
        "part_n": 3 + mix(n, 106) % 6 if network else 1 + (mix(n, 106) % 10 < 7),
    }


def _former(place: Place, conn_off: int) -> tuple[int, int, int] | None:
    """Who served the client before, since when and until when: the pool handed over, and a few
    single clients."""
    team, n = place.team, place.n
    if place.churn_off is not None:
        return None
    if place.seat == team.receiver:
        assert team.leaver_id is not None
        since = min(conn_off, LEAVER_HIRED)
        return (team.leaver_id, since, TRANSFER_OFF) if since > TRANSFER_OFF + 20 else None
    others = [i for i in range(len(team.specialist_ids)) if i not in (place.seat, team.receiver)]
    other = others[mix(n, 113) % len(others)]
    since, moved = min(conn_off, team.hired[other]), 40 + mix(n, 111) % 220
    if mix(n, 112) % 100 < 3 and not place.lead and moved + 60 < since:
        return team.specialist_ids[other], since, moved
    return None


def _masks(place: Place) -> list[int]:
    masks = plan.masks(place.n, place.colour)
    if place.mask is not None:
        masks[:4] = [place.mask] * 4
    if place.churn_off is not None:
        # Its colour of today is the one it left with.
        masks = ([masks[0]] * (place.churn_off // 30) + masks)[: len(masks)]
    return masks


def _patience(place: Place) -> int:
    """How many invoices pile up at a client that does not pay in time."""
    if place.lead:
        return max(1, plan.LEADS[place.lead - 1].overhang)
    return (1, 2, 2, 2, 3)[mix(place.n, 102) % 5]


def _rate(n: int, network: bool) -> int:
    """К+ documents opened on an ordinary day: a few clients use it far more than most."""
    chance = mix(n, 104) % 1000
    usual = 16 + chance * chance // 20000
    return usual * 3 if network else usual


def _ends(place: Place) -> list[int | None]:
    """Days to the end of the rights to К+, ЦОК, ЦО and of the training."""
    if place.lead:
        return list(plan.LEADS[place.lead - 1].ends)
    ends: list[int | None] = []
    for slot, soon in enumerate((7, 12, 12, 15)):
        if mix(place.n, 121, slot) % 100 < soon:
            ends.append(3 + mix(place.n, 122, slot) % 56)
        else:
            ends.append(63 + mix(place.n, 122, slot) % 300)
    mask = plan.masks(place.n, place.colour)[0] if place.mask is None else place.mask
    for slot, bit in ((1, plan.COK), (2, plan.CO)):
        if not mask & bit and mix(place.n, 123, slot) % 100 < 40:
            ends[slot] = None
    return ends


def _control(digits: str, weights: tuple[int, ...]) -> str:
    total = sum(int(digit) * weight for digit, weight in zip(digits, weights, strict=True))
    return str(total % 11 % 10)


def _inn_of_company(n: int) -> str:
    # The factor is coprime with the modulus: no number comes twice, none is all zeros.
    digits = f"{_OFFICE}{1 + n * 7654321 % 9999999:07}"
    return digits + _control(digits, (2, 4, 10, 3, 5, 9, 4, 6, 8))


def _inn_of_person(n: int) -> str:
    digits = f"{_OFFICE}{1 + n * 76543211 % 99999999:08}"
    digits += _control(digits, (7, 2, 4, 10, 3, 5, 9, 4, 6, 8))
    return digits + _control(digits, (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8))


def _ogrn(n: int, conn_off: int, on: date, single: bool) -> str:
    year = (on - timedelta(days=conn_off + 400)).year % 100
    if single:
        # Some readers of the rule know no control digit for remainders above 9: take others.
        numbers = (f"3{year:02}{_OFFICE}{n:08}{variant}" for variant in range(10))
        digits = next(number for number in numbers if int(number) % 13 < 10)
        return digits + str(int(digits) % 13)
    digits = f"1{year:02}{_OFFICE}{n:07}"
    return digits + str(int(digits) % 11 % 10)


def _cell(value: object) -> str:
    """A value in the text form of COPY; the texts here hold no tab, newline or backslash."""
    if value is None:
        return r"\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, list):
        return "{" + ",".join("NULL" if item is None else str(item) for item in value) + "}"
    return str(value)
