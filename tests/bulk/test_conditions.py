"""The declared conditions are judged in memory as the database judges them."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, models
from django.db.models import Q, Value

from accounts.models import Churn, Client, Contract, Entitlement, Invoice, Payment, Training
from contacts.models import Participant
from core.bulk import conditions

ROWS: list[Any] = [
    Client(inn="7707083893", connected_on=date(2026, 1, 2)),
    Client(inn="77070838931", connected_on=date(2026, 1, 2), disconnected_on=date(2026, 1, 1)),
    Client(inn="٧٧٠٧٠٨٣٨٩٣", connected_on=date(2026, 1, 2), disconnected_on=date(2026, 1, 2)),
    Client(inn="7707083893\n", connected_on=date(2026, 1, 2)),
    Invoice(amount=Decimal(0), month=date(2026, 1, 1)),
    Invoice(amount=Decimal("0.01"), month=date(2026, 1, 2)),
    Payment(amount=Decimal(-1)),
    Churn(lost_monthly=None),
    Churn(lost_monthly=Decimal(-1)),
    Training(held_on=date(2026, 1, 2), valid_until=date(2026, 1, 1)),
    Entitlement(starts_on=date(2026, 1, 2), valid_until=date(2026, 1, 2)),
    Contract(starts_on=date(2026, 1, 2), fixed_from=date(2026, 1, 2)),
    Contract(starts_on=date(2026, 1, 2), fixed_until=date(2026, 1, 2)),
    Contract(starts_on=date(2026, 1, 2), fixed_from=date(2026, 1, 2), fixed_until=date(2026, 1, 2)),
    Participant(starts_on=date(2026, 1, 2)),
]


def of_database(condition: Q, row: Any) -> bool:
    values = {
        f.name: Value(
            getattr(row, f.attname),
            output_field=models.BigIntegerField() if f.is_relation else f,
        )
        for f in row._meta.concrete_fields
    }
    return condition.check(values)


@pytest.mark.django_db
@pytest.mark.parametrize("row", ROWS, ids=[f"{n}" for n in range(len(ROWS))])
def test_memory_and_database_agree(row: Any) -> None:
    judged = 0
    for constraint in row._meta.constraints:
        if isinstance(constraint, models.CheckConstraint):
            found = conditions.holds(constraint.condition, row)
            assert (found is not False) == of_database(constraint.condition, row), constraint.name
            judged += 1
    assert judged and connection.vendor == "postgresql"


def test_what_it_does_not_know_is_left_to_the_database() -> None:
    with pytest.raises(conditions.Unknown):
        conditions.holds(Q(name__contains="x"), Client(name="x"))
    with pytest.raises(conditions.Unknown):
        conditions.holds(Q(models.Exists(Client.objects.all())), Client())
