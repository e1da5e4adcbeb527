"""Share of payments: paid ÷ billed by month, employee and unit (docs/money.md, «% оплат»)."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db import connection

from accounts.models import Employee, Unit
from accounts.policy import access_of
from core.shares import percent_of

ZERO = Decimal(0)
# A bill is whoever's who served the client on the last day of its month (or on the day of the
# question), and the last one's where nobody did. Money counts by the day of the question.
_MINE = """
    i.month BETWEEN %(since)s AND %(until)s
      AND (%(everything)s OR c.specialist_id = ANY(%(employees)s) OR c.unit_id = ANY(%(units)s))
"""
# The bills in reach are found first: of one pool, no more payments are summed than are its own.
_BILLS = f"""
    WITH bills AS {{how}} (
        SELECT i.id, i.client_id, i.month, i.amount, i.due_on, c.unit_id, c.specialist_id
        FROM accounts_invoice i JOIN accounts_client c ON c.id = i.client_id
        WHERE {_MINE}
    ), money AS (
        SELECT i.*, coalesce(p.paid, 0) AS paid FROM bills i
        LEFT JOIN (
            SELECT invoice_id, sum(amount) AS paid FROM accounts_payment
            WHERE paid_on <= %(on)s AND invoice_id IN (SELECT id FROM bills) GROUP BY invoice_id
        ) p ON p.invoice_id = i.id
    )
"""  # noqa: S608 (our own words; every value is a parameter)
_SUMS = """
    sum(i.amount), sum(i.paid),
    sum(i.amount - i.paid) FILTER (WHERE i.due_on < %(on)s AND i.amount > i.paid)
"""
_SHARES = f"""
    {_BILLS}
    SELECT i.month, coalesce(a.unit_id, i.unit_id), coalesce(a.specialist_id, i.specialist_id),
           {_SUMS}
    FROM money i
    LEFT JOIN accounts_assignment a ON a.client_id = i.client_id
        AND a.starts_on <= least((i.month + interval '1 month - 1 day')::date, %(on)s)
        AND (a.ends_on IS NULL
             OR a.ends_on > least((i.month + interval '1 month - 1 day')::date, %(on)s))
    GROUP BY 1, 2, 3
"""  # noqa: S608 (our own words; every value is a parameter)
# The same money, whoever served: by month alone, without what is overdue, which needs every bill.
_MONTHS = f"""
    WITH own AS NOT MATERIALIZED (
        SELECT i.id, i.month, i.amount FROM accounts_invoice i
        JOIN accounts_client c ON c.id = i.client_id WHERE {_MINE}
    )
    SELECT b.month, b.billed, coalesce(p.paid, 0)
    FROM (SELECT month, sum(amount) AS billed FROM own GROUP BY month) b
    LEFT JOIN (
        SELECT own.month, sum(p.amount) AS paid FROM own
        JOIN accounts_payment p ON p.invoice_id = own.id AND p.paid_on <= %(on)s GROUP BY own.month
    ) p USING (month)
"""  # noqa: S608 (our own words)


@dataclass
class Share:
    """Roubles billed, paid of them, and overdue among what is not paid."""

    billed: Decimal = ZERO
    paid: Decimal = ZERO
    overdue: Decimal = ZERO

    @property
    def percent(self) -> Decimal | None:
        """Paid ÷ billed in per cent; of nothing there is no share."""
        return percent_of(self.paid, self.billed)

    def add(self, other: "Share") -> None:
        """Add another's money to this."""
        self.billed += other.billed
        self.paid += other.paid
        self.overdue += other.overdue


@dataclass(frozen=True)
class ShareKey:
    """Whose bills: of an employee in a unit; of a month."""

    month: date
    unit: int | None
    employee: int | None


@dataclass
class ShareRow:
    """A unit (with all below it) or an employee of it: a share by month, and of all of them."""

    unit: Unit | None
    employee: Employee | None
    depth: int
    months: dict[date, Share] = field(default_factory=dict)

    @property
    def total(self) -> Share:
        whole = Share()
        for share in self.months.values():
            whole.add(share)
        return whole


def payment_shares(user: Any, since: date, until: date, on: date) -> dict[ShareKey, Share]:
    """Shares of the bills of months since..until (their first days), by employee in a unit.

    Only clients that `user` may see; money received by the day `on`. One query.
    """
    return {
        ShareKey(month, unit, employee): Share(billed, paid, overdue or ZERO)
        for month, unit, employee, billed, paid, overdue in _rows(_SHARES, user, since, until, on)
    }


def month_shares(user: Any, since: date, until: date, on: date) -> dict[date, Share]:
    """The same shares of all bills that `user` may see, by month; what is overdue is not told. One
    query."""
    return {
        month: Share(billed, paid) for month, billed, paid in _rows(_MONTHS, user, since, until, on)
    }


def _rows(statement: str, user: Any, since: date, until: date, on: date) -> list[Any]:
    reach = access_of(user)
    with connection.cursor() as cursor:
        # Of the whole centre nothing is left out, and joined at once it is read in parallel.
        how = "NOT MATERIALIZED" if reach.everything else "MATERIALIZED"
        cursor.execute(
            statement.replace("{how}", how),
            {
                "since": since,
                "until": until,
                "on": on,
                "everything": reach.everything,
                "employees": list(reach.employees),
                "units": list(reach.units),
            },
        )
        return cursor.fetchall()


def share_rows(user: Any, months: list[date], on: date) -> list[ShareRow]:
    """The tree of units with their employees, a total first; every sum from its subtree."""
    found = payment_shares(user, months[0], months[-1], on)
    units = Unit.objects.in_bulk({key.unit for key in found if key.unit})
    above = Unit.objects.filter(
        pk__in={int(pk) for unit in units.values() for pk in unit.path.split("/") if pk}
    )
    people = Employee.objects.in_bulk({key.employee for key in found if key.employee})
    total = ShareRow(None, None, 0)
    rows = {unit.pk: ShareRow(unit, None, unit.path.count("/") - 1) for unit in above}
    staff: dict[tuple[int | None, int | None], ShareRow] = {}
    for key, share in found.items():
        unit = units.get(key.unit) if key.unit else None
        into = [total, *(rows[int(pk)] for pk in (unit.path.split("/") if unit else []) if pk)]
        if key.employee is not None:
            person = people[key.employee]
            depth = unit.path.count("/") if unit else 1
            into.append(staff.setdefault((key.unit, key.employee), ShareRow(unit, person, depth)))
        for row in into:
            row.months.setdefault(key.month, Share()).add(share)
    ordered = [total]
    for row in sorted(rows.values(), key=lambda row: row.unit.path if row.unit else ""):
        ordered.append(row)
        here = [one for (unit_pk, _), one in staff.items() if row.unit and unit_pk == row.unit.pk]
        ordered += sorted(here, key=lambda one: str(one.employee))
    ordered += [one for (unit_pk, _), one in staff.items() if unit_pk is None]
    return ordered
