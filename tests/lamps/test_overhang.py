"""From money to the lamp: an overdue bill is overhang, and its indicator loses its weight."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from accounts import services
from accounts.enums import FeedCode
from accounts.models import Client, Invoice
from core import clock
from lamps.models import Indicator, Lamp
from lamps.services import compute_night, refresh_clients
from tests import factories
from tests.lamps import builders
from tests.personas import World

pytestmark = pytest.mark.django_db


def overhang(client: Client) -> tuple[int | None, int | None]:
    """The number of bills the lamp counts as overhang, and the hundredths earned for it."""
    slot = Indicator.objects.get(code="overhang").slot
    lamp = Lamp.objects.get(client=client)
    return lamp.raw[slot], lamp.points[slot]


def bill(world: World, client: Client, due_on: date, number: str) -> Invoice:
    values = {
        "client": client, "number": number, "month": due_on.replace(day=1),
        "amount": Decimal(1000), "due_on": due_on,
    }  # fmt: skip
    return services.add_invoice(actor=world.users["elena"], values=values)


def test_an_overdue_bill_is_overhang_until_it_is_paid(world: World) -> None:
    elena, on = world.users["elena"], clock.today()
    client = factories.client(world.staff["anna"], world.noio1)
    builders.write_feeds(dict.fromkeys(FeedCode.values, on))
    compute_night(on)
    assert overhang(client) == (0, 10)

    bill(world, client, on, "due-that-day")
    late = bill(world, client, on - timedelta(days=1), "late")
    refresh_clients([client.pk])
    assert overhang(client) == (1, 0)

    part = {"invoice": late, "amount": Decimal(400), "paid_on": on}
    services.record_payment(actor=elena, values=part)
    refresh_clients([client.pk])
    assert overhang(client) == (1, 0)

    rest = {"invoice": late, "amount": Decimal(600), "paid_on": on}
    services.record_payment(actor=elena, values=rest)
    refresh_clients([client.pk])
    assert overhang(client) == (0, 10)
