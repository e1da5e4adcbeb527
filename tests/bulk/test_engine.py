"""Bulk calls: an answer for each row, nothing by halves, the second time nothing at all."""

from collections.abc import Callable
from typing import Any

import pytest

from accounts.models import Assignment, Client, Employee, Usage
from contacts.models import Person
from core.models import AuditEntry
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db


def outcomes(answer: Any) -> list[str]:
    return [row["outcome"] for row in answer.json()["rows"]]


def errors(answer: Any, index: int = 0) -> dict[str, str]:
    return {e["field"]: e["message"] for e in answer.json()["rows"][index]["errors"]}


def test_a_client_is_created_and_the_same_batch_twice_changes_nothing(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    company["specialist"] = str(world.staff["anna"])
    first = load("clients", [company])
    assert (first.status_code, outcomes(first)) == (200, ["created"])
    client = Client.objects.get(external_id="K-1")
    assert (client.specialist, client.unit) == (world.staff["anna"], world.noio1)
    assert Assignment.objects.get(client=client).starts_on.isoformat() == "2026-09-16"
    audits, version = AuditEntry.objects.count(), client.version
    second = load("clients", [company])
    assert outcomes(second) == ["unchanged"]
    client.refresh_from_db()
    assert (AuditEntry.objects.count(), client.version) == (audits, version)


def test_a_known_client_without_a_code_takes_the_one_it_comes_with(
    world: World, load: Callable[..., Any]
) -> None:
    client = factories.client(name="ООО Прежняя", inn=factories.inn(501), kpp="770101001")
    row = {"external_id": "K-2", "inn": client.inn, "kpp": client.kpp, "name": "ООО Новое имя"}
    answer = load("clients", [row])
    assert outcomes(answer) == ["updated"]
    was, client = client, Client.objects.get(pk=client.pk)
    assert (client.external_id, client.name, client.version) == ("K-2", "ООО Новое имя", 2)
    assert client.search_key.startswith("ооо новое имя"), was
    entry = AuditEntry.objects.get(subject=f"accounts.client:{client.pk}")
    assert entry.after == {"external_id": "K-2", "name": "ООО Новое имя"}


def test_a_specialist_in_a_row_hands_the_client_over(
    world: World, load: Callable[..., Any]
) -> None:
    client = world.clients["own"]
    row = {"external_id": client.external_id, "specialist": str(world.staff["boris"])}
    assert outcomes(load("clients", [row])) == ["updated"]
    client.refresh_from_db()
    assert client.specialist == world.staff["boris"]
    assert Assignment.objects.get(client=client, ends_on=None).specialist == world.staff["boris"]
    assert outcomes(load("clients", [row])) == ["unchanged"]


def test_all_or_nothing_writes_nothing_and_best_effort_the_good_rows(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    bad = company | {"external_id": "K-3", "inn": "7707083890", "kpp": ""}
    whole = load("clients", [company, bad])
    assert (whole.json()["applied"], outcomes(whole)) == (False, ["created", "refused"])
    assert errors(whole, 1) == {"inn": "Контрольные цифры ИНН не сходятся."}
    assert not Client.objects.filter(external_id="K-1").exists()
    some = load("clients", [company, bad], mode="best_effort")
    assert (some.json()["applied"], outcomes(some)) == (True, ["created", "refused"])
    assert Client.objects.filter(external_id="K-1").exists()


def test_a_dry_run_tells_the_same_and_writes_nothing(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    before = AuditEntry.objects.count()
    dry = load("clients", [company], dry_run=True).json()
    assert (dry["applied"], dry["created"], dry["rows"][0]["id"]) == (False, 1, None)
    assert not Client.objects.filter(external_id="K-1").exists()
    assert AuditEntry.objects.count() == before


def test_unknown_fields_are_refused_by_name(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    assert errors(load("clients", [company | {"unit": 1}])) == {"unit": "Поле неизвестно."}
    answer = load("clients", [company], force=True)
    assert answer.status_code == 400
    assert answer.json()["errors"] == [{"field": "force", "message": "Поле неизвестно."}]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"rows": []}, "rows"),
        ({"rows": "x"}, "rows"),
        ({"rows": [1]}, "rows.0"),
        ({"rows": [{}], "mode": "some"}, "mode"),
        ({"rows": [{}], "dry_run": 1}, "dry_run"),
        ({"rows": [{}] * 5001}, "rows"),
        ([], "rows"),
    ],
)
def test_a_wrong_body_is_refused_at_its_field(
    world: World, api_as: Callable[[str], Any], body: Any, field: str
) -> None:
    answer = api_as("writer").post("/api/v1/bulk/usage/", body, format="json")
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["field"] == field


def test_another_s_client_answers_like_a_missing_one(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    """A head may load clients, of their own specialists; another's is as unknown as none."""
    foreign = world.clients["foreign"]
    told = company | {"specialist": str(world.staff["anna"])}
    mine = told | {"inn": foreign.inn, "kpp": foreign.kpp}
    answer = load("clients", [mine], persona="galina")
    assert errors(answer) == {"": "Клиент с такими ИНН и КПП уже есть."}
    assert foreign.name not in answer.content.decode()


def test_a_head_names_a_specialist_of_their_own(
    world: World, load: Callable[..., Any], company: dict[str, Any]
) -> None:
    assert errors(load("clients", [company], persona="galina")) == {
        "specialist": "Укажите, кто будет вести клиента."
    }
    others = company | {"specialist": str(world.staff["vera"])}
    assert load("clients", [others], persona="galina").json()["applied"] is False


@pytest.mark.parametrize("persona", ["anna", "zhanna", "reader"])
def test_who_may_not_load_is_refused(world: World, load: Callable[..., Any], persona: str) -> None:
    assert load("usage", [{}], persona=persona).status_code == 403


def usage_row(client: Client, day: str = "2026-09-10", quantity: Any = 3) -> dict[str, Any]:
    return {"inn": client.inn, "service": "kplus", "day": day, "quantity": quantity}


def test_usage_is_written_changed_and_left_alone(world: World, load: Callable[..., Any]) -> None:
    client = world.clients["own"]
    rows = [usage_row(client), usage_row(client, "11.09.2026", "1 004")]
    first = load("usage", rows)
    assert outcomes(first) == ["created", "created"]
    assert "прочитано как 1004" in first.json()["rows"][1]["notes"][0]
    audits = AuditEntry.objects.count()
    assert outcomes(load("usage", rows)) == ["unchanged", "unchanged"]
    assert AuditEntry.objects.count() == audits
    again = load("usage", [usage_row(client, quantity=4), rows[1]])
    assert outcomes(again) == ["updated", "unchanged"]
    found = Usage.objects.filter(client=client, day__in=["2026-09-10", "2026-09-11"])
    assert sorted(found.values_list("quantity", flat=True)) == [4, 1004]


@pytest.mark.parametrize(
    ("change", "field", "message"),
    [
        ({"quantity": -1}, "quantity", "Не может быть отрицательным."),
        ({"quantity": "NaN"}, "quantity", "«NaN» — не число."),
        ({"quantity": "=cmd()"}, "quantity", "«=cmd()» — не число."),
        ({"quantity": None}, "quantity", "Обязательное поле."),
        ({"quantity": True}, "quantity", "Это не число."),
        ({"day": "01.01.1900"}, "day", "01.01.1900: раньше 01.01.2000 не бывает."),
        ({"day": "2026-09-17"}, "day", "Дата ещё не наступила."),
        ({"service": "неведомый"}, "service", "Такого сервиса нет."),
        ({"inn": "7707083893"}, "inn", "Клиент не найден."),
        ({"inn": None}, "", "Укажите клиента: его код в КИС, номер или ИНН."),
        ({"client": 987654321}, "client", "Клиент не найден."),
        ({"kpp": "770101009"}, "inn", "Клиент не найден."),
    ],
)
def test_a_wrong_row_is_refused_with_its_reason(
    world: World, load: Callable[..., Any], change: dict[str, Any], field: str, message: str
) -> None:
    assert errors(load("usage", [usage_row(world.clients["own"]) | change])) == {field: message}


def test_two_rows_that_mean_one_thing_are_refused(world: World, load: Callable[..., Any]) -> None:
    client = world.clients["own"]
    other = usage_row(client) | {"inn": None, "client_external_id": client.external_id}
    answer = load("usage", [usage_row(client), other])
    assert errors(answer, 1) == {"": "То же, что в строке 0."}


def test_queries_do_not_grow_with_rows(
    world: World, load: Callable[..., Any], count_queries: Callable[[], Any]
) -> None:
    def rows(start: int, count: int) -> list[dict[str, Any]]:
        return [
            {
                "external_id": f"Q-{n}",
                "name": f"ООО Ряд {n}",
                "inn": factories.inn(n),
                "segment": "Сети",
                "connected_on": "2026-01-01",
                "specialist": str(world.staff["anna"]),
            }
            for n in range(start, start + count)
        ]

    load("clients", rows(1000, 1))
    with count_queries() as few:
        assert load("clients", rows(2000, 2)).json()["created"] == 2
    with count_queries() as many:
        assert load("clients", rows(3000, 60)).json()["created"] == 60
    assert len(many) == len(few)
    clients = Client.objects.filter(external_id__startswith="Q-")

    def used(count: int) -> list[dict[str, Any]]:
        return [usage_row(client) for client in clients[:count]]

    with count_queries() as few:
        load("usage", used(2))
    with count_queries() as many:
        assert load("usage", used(60)).json()["created"] == 58
    assert len(many) == len(few)


@pytest.mark.parametrize("resource", ["staff", "participants"])
def test_new_people_are_written_together_and_a_refused_one_leaves_nothing(
    world: World, load: Callable[..., Any], count_queries: Callable[[], Any], resource: str
) -> None:
    """Two tables for a person: the queries do not grow, and of a bad row nothing stays."""
    of = {
        "staff": {"hired_on": "2026-09-01", "unit": "НОИО 1", "position": "Специалист"},
        "participants": {"inn": world.clients["own"].inn, "roles": "ЛПР, КлП", "phone": ""},
    }[resource]

    def rows(start: int, count: int) -> list[dict[str, Any]]:
        return [
            of | {"external_id": f"W-{n}", "last_name": f"Новая{n}", "first_name": "Нина"}
            for n in range(start, start + count)
        ]

    load(resource, rows(0, 1))
    with count_queries() as few:
        assert load(resource, rows(10, 2)).json()["created"] == 2
    with count_queries() as many:
        assert load(resource, rows(100, 40)).json()["created"] == 40
    assert len(many) == len(few)
    with count_queries() as again:
        assert load(resource, rows(100, 40)).json()["unchanged"] == 40
    assert len(again) < len(few)
    before = (Person.objects.count(), Employee.objects.count(), AuditEntry.objects.count())
    bad = rows(200, 3)
    bad[1] |= {"first_name": "Н" * 90, "last_name": "Ф" * 90, "middle_name": "О" * 101}
    bad[2] |= {"position_from": "2020-01-01"} if resource == "staff" else {"phone": "12"}
    answer = load(resource, bad, mode="best_effort")
    assert outcomes(answer) == ["created", "refused", "refused"]
    made = AuditEntry.objects.filter(action="create").count()
    counts = (Person.objects.count(), Employee.objects.count(), AuditEntry.objects.count())
    if resource == "staff":  # an employee and a position
        assert counts == (before[0], before[1] + 1, before[2] + 2), made
    else:  # a person, a place, two roles
        assert counts == (before[0] + 1, before[1], before[2] + 4), made


def test_a_place_that_is_refused_takes_its_person_back(
    world: World, load: Callable[..., Any]
) -> None:
    """The code stands in another's scheme: known only when the person is written already."""
    foreign = world.row("contacts.participant", "foreign")
    row = {"inn": world.clients["own"].inn, "last_name": "Орлова", "first_name": "Ольга"}
    people = Person.objects.count()
    rows = [row | {"external_id": foreign.external_id}, row | {"external_id": "W-1"}]
    answer = load("participants", rows, persona="anna", mode="best_effort")
    assert outcomes(answer) == ["refused", "created"]
    assert errors(answer) == {"external_id": "Такое значение поля «код в КИС» уже есть."}
    assert Person.objects.count() == people + 1
    assert AuditEntry.objects.filter(subject__startswith="contacts.person:").count() == 1
