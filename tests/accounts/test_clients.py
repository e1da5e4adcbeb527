"""Services of clients: created, changed, handed over, lost and won back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError

from accounts import services
from accounts.models import Assignment, Churn, Client
from accounts.signals import facts_changed
from core.audit import reference
from core.errors import Conflict, Refused
from core.models import AuditEntry
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def heard():
    """The ids of clients whose facts were said to have changed, call by call."""
    calls = []

    def listen(client_ids, **kwargs):
        calls.append(client_ids)

    facts_changed.connect(listen)
    yield calls
    facts_changed.disconnect(listen)


def values(**given):
    return {
        "name": "ООО «Ёлочка»",
        "inn": factories.inn(770_001),
        "kpp": "770101001",
        "segment": "retail",
        "connected_on": given.pop("connected_on", None),
    } | given


def spans(client):
    rows = Assignment.objects.filter(client=client).order_by("starts_on")
    return [(r.specialist_id, r.unit_id, r.starts_on, r.ends_on) for r in rows]


def audited(obj):
    return list(AuditEntry.objects.filter(subject=reference(obj)).values_list("action", flat=True))


# --- creation -------------------------------------------------------------------------------
def test_create_assigns_audits_and_announces(world, today, heard):
    anna = world.staff["anna"]
    client = services.create_client(
        actor=world.users["galina"],
        values=values(connected_on=today),
        specialist=anna,
        on=today,
    )
    assert (client.specialist, client.unit) == (anna, world.noio1)
    assert client.search_key.startswith("ооо «елочка» 77")
    assert spans(client) == [(anna.pk, world.noio1.pk, today, None)]
    assert audited(client) == ["update", "create"]
    assert "search_key" not in AuditEntry.objects.filter(subject=reference(client)).last().after
    assert heard == [[client.pk]]


def test_a_client_that_begins_later_is_assigned_from_then(world, today):
    start = today + timedelta(days=7)
    client = services.create_client(
        actor=world.users["elena"],
        values=values(connected_on=start),
        specialist=world.staff["anna"],
        on=today,
    )
    assert spans(client)[0][2] == start


def test_a_head_must_name_whose_the_client_is(world, today):
    with pytest.raises(ValidationError) as error:
        services.create_client(
            actor=world.users["galina"], values=values(connected_on=today), on=today
        )
    assert "specialist" in error.value.message_dict
    client = services.create_client(
        actor=world.users["elena"], values=values(connected_on=today), on=today
    )
    assert client.specialist is None


def test_a_head_gives_nothing_to_anothers_people(world, today):
    with pytest.raises(Refused):
        services.create_client(
            actor=world.users["galina"],
            values=values(connected_on=today),
            specialist=world.staff["vera"],
            on=today,
        )


@pytest.mark.parametrize("persona", ["anna", "zhanna", "igor"])
def test_who_may_not_create(world, today, persona):
    with pytest.raises(Refused):
        services.create_client(
            actor=world.users[persona], values=values(connected_on=today), on=today
        )


@pytest.mark.parametrize(
    ("field", "value"),
    [("inn", "7700000000"), ("inn", "123"), ("kpp", "77"), ("ogrn", "1"), ("name", "   ")],
)
def test_bad_requisites_are_named(world, today, field, value):
    with pytest.raises(ValidationError) as error:
        services.create_client(
            actor=world.users["elena"],
            values=values(connected_on=today, **{field: value}),
            on=today,
        )
    assert field in error.value.message_dict


def test_inn_and_kpp_are_unique_together(world, today):
    elena = world.users["elena"]
    services.create_client(actor=elena, values=values(connected_on=today), on=today)
    with pytest.raises(ValidationError, match="уже есть"):
        services.create_client(actor=elena, values=values(connected_on=today), on=today)
    branch = values(connected_on=today, kpp="770102001")
    assert services.create_client(actor=elena, values=branch, on=today).pk


# --- change ---------------------------------------------------------------------------------
def test_a_specialist_writes_the_portrait_and_nothing_else(world, heard):
    client, anna = world.clients["own"], world.users["anna"]
    changed = services.update_client(
        actor=anna, client=client, values={"portrait": "новый", "competitor": "Г"}, version=1
    )
    assert (changed.portrait, changed.version) == ("новый", 2)
    assert heard == []  # no lamp reads a portrait
    for field, value in [("name", "Другое"), ("is_key", True), ("segment", "network")]:
        with pytest.raises(Refused):
            services.update_client(actor=anna, client=client, values={field: value})
    client.refresh_from_db()
    assert client.version == 2


def test_a_substitute_writes_the_portrait_too(world):
    changed = services.update_client(
        actor=world.users["zoya"], client=world.clients["own"], values={"portrait": "от Зои"}
    )
    assert changed.portrait == "от Зои"


@pytest.mark.parametrize("persona", ["boris", "vera", "dmitry", "zhanna"])
def test_nobody_else_reaches_the_client(world, persona):
    with pytest.raises(Refused):
        services.update_client(
            actor=world.users[persona], client=world.clients["own"], values={"portrait": "x"}
        )


def test_requisites_change_announces_and_conflicts(world, heard):
    client, head = world.clients["own"], world.users["galina"]
    services.update_client(actor=head, client=client, values={"segment": "network"}, version=1)
    assert heard == [[client.pk]]
    with pytest.raises(Conflict) as conflict:
        services.update_client(actor=head, client=client, values={"is_key": True}, version=1)
    assert conflict.value.current.segment == "network"
    entry = AuditEntry.objects.filter(subject=reference(client), actor=head).first()
    assert (entry.before, entry.after) == ({"segment": "retail"}, {"segment": "network"})


# --- handing over ---------------------------------------------------------------------------
def test_assign_closes_the_open_row_and_opens_the_new(world, today, heard):
    client, anna, boris = world.clients["own"], world.staff["anna"], world.staff["boris"]
    begun = client.connected_on
    changed = services.assign_client(
        actor=world.users["galina"], client=client, specialist=boris, on=today, version=1
    )
    assert changed.specialist == boris
    assert spans(client) == [
        (anna.pk, world.noio1.pk, begun, today),
        (boris.pk, world.noio1.pk, today, None),
    ]
    assert heard == [[client.pk]]
    about = AuditEntry.objects.filter(about=reference(client), actor=world.users["galina"])
    assert about.count() == 3  # the closed row, the new one, the client itself


def test_the_same_day_again_replaces(world, today):
    client = world.clients["own"]
    for name in ("boris", "zoya"):
        services.assign_client(
            actor=world.users["galina"], client=client, specialist=world.staff[name], on=today
        )
    assert [s[0] for s in spans(client)] == [world.staff["anna"].pk, world.staff["zoya"].pk]


def test_to_the_present_specialist_is_no_change(world, today, heard):
    client = world.clients["own"]
    moved = services.assign_clients(
        actor=world.users["galina"],
        client_ids=[client.pk],
        specialist=world.staff["anna"],
        on=today,
    )
    assert (moved, heard, len(spans(client))) == (0, [], 1)


def test_assign_refuses_what_makes_no_history(world, today):
    client, head, boris = world.clients["own"], world.users["galina"], world.staff["boris"]
    for on, field in [
        (today + timedelta(days=1), "on"),
        (client.connected_on - timedelta(days=1), "specialist"),
    ]:
        with pytest.raises(ValidationError) as error:
            services.assign_client(actor=head, client=client, specialist=boris, on=on)
        assert field in error.value.message_dict
    services.assign_client(actor=head, client=client, specialist=boris, on=today)
    with pytest.raises(ValidationError, match="закреплён заново"):
        services.assign_client(
            actor=head,
            client=client,
            specialist=world.staff["zoya"],
            on=today - timedelta(days=5),
        )


def test_who_holds_no_position_serves_nobody(world, today):
    stranger = factories.employee()
    with pytest.raises(ValidationError) as error:
        services.assign_client(
            actor=world.users["elena"], client=world.clients["own"], specialist=stranger, on=today
        )
    assert "specialist" in error.value.message_dict


def test_a_head_hands_over_within_the_subtree_only(world, today):
    head = world.users["galina"]
    with pytest.raises(Refused):
        services.assign_client(
            actor=head, client=world.clients["own"], specialist=world.staff["vera"], on=today
        )
    with pytest.raises(Refused):
        services.assign_client(
            actor=head, client=world.clients["foreign"], specialist=world.staff["anna"], on=today
        )
    changed = services.assign_client(
        actor=world.users["elena"],
        client=world.clients["own"],
        specialist=world.staff["vera"],
        on=today,
    )
    assert changed.unit == world.noio2


def test_a_pool_moves_whole_or_not_at_all(world, today, heard):
    own, other = world.clients["own"], world.clients["foreign"]
    with pytest.raises(Refused):
        services.assign_clients(
            actor=world.users["galina"],
            client_ids=[own.pk, other.pk],
            specialist=world.staff["boris"],
            on=today,
        )
    assert len(spans(own)) == 1
    moved = services.assign_clients(
        actor=world.users["elena"],
        client_ids=[own.pk, other.pk],
        specialist=world.staff["boris"],
        on=today,
    )
    assert moved == 2
    assert heard == [sorted([own.pk, other.pk])]


def test_an_empty_or_endless_choice_is_refused(world, today):
    for ids in ([], range(1, 1003)):
        with pytest.raises(ValidationError):
            services.assign_clients(
                actor=world.users["elena"],
                client_ids=ids,
                specialist=world.staff["boris"],
                on=today,
            )


# --- disconnection --------------------------------------------------------------------------
def lose(world, on, **given):
    return services.disconnect_client(
        actor=world.users["galina"],
        client=world.clients["own"],
        values={"on": on, "reason": "цена", "competitor": "Г", "lost_monthly": Decimal("10.50")}
        | given,
    )


def test_disconnection_ends_the_service_and_keeps_whose_it_was(world, today, heard):
    churn = lose(world, today)
    client = Client.objects.get(pk=world.clients["own"].pk)
    assert (churn.on, client.disconnected_on, client.is_active) == (today, today, False)
    assert client.specialist == world.staff["anna"]
    assert spans(client)[-1][3] == today
    assert heard == [[client.pk]]
    assert Client.objects.visible_to(world.users["anna"]).filter(pk=client.pk).exists()
    with pytest.raises(ValidationError, match="уже отключён"):
        lose(world, today)


@pytest.mark.parametrize("days", [1, -5000])
def test_disconnection_has_a_day_within_the_service(world, today, days):
    with pytest.raises(ValidationError) as error:
        lose(world, today + timedelta(days=days))
    assert "on" in error.value.message_dict


def test_disconnection_before_the_last_handing_over_takes_it_back(world, today):
    client, head = world.clients["own"], world.users["galina"]
    services.assign_client(actor=head, client=client, specialist=world.staff["boris"], on=today)
    lose(world, today - timedelta(days=3))
    assert [s[3] for s in spans(client)] == [today - timedelta(days=3)]


def test_a_disconnected_client_is_not_handed_over(world, today):
    lose(world, today)
    with pytest.raises(ValidationError, match="отключён"):
        services.assign_client(
            actor=world.users["galina"],
            client=world.clients["own"],
            specialist=world.staff["boris"],
            on=today,
        )


def test_reconnection_opens_the_service_anew(world, today, heard):
    lose(world, today - timedelta(days=10))
    client = services.reconnect_client(
        actor=world.users["galina"], client=world.clients["own"], on=today
    )
    assert client.is_active
    assert [s[2:] for s in spans(client)] == [
        (client.connected_on, today - timedelta(days=10)),
        (today, None),
    ]
    assert Churn.objects.filter(client=client, on=today - timedelta(days=10)).exists()
    assert len(heard) == 2
    with pytest.raises(ValidationError):
        services.reconnect_client(actor=world.users["galina"], client=client, on=today)


def test_the_time_away_is_remembered(world, today):
    gone, own = today - timedelta(days=10), world.clients["own"]
    lose(world, gone)
    services.reconnect_client(actor=world.users["galina"], client=own, on=today)
    served = {
        day: Client.objects.active_on(today - timedelta(days=day)).filter(pk=own.pk).exists()
        for day in (0, 1, 10, 11)
    }
    assert served == {0: True, 1: False, 10: False, 11: True}
    with pytest.raises(ValidationError, match="подключён снова"):
        lose(world, today - timedelta(days=1))


def test_reconnection_the_same_day_undoes_the_mistake(world, today):
    lose(world, today)
    client = services.reconnect_client(
        actor=world.users["galina"], client=world.clients["own"], on=today
    )
    assert not Churn.objects.filter(client=client, on=today).exists()
    assert client.is_active


def test_reconnection_before_the_loss_and_to_nobody(world, today):
    lose(world, today)
    with pytest.raises(ValidationError) as error:
        services.reconnect_client(
            actor=world.users["galina"],
            client=world.clients["own"],
            on=today - timedelta(days=1),
        )
    assert "on" in error.value.message_dict
    nobody = world.clients["nobody"]
    elena = world.users["elena"]
    services.disconnect_client(
        actor=elena, client=nobody, values={"on": today, "reason": "закрылись"}
    )
    with pytest.raises(ValidationError) as error:
        services.reconnect_client(actor=elena, client=nobody, on=today)
    assert "specialist" in error.value.message_dict


def test_a_specialist_disconnects_nobody(world, today):
    with pytest.raises(Refused):
        services.disconnect_client(
            actor=world.users["anna"],
            client=world.clients["own"],
            values={"on": today, "reason": "цена"},
        )


def test_disconnection_sees_that_somebody_wrote_first(world, today):
    services.update_client(
        actor=world.users["galina"], client=world.clients["own"], values={"is_key": True}
    )
    with pytest.raises(Conflict):
        services.disconnect_client(
            actor=world.users["galina"],
            client=world.clients["own"],
            values={"on": today, "reason": "цена"},
            version=1,
        )
    assert not Churn.objects.filter(on=today).exists()


def test_a_loss_is_corrected_but_not_moved(world, today):
    churn = lose(world, today)
    head = world.users["galina"]
    changed = services.update_churn(
        actor=head, churn=churn, values={"reason": "слияние"}, version=1
    )
    assert changed.reason == "слияние"
    with pytest.raises(ValidationError):
        services.update_churn(actor=head, churn=churn, values={"on": today - timedelta(days=1)})
    with pytest.raises(Refused):
        services.update_churn(actor=world.users["dmitry"], churn=churn, values={"reason": "x"})
