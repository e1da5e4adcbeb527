"""REST of clients, staff and facts: what it takes, what it refuses, by which status."""

from datetime import timedelta

import pytest

from accounts.api import routes
from accounts.models import Assignment, Client, IndexationCampaign, Invoice, Service, Usage
from core.models import AuditEntry
from tests import factories
from tests.personas import MISSING

pytestmark = pytest.mark.django_db
V1 = "/api/v1/"


@pytest.fixture
def writer(api_as):
    return api_as("writer")


def payloads(world, today):
    """One valid body for each route that creates."""
    client = world.clients["own"].pk
    service = Service.objects.get(code="pe").pk
    day, later = today.isoformat(), (today + timedelta(days=30)).isoformat()
    person = factories.employee(world.noio1)
    day_after = {"starts_on": today, "effective_on": today + timedelta(days=30)}
    draft, _ = IndexationCampaign.objects.get_or_create(year=2032, defaults=day_after)
    return {
        "clients": {
            "name": "ООО «Новый»",
            "inn": factories.inn(616_161),
            "segment": "retail",
            "connected_on": day,
            "specialist": world.staff["boris"].pk,
        },
        "churns": {"client": client, "on": day, "reason": "цена"},
        "units": {"name": "Группа", "kind": "department", "parent": world.noio1.pk},
        "employees": {"last_name": "Я", "first_name": "Я", "hired_on": day},
        "positions": {
            "employee": person.pk,
            "unit": world.noio2.pk,
            "kind": "head",
            "starts_on": day,
        },
        "substitutions": {
            "absent": world.staff["boris"].pk,
            "substitute": world.staff["zoya"].pk,
            "starts_on": day,
            "ends_on": later,
        },
        "services": {"code": "probe", "label": "Проба"},
        "feeds": {"code": "gnd", "fresh_through": day},
        "usage": {"client": client, "service": service, "day": day, "quantity": 4},
        "entitlements": {
            "client": client,
            "service": service,
            "starts_on": day,
            "valid_until": later,
        },
        "trainings": {"client": client, "topic": "Т", "held_on": day, "valid_until": later},
        "gnd-records": {"client": client, "opened_on": day},
        "invoices": {
            "client": client,
            "month": today.replace(day=1).isoformat(),
            "amount": "10.50",
            "due_on": later,
        },
        "payments": {
            "invoice": world.row("accounts.invoice").pk,
            "paid_on": day,
            "amount": "1.00",
        },
        "contracts": {"client": client, "number": "Д-7", "kit": "Юрист", "starts_on": day},
        "contract-prices": {
            "contract": world.row("accounts.contract").pk,
            "effective_on": (today - timedelta(days=9)).isoformat(),
            "monthly": "1200.00",
        },
        "churn-causes": {"label": "Переезд", "is_active": True, "order": 9},
        "campaigns": {"year": 2031, "starts_on": day, "effective_on": later},
        "segment-plans": {
            "campaign": draft.pk,
            "segment": "retail",
            "percent": "15.00",
            "floor": "10.00",
            "ceiling": "20.00",
        },
        "targets": {
            "kind": "k1_visits",
            "unit": world.noio1.pk,
            "month": today.replace(day=1).isoformat(),
            "value": "40.00",
        },
        "calendar-days": {"on": day, "is_working": False, "note": "Переезд"},
    }


# Who creates what: integrations push, but dictionaries and leave are people's.
BY_PEOPLE = {"services": "elena", "substitutions": "elena", "targets": "elena"} | dict.fromkeys(
    ("churn-causes", "campaigns", "segment-plans"), "elena"
)


def test_every_route_creates_lists_reads(world, today, api_as):
    bodies = payloads(world, today)
    assert set(bodies) == {prefix for prefix, _ in routes} - {"assignments", "events", "offers"}
    for prefix, body in bodies.items():
        api = api_as(BY_PEOPLE.get(prefix, "writer"))
        made = api.post(f"{V1}{prefix}/", body, format="json")
        assert made.status_code == 201, (prefix, made.data)
        for name, value in body.items():
            assert str(made.data[name]) == str(value), (prefix, name)
        pk = made.data.get("id") or made.data["code"]
        read = api.get(f"{V1}{prefix}/{pk}/")
        assert read.data == made.data, prefix
        assert api.get(f"{V1}{prefix}/").status_code == 200


def test_every_route_refuses_unknown_fields_parameters_and_readers(world, today, api_as):
    for prefix, body in payloads(world, today).items():
        api = api_as(BY_PEOPLE.get(prefix, "writer"))
        strange = api.post(f"{V1}{prefix}/", body | {"zzz": 1}, format="json")
        assert strange.status_code == 400, prefix
        assert strange.json()["errors"][0]["field"] == "zzz"
        assert api.get(f"{V1}{prefix}/", {"zzz": 1}).status_code == 400
        assert api_as("reader").post(f"{V1}{prefix}/", body, format="json").status_code == 403
        assert api_as("anonymous").get(f"{V1}{prefix}/").status_code == 401
        missing = "weather" if prefix == "feeds" else MISSING
        assert api.get(f"{V1}{prefix}/{missing}/").status_code == 404


def test_accounts_keys_and_the_log_have_no_routes(writer):
    for prefix in ("users", "tokens", "audit", "apitokens"):
        assert writer.get(f"{V1}{prefix}/").status_code == 404


def test_a_foreign_row_is_a_missing_one(world, api_as):
    api = api_as("anna")
    bodies = []
    for pk in (world.clients["foreign"].pk, MISSING):
        answer = api.get(f"{V1}clients/{pk}/")
        assert answer.status_code == 404
        bodies.append({k: v for k, v in answer.json().items() if k != "request_id"})
    assert bodies[0] == bodies[1]
    found = api.get(f"{V1}clients/").json()["results"]
    assert [c["id"] for c in found] == [world.clients["own"].pk]
    assert (
        api.get(f"{V1}invoices/", {"client": world.clients["foreign"].pk}).json()["results"] == []
    )


def test_versions_are_asked_for_and_compared(world, writer):
    address = f"{V1}clients/{world.clients['own'].pk}/"
    read = writer.get(address)
    assert read["ETag"].startswith('W/"1.')
    assert writer.patch(address, {"is_key": True}, format="json").status_code == 428
    good = writer.patch(address, {"is_key": True}, format="json", headers={"If-Match": 'W/"1"'})
    assert (good.status_code, good["ETag"][:5]) == (200, 'W/"2.')
    stale = writer.patch(address, {"is_key": False}, format="json", headers={"If-Match": 'W/"1"'})
    assert stale.status_code == 412


def test_an_answer_that_other_rows_changed_is_sent_again(world, writer):
    """The price of a contract stands in rows of its own: the contract's version says nothing."""
    contract = world.row("accounts.contract")
    address = f"{V1}contracts/{contract.pk}/"
    read = writer.get(address)
    assert writer.get(address, headers={"If-None-Match": read["ETag"]}).status_code == 304
    contract.prices.update(monthly=7)
    again = writer.get(address, headers={"If-None-Match": read["ETag"]})
    assert (again.status_code, again.json()["price"]) == (200, "7.00")
    assert again.json()["version"] == read.json()["version"]


def test_a_specialist_writes_the_portrait_and_no_requisites(world, api_as):
    api, address = api_as("anna"), f"{V1}clients/{world.clients['own'].pk}/"
    head = {"If-Match": 'W/"1"'}
    for body in ({"name": "Другое"}, {"specialist": world.staff["boris"].pk}):
        answer = api.patch(address, body, format="json", headers=head)
        assert answer.status_code in {400, 403}, body
    for name in ("unit", "disconnected_on", "version", "id"):
        answer = api.patch(address, {name: 1}, format="json", headers=head)
        assert answer.status_code == 400, name
    good = api.patch(address, {"portrait": "новый"}, format="json", headers=head)
    assert (good.status_code, good.json()["portrait"]) == (200, "новый")


def test_a_new_specialist_is_a_handing_over(world, writer, today):
    client = world.clients["own"]
    body = {"specialist": world.staff["vera"].pk, "is_key": True}
    answer = writer.patch(
        f"{V1}clients/{client.pk}/", body, format="json", headers={"If-Match": 'W/"1"'}
    )
    assert answer.status_code == 200
    assert answer.json()["unit"] == world.noio2.pk
    assert Assignment.objects.filter(client=client, starts_on=today, ends_on=None).exists()
    alone = writer.patch(
        f"{V1}clients/{client.pk}/",
        {"specialist": world.staff["anna"].pk},
        format="json",
        headers={"If-Match": 'W/"1"'},
    )
    assert alone.status_code == 412


def test_a_head_creates_nothing_out_of_reach(world, api_as, today):
    api, body = api_as("galina"), payloads(world, today)["clients"]
    assert api.post(f"{V1}clients/", body, format="json").status_code == 201
    orphan = {k: v for k, v in body.items() if k != "specialist"} | {"inn": factories.inn(77)}
    answer = api.post(f"{V1}clients/", orphan, format="json")
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (400, "specialist")
    vera = orphan | {"specialist": world.staff["vera"].pk}
    assert api.post(f"{V1}clients/", vera, format="json").status_code == 400
    assert not Client.objects.filter(inn=factories.inn(77)).exists()


def test_a_loss_disconnects(world, writer, today):
    client = world.clients["foreign"]
    body = {"client": client.pk, "on": today.isoformat(), "reason": "цена"}
    made = writer.post(f"{V1}churns/", body, format="json")
    assert made.status_code == 201
    client.refresh_from_db()
    assert client.disconnected_on == today
    twice = writer.post(f"{V1}churns/", body, format="json")
    assert twice.status_code == 400
    changed = writer.patch(
        f"{V1}churns/{made.data['id']}/",
        {"reason": "слияние"},
        format="json",
        headers={"If-Match": made["ETag"]},
    )
    assert changed.json()["reason"] == "слияние"


def test_usage_is_written_over_and_in_batches(world, writer, today):
    body = payloads(world, today)["usage"]
    for quantity in (4, 6):
        answer = writer.post(f"{V1}usage/", body | {"quantity": quantity}, format="json")
        assert (answer.status_code, answer.data["quantity"]) == (201, quantity)
    rows = [body | {"day": (today - timedelta(days=n)).isoformat()} for n in range(50)]
    batch = writer.post(f"{V1}usage/batch/", {"rows": rows}, format="json")
    assert (batch.status_code, batch.json()) == (200, {"written": 50})
    assert Usage.objects.filter(service_id=body["service"]).count() == 50
    for wrong in (
        {"rows": []},
        {"rows": [body, body | {"quantity": -1}]},
        {"rows": [body | {"client": MISSING}]},
        {"rows": [body | {"zzz": 1}]},
        {},
    ):
        assert writer.post(f"{V1}usage/batch/", wrong, format="json").status_code == 400, wrong
    for method in ("patch", "put", "delete"):
        answer = getattr(writer, method)(f"{V1}usage/{Usage.objects.first().pk}/")
        assert answer.status_code == 405


def test_a_batch_asks_little_of_the_database(world, writer, today, count_queries):
    body = payloads(world, today)["usage"]
    clients = [world.clients[w].pk for w in ("own", "colleague", "foreign")]

    def send(days):
        rows = [
            body | {"client": pk, "day": (today - timedelta(days=n)).isoformat()}
            for n in range(days)
            for pk in clients
        ]
        with count_queries() as queries:
            assert (
                writer.post(f"{V1}usage/batch/", {"rows": rows}, format="json").status_code == 200
            )
        return len(queries)

    send(1)  # the key is marked as used once a minute
    assert send(2) == send(40)


def test_payments_settle_through_the_api(world, writer, today):
    invoice = writer.post(f"{V1}invoices/", payloads(world, today)["invoices"], format="json").data
    pay = {"invoice": invoice["id"], "paid_on": today.isoformat(), "amount": "10.50"}
    payment = writer.post(f"{V1}payments/", pay, format="json")
    address = f"{V1}payments/{payment.data['id']}/"
    assert writer.get(f"{V1}invoices/{invoice['id']}/").data["settled_on"] == today.isoformat()
    assert writer.delete(address).status_code == 428
    assert writer.delete(address, headers={"If-Match": 'W/"9"'}).status_code == 412
    assert writer.delete(address, headers={"If-Match": payment["ETag"]}).status_code == 204
    assert Invoice.objects.get(pk=invoice["id"]).settled_on is None
    assert writer.get(address).status_code == 404
    assert (
        writer.post(
            f"{V1}invoices/", payloads(world, today)["invoices"] | {"amount": "0"}, format="json"
        ).status_code
        == 400
    )


def test_facts_are_deleted_by_those_who_feed(world, writer, api_as):
    for prefix, label in [
        ("entitlements", "accounts.entitlement"),
        ("trainings", "accounts.training"),
        ("gnd-records", "accounts.gndrecord"),
    ]:
        address = f"{V1}{prefix}/{world.row(label).pk}/"
        head = {"If-Match": 'W/"1"'}
        assert api_as("anna").delete(address, headers=head).status_code == 403
        assert api_as("boris").delete(address, headers=head).status_code in {403, 404}
        assert writer.delete(address, headers=head).status_code == 204
    assert AuditEntry.objects.filter(action="delete").count() == 3
    services = f"{V1}services/{Service.objects.first().pk}/"
    assert writer.delete(services).status_code == 405


def test_filters_are_those_of_the_pages(world, writer):
    def found(prefix, **query):
        answer = writer.get(f"{V1}{prefix}/", query)
        assert answer.status_code == 200, answer.data
        return len(answer.json()["results"])

    own = world.clients["own"]
    assert found("clients", q=own.inn) == 1
    assert found("clients", unit=world.division.pk) == 3
    assert found("clients", status="disconnected") == 0
    assert found("assignments", client=own.pk, is_open="true") == 1
    assert found("employees", unit=world.noio2.pk, kind="head") == 1
    assert found("employees", q="ГАЛИНА") == 1
    assert found("positions", kind="head", is_open="true") == 2
    assert found("substitutions", current="true") == 1
    assert found("substitutions", current="false") == 0
    assert found("units", parent=world.division.pk) == 2
    assert found("services", code="cok") == 1
    assert found("feeds", code="gnd") == 1
    assert found("usage", client=own.pk, day_after="2026-09-01") == 1
    assert found("entitlements", client=own.pk) == 1
    assert found("trainings", valid_until_before="2020-01-01") == 0
    assert found("gnd-records", is_open="true") == 4
    assert found("invoices", unsettled="true", client=own.pk) == 1
    assert found("payments", client=own.pk) == 1
    assert found("payments", invoice=world.row("accounts.invoice").pk) == 1
    assert found("churns", unit=world.noio1.pk) == 2
    for wrong in ({"client": "x"}, {"client": "0"}, {"client": "9" * 30}):
        assert writer.get(f"{V1}invoices/", wrong).status_code == 400


def test_lists_cost_the_same_for_few_rows_and_many(world, api_as, count_queries):
    def costs():
        found = {}
        for prefix, _ in routes:
            api = api_as("galina")
            api.get(f"{V1}{prefix}/")
            with count_queries() as queries:
                assert api.get(f"{V1}{prefix}/", {"page_size": 200}).status_code == 200
            found[prefix] = len(queries)
        return found

    few = costs()
    for _ in range(40):
        client = factories.client(factories.employee(world.noio1), world.noio1)
        factories.usage(client)
        factories.payment(factories.invoice(client))
        factories.training(client)
        factories.entitlement(client)
        factories.gnd_record(client)
        factories.churn(client)
    assert costs() == few
