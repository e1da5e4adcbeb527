"""The three writes: validated, versioned, audited, all or nothing."""

import threading
from datetime import date

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction

from accounts.models import Client
from core import services
from core.errors import Conflict
from core.models import AuditEntry
from needs.models import Need, Tool
from tests import factories
from tests.personas import World
from visits.models import Visit


@pytest.mark.django_db
def test_create_leaves_what_was_written(world: World) -> None:
    row = Client(name="  Ёлка\u200b  и  Ко ", inn=factories.inn(9_000), segment="retail")
    row.connected_on = date(2026, 1, 1)
    services.create(row, actor=world.users["elena"])
    entry = AuditEntry.objects.get(subject=f"accounts.client:{row.pk}")
    assert (entry.action, entry.actor, entry.before) == ("create", world.users["elena"], {})
    assert entry.after["name"] == "Ёлка и Ко"
    assert entry.about == entry.subject
    assert row.search_key.startswith("елка и ко 77")


@pytest.mark.django_db
def test_update_keeps_before_and_after_of_what_changed(world: World) -> None:
    client = world.clients["own"]
    fresh = services.update(
        client, {"competitor": "Иной", "is_key": False}, actor=world.users["anna"], version=1
    )
    entry = AuditEntry.objects.latest("id")
    assert fresh.version == 2
    assert entry.before == {"competitor": client.competitor}
    assert entry.after == {"competitor": "Иной"}


@pytest.mark.django_db
def test_a_write_that_changes_nothing_leaves_no_trace(world: World) -> None:
    client = world.clients["own"]
    before = AuditEntry.objects.count()
    same = {"name": f"  {client.name}  ", "is_key": client.is_key}
    assert services.update(client, same, actor=world.users["anna"]).version == 1
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db
def test_many_to_many_values_are_audited(world: World) -> None:
    need = world.row("needs.need")
    tool = Tool.objects.first()
    fresh = services.update(need, {"tools": [tool]}, actor=world.users["anna"])
    entry = AuditEntry.objects.latest("id")
    assert (entry.before, entry.after) == ({"tools": []}, {"tools": [tool.pk]})
    assert entry.about == f"accounts.client:{world.clients['own'].pk}"
    assert fresh.version == 2 and list(fresh.tools.all()) == [tool]


@pytest.mark.django_db
def test_a_stale_version_is_a_conflict_with_both_values(world: World) -> None:
    client = world.clients["own"]
    services.update(client, {"competitor": "Первый"}, actor=world.users["anna"], version=1)
    with pytest.raises(Conflict) as caught:
        services.update(client, {"competitor": "Второй"}, actor=world.users["galina"], version=1)
    assert caught.value.current.competitor == "Первый"
    assert caught.value.typed == {"competitor": "Второй"}
    with pytest.raises(Conflict):
        services.delete(client, actor=world.users["elena"], version=1)


@pytest.mark.django_db
def test_a_refused_value_writes_nothing(world: World) -> None:
    client = world.clients["own"]
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError) as caught:
        services.update(client, {"inn": "7700000000"}, actor=world.users["anna"])
    assert set(caught.value.message_dict) == {"inn"}
    client.refresh_from_db()
    assert client.inn != "7700000000"
    assert AuditEntry.objects.count() == before


@pytest.mark.django_db
def test_a_constraint_only_the_database_sees_is_a_message(world: World, monkeypatch) -> None:
    """Two requests that both pass validation: the second meets the unique index."""
    client = world.clients["own"]
    twin = Client(
        name="Двойник", inn=client.inn, kpp=client.kpp, segment="retail",
        connected_on=date(2026, 1, 1),
    )  # fmt: skip
    monkeypatch.setattr(Client, "validate_constraints", lambda self, exclude=None: None)
    with pytest.raises(ValidationError) as caught:
        services.create(twin, actor=world.users["elena"])
    assert caught.value.messages == ["Клиент с такими ИНН и КПП уже есть."]
    assert Client.objects.filter(name="Двойник").count() == 0


@pytest.mark.django_db
def test_another_integrity_error_is_not_swallowed(world: World) -> None:
    visit = Visit(client_id=world.clients["own"].pk, employee=world.staff["anna"], level="K1")
    visit.planned_for = date(2026, 9, 20)
    visit.full_clean = lambda *a, **k: None  # type: ignore[method-assign]
    visit.status = None  # type: ignore[assignment]
    with pytest.raises(IntegrityError), transaction.atomic():
        services.create(visit, actor=world.users["anna"])


@pytest.mark.django_db
def test_delete_keeps_the_last_values_and_refuses_what_is_used(world: World) -> None:
    training = world.row("accounts.training")
    services.delete(training, actor=world.users["galina"], version=1)
    entry = AuditEntry.objects.latest("id")
    assert entry.action == "delete" and entry.before["topic"] == training.topic
    before = AuditEntry.objects.count()
    with pytest.raises(ValidationError):
        services.delete(world.row("contacts.participant"), actor=world.users["elena"])
    assert AuditEntry.objects.count() == before
    assert Need.objects.filter(participant=world.row("contacts.participant")).exists()


@pytest.mark.django_db
def test_secrets_stay_out_of_the_log(world: World) -> None:
    services.update(world.users["anna"], {"middle_name": "Новое"}, actor=world.users["zhanna"])
    created = factories.user("fresh")
    services.update(created, {"password": "x" * 60}, actor=world.users["zhanna"])
    for entry in AuditEntry.objects.filter(subject__startswith="accounts.user"):
        assert "password" not in {**entry.before, **entry.after}


@pytest.mark.django_db
def test_a_value_that_the_log_hides_is_written_all_the_same(world: World) -> None:
    fact = world.row("bonuses.manualfact")
    fresh = services.update(fact, {"value": 55}, actor=world.users["elena"], version=fact.version)
    fact.refresh_from_db()
    assert (fact.value, fact.version, fresh.version) == (55, 2, 2)
    entry = AuditEntry.objects.latest("id")
    assert entry.subject == f"bonuses.manualfact:{fact.pk}"
    assert (entry.before, entry.after) == ({}, {})
    assert services.update(fact, {"value": 55}, actor=world.users["elena"]).version == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE core_auditentry SET label = 'другое'",
        "DELETE FROM core_auditentry",
    ],
)
def test_the_database_refuses_to_rewrite_the_log(world: World, sql: str) -> None:
    services.update(world.clients["own"], {"competitor": "Ж"}, actor=world.users["anna"])
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        connection.cursor().execute(sql)


@pytest.mark.django_db(transaction=True)
def test_of_two_editors_at_once_one_is_told(world: World) -> None:
    """Both saw version 1; both write at the same moment; nothing typed is lost silently."""
    outcomes: list[str] = []
    start = threading.Barrier(2)

    def edit(word: str) -> None:
        try:
            start.wait()
            services.update(
                world.clients["own"], {"competitor": word}, actor=world.users["anna"], version=1
            )
            outcomes.append("written")
        except Conflict:
            outcomes.append("told")
        finally:
            connection.close()

    threads = [threading.Thread(target=edit, args=(word,)) for word in ("Один", "Два")]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(outcomes) == ["told", "written"]
    assert Client.objects.get(pk=world.clients["own"].pk).version == 2
