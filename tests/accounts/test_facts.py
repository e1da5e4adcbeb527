"""Services of facts and money, and the reads of the card."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts import selectors, services
from accounts.models import Entitlement, Feed, Invoice, Payment, Service, Usage
from accounts.selectors import facts
from accounts.services.money import settled_on
from accounts.signals import facts_changed
from core.audit import reference
from core.errors import Conflict, Refused
from core.history import with_names
from core.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    calls = []

    def listen(client_ids, **kwargs):
        calls.append(client_ids)

    facts_changed.connect(listen)
    yield calls
    facts_changed.disconnect(listen)


# --- usage ----------------------------------------------------------------------------------
def row(world, whose="own", day=None, quantity=5, service="kplus"):
    return {
        "client": world.clients[whose],
        "service": Service.objects.get(code=service),
        "day": day,
        "quantity": quantity,
    }


def test_usage_replaces_what_was_known(world, today, heard):
    writer = world.users["writer"]
    for quantity in (5, 9):
        services.record_usage(actor=writer, rows=[row(world, day=today, quantity=quantity)])
    stored = Usage.objects.get(client=world.clients["own"], day=today)
    assert stored.quantity == 9
    assert heard == [[world.clients["own"].pk]] * 2
    entry = AuditEntry.objects.filter(subject=reference(stored)).first()
    assert (entry.before, entry.after) == ({"quantity": 5}, {"quantity": 9})


def test_a_batch_of_usage_is_one_statement(world, today, heard, count_queries):
    def batch(days):
        return [
            row(world, whose, today - timedelta(days=n), n)
            for whose in ("own", "foreign")
            for n in range(days)
        ]

    few, many = batch(2), batch(60)
    with count_queries() as first:
        assert services.record_usage(actor=world.users["writer"], rows=few) == 4
    with count_queries() as second:
        assert services.record_usage(actor=world.users["writer"], rows=many) == 120
    assert len(first) == len(second)
    assert Usage.objects.get(client=world.clients["own"], day=today).quantity == 0
    entry = AuditEntry.objects.filter(subject="accounts.feed:usage").first()
    assert (entry.after["rows"], entry.after["clients"]) == (116, 2)  # four were known
    assert heard[-1] == sorted([world.clients["own"].pk, world.clients["foreign"].pk])


def test_usage_refused(world, today):
    writer = world.users["writer"]
    tomorrow = today + timedelta(days=1)
    for rows in (
        [],
        [row(world, day=tomorrow)],
        [row(world, day=today, quantity=-1)],
        [row(world, day=today, quantity=-1), row(world, "foreign", today)],
    ):
        with pytest.raises(ValidationError):
            services.record_usage(actor=writer, rows=rows)
    with pytest.raises(Refused):
        services.record_usage(actor=world.users["anna"], rows=[row(world, day=today)])
    assert not Usage.objects.filter(day__gte=today).exists()


# --- rights, trainings, ГНД -----------------------------------------------------------------
def test_facts_are_added_changed_deleted(world, today, heard):
    writer, client = world.users["writer"], world.clients["own"]
    right = services.add_entitlement(
        actor=writer,
        values={
            "client": client,
            "service": Service.objects.get(code="co"),
            "starts_on": today,
            "valid_until": today + timedelta(days=30),
            "quota": 2,
        },
    )
    services.update_entitlement(actor=writer, entitlement=right, values={"quota": 3}, version=1)
    with pytest.raises(Conflict):
        services.update_entitlement(actor=writer, entitlement=right, values={"quota": 4}, version=1)
    training = services.add_training(
        actor=world.users["anna"],
        values={"client": client, "topic": "Т", "held_on": today, "valid_until": today},
    )
    services.update_training(actor=world.users["anna"], training=training, values={"people": 7})
    record = services.add_gnd_record(actor=writer, values={"client": client, "opened_on": today})
    services.update_gnd_record(actor=writer, record=record, values={"closed_on": today})
    for fact in (right, training, record):
        services.delete_fact(actor=writer, row=fact)
    assert not Entitlement.objects.filter(pk=right.pk).exists()
    assert heard == [[client.pk]] * 9
    about = AuditEntry.objects.filter(about=reference(client)).exclude(subject=reference(client))
    assert about.count() == 9


def test_facts_refused(world, today):
    writer, client = world.users["writer"], world.clients["own"]
    right = Entitlement.objects.get(client=client)
    with pytest.raises(ValidationError) as error:
        services.update_entitlement(
            actor=writer, entitlement=right, values={"client": world.clients["foreign"]}
        )
    assert "client" in error.value.message_dict
    with pytest.raises(ValidationError, match="Конец"):
        services.update_entitlement(
            actor=writer, entitlement=right, values={"valid_until": date(2000, 1, 1)}
        )
    training = {"client": client, "topic": "Т", "valid_until": today + timedelta(days=9)}
    with pytest.raises(ValidationError) as error:
        services.add_training(
            actor=writer, values=training | {"held_on": today + timedelta(days=1)}
        )
    assert "held_on" in error.value.message_dict
    foreign = world.row("accounts.training", "foreign")
    for refused in (
        lambda: services.add_training(
            actor=world.users["anna"],
            values=training | {"client": world.clients["foreign"], "held_on": today},
        ),
        lambda: services.update_training(
            actor=world.users["anna"], training=foreign, values={"people": 2}
        ),
        lambda: services.delete_fact(actor=world.users["anna"], row=foreign),
        lambda: services.add_gnd_record(
            actor=world.users["anna"], values={"client": client, "opened_on": today}
        ),
    ):
        with pytest.raises(Refused):
            refused()
    with pytest.raises(TypeError):
        services.delete_fact(actor=writer, row=client)


# --- money ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("paid", "expected"),
    [
        ([], None),
        ([(1, "99.99")], None),
        ([(1, "100.00")], 1),
        ([(5, "0.01"), (1, "99.99")], 5),
        ([(1, "60"), (2, "60"), (3, "60")], 2),
    ],
)
def test_settled_on(paid, expected):
    payments = [(date(2026, 9, day), Decimal(amount)) for day, amount in paid]
    day = date(2026, 9, expected) if expected else None
    assert settled_on(Decimal("100.00"), payments) == day


def test_payments_settle_and_unsettle_the_invoice(world, today, heard):
    writer, client = world.users["writer"], world.clients["own"]
    invoice = services.add_invoice(
        actor=writer,
        values={
            "client": client,
            "number": "7",
            "month": today.replace(day=1),
            "amount": Decimal("100.00"),
            "due_on": today,
        },
    )

    def state():
        return Invoice.objects.get(pk=invoice.pk).settled_on

    pay = {"invoice": invoice, "amount": Decimal("50.00")}
    services.record_payment(actor=writer, values=pay | {"paid_on": today - timedelta(days=2)})
    assert state() is None
    second = services.record_payment(actor=writer, values=pay | {"paid_on": today})
    assert state() == today
    services.update_payment(
        actor=writer, payment=second, values={"paid_on": today - timedelta(days=1)}, version=1
    )
    assert state() == today - timedelta(days=1)
    services.update_invoice(actor=writer, invoice=invoice, values={"amount": Decimal("100.01")})
    assert state() is None
    services.update_invoice(actor=writer, invoice=invoice, values={"amount": Decimal("50")})
    assert state() == today - timedelta(days=2)
    services.update_invoice(actor=writer, invoice=invoice, values={"amount": Decimal("100")})
    services.delete_payment(actor=writer, payment=second)
    assert state() is None
    assert set(map(tuple, heard)) == {(client.pk,)}
    with pytest.raises(ValidationError, match="платежи"):
        services.delete_invoice(actor=writer, invoice=invoice)
    services.delete_payment(actor=writer, payment=Payment.objects.get(invoice=invoice))
    services.delete_invoice(actor=writer, invoice=invoice)
    assert not Invoice.objects.filter(pk=invoice.pk).exists()


def test_money_refused(world, today):
    writer = world.users["writer"]
    invoice, payment = world.row("accounts.invoice"), world.row("accounts.payment")
    with pytest.raises(ValidationError):
        services.record_payment(
            actor=writer,
            values={"invoice": invoice, "amount": Decimal(1), "paid_on": today + timedelta(days=1)},
        )
    with pytest.raises(ValidationError, match="больше нуля"):
        services.record_payment(
            actor=writer, values={"invoice": invoice, "amount": Decimal(0), "paid_on": today}
        )
    foreign = world.row("accounts.invoice", "foreign")
    for change in (
        lambda: services.update_payment(actor=writer, payment=payment, values={"invoice": foreign}),
        lambda: services.update_invoice(
            actor=writer, invoice=invoice, values={"client": world.clients["foreign"]}
        ),
    ):
        with pytest.raises(ValidationError):
            change()
    for persona in ("anna", "galina", "zhanna"):
        with pytest.raises(Refused):
            services.delete_payment(actor=world.users[persona], payment=payment)


# --- feeds ----------------------------------------------------------------------------------
def test_a_feed_is_set_whether_or_not_it_was_known(world, today):
    Feed.objects.filter(code="gnd").delete()
    for day in (today - timedelta(days=2), today):
        services.set_feed(actor=world.users["elena"], code="gnd", fresh_through=day)
    assert Feed.objects.get(code="gnd").fresh_through == today
    with pytest.raises(ValidationError):
        services.set_feed(
            actor=world.users["elena"], code="gnd", fresh_through=today + timedelta(days=1)
        )
    with pytest.raises(ValidationError):
        services.set_feed(actor=world.users["elena"], code="weather", fresh_through=today)
    with pytest.raises(Refused):
        services.set_feed(actor=world.users["galina"], code="gnd", fresh_through=today)


def test_states_of_feeds_name_what_never_came(world, today):
    Feed.objects.filter(code="gnd").delete()
    Feed.objects.filter(code="usage").update(fresh_through=today - timedelta(days=5))
    states = {s.code: (s.age, s.is_late) for s in facts.feed_states(today)}
    assert states["gnd"] == (None, True)
    assert states["usage"] == (5, True)
    assert states["invoices"] == (1, False)


# --- reads of the card ----------------------------------------------------------------------
def test_months_run_back_over_the_year():
    assert facts.month_starts(date(2026, 2, 28), 3) == [
        date(2025, 12, 1),
        date(2026, 1, 1),
        date(2026, 2, 1),
    ]


def test_money_of_a_client(world, today):
    client = factories.client(world.staff["anna"], world.noio1)
    old = factories.invoice(
        client, month=date(2024, 1, 1), amount=Decimal(30), due_on=date(2024, 2, 1)
    )
    month = today.replace(day=1)
    invoice = factories.invoice(client, month=month, amount=Decimal(100), due_on=today)
    factories.payment(invoice, amount=Decimal(40))
    factories.payment(old, amount=Decimal(10), paid_on=date(2024, 3, 1))
    money = facts.money_of(client, today)
    assert (money.billed, money.paid, money.percent) == (Decimal(100), Decimal(40), Decimal(40))
    assert [i.pk for i in money.overdue] == [old.pk]  # due today is not overdue yet
    assert money.overdue_sum == Decimal(20)
    assert (len(money.months), money.months[-1].percent) == (12, Decimal(40))
    assert money.months[0].percent is None
    assert [p.invoice_id for p in facts.payments_of(client, month)] == [invoice.pk]


def test_usage_by_week_leaves_gaps_where_nothing_is_known(world, today):
    client = factories.client(
        world.staff["anna"], world.noio1, connected_on=today - timedelta(weeks=4)
    )
    factories.usage(client, 3, day=today - timedelta(days=8))
    factories.usage(client, 4, day=today - timedelta(days=9))
    Feed.objects.filter(code="usage").update(fresh_through=today - timedelta(days=7))
    weeks, series = facts.usage_of(client, today)
    kplus = {s.service.code: s for s in series}["kplus"]
    assert (len(weeks), weeks[-1]) == (52, date(2026, 9, 14))
    assert list(kplus.values[-5:]) == [0, 0, 0, 7, None]
    assert set(kplus.values[:-5]) == {None}
    assert kplus.total == 7


def test_rights_with_what_is_left_of_them(world, today):
    client = world.clients["own"]
    Entitlement.objects.filter(client=client).delete()
    for service, days in [("cok", -5), ("co", 30), ("kplus", 31), ("pe", 0)]:
        factories.entitlement(
            client, service, starts_on=today - timedelta(days=9),
            valid_until=today + timedelta(days=days), quota=4,
        )  # fmt: skip
    factories.usage(client, 3, service="co", day=today)
    factories.usage(client, 9, service="co", day=today.replace(day=1) - timedelta(days=1))
    rights = facts.rights_of(client, today)
    found = [(r.entitlement.service.code, r.days_left, r.is_soon, r.used) for r in rights]
    assert found == [
        ("pe", 0, True, 0),
        ("co", 30, True, 3),
        ("kplus", 31, False, 7),
        ("cok", -5, False, 0),
    ]


def test_open_gnd_records_come_first(world, today):
    client = world.clients["own"]
    factories.gnd_record(client, opened_on=today, closed_on=today)
    assert [r.closed_on for r in facts.gnd_of(client)] == [None, today]
    assert len(facts.trainings_of(client)) == 1


def test_history_names_people_instead_of_numbers(world, today, count_queries):
    client = world.clients["own"]
    for name in ("boris", "zoya", "anna"):
        services.assign_client(
            actor=world.users["galina"], client=client, specialist=world.staff[name], on=today
        )
    rows = selectors.history_of(client)
    with count_queries() as queries:
        entries = with_names(rows)
    assert len(queries) <= 3  # one for each model that is pointed at
    said = str([(e.before, e.after) for e in entries])
    assert str(world.staff["boris"]) in said
    assert "НОИО 1" in said
    first = selectors.history_of(client, limit=2)
    assert len(first) == 3
    older = selectors.history_of(client, before=first[1].pk, limit=2)
    assert older[0].pk < first[1].pk


def test_names_of_rows_that_are_gone_are_their_numbers(world):
    entry = AuditEntry(subject="accounts.client:1", before={"unit": 987654}, after={"unit": None})
    foreign = AuditEntry(subject="nothing.at_all:1", before={"x": 1}, after={})
    named, other = with_names([entry, foreign])
    assert named.before == {"unit": "№ 987654"}
    assert other.before == {"x": 1}


def test_new_and_lost_of_the_month(world, today):
    client = factories.client(world.staff["anna"], world.noio1, connected_on=today)
    services.disconnect_client(
        actor=world.users["elena"],
        client=world.clients["foreign"],
        values={"on": today, "reason": "цена"},
    )
    galina, elena = world.users["galina"], world.users["elena"]
    assert list(selectors.new_clients(galina, today)) == [client]
    assert [c.client for c in selectors.churns_of_month(elena, today)] == [world.clients["foreign"]]
    assert not selectors.churns_of_month(galina, today).exists()
    assert selectors.last_churn(world.clients["foreign"]).on == today
    assert selectors.substitution_of(world.clients["own"], today).substitute == world.staff["zoya"]
    assert selectors.substitution_of(world.clients["nobody"], today) is None
