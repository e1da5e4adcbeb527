"""Dictionaries in Django's admin: administrators alone, every write audited."""

from collections.abc import Callable
from typing import Any

import pytest

from contacts.models import ClientDepartment
from core.models import AuditEntry
from needs.models import NeedStage, Tool
from tests.personas import World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
PAGES = [
    "contacts/clientdepartment",
    "needs/needstage",
    "needs/tool",
    "needs/productadvantage",
]


@pytest.fixture(autouse=True)
def staff(world: World) -> None:
    """The mark that Django's admin asks for; the director's, by mistake, opens nothing."""
    for name in ("zhanna", "elena"):
        world.users[name].is_staff = True
        world.users[name].save()


@pytest.mark.parametrize("page", PAGES)
def test_administrators_alone(client_as: As, page: str) -> None:
    assert client_as("zhanna").get(f"/admin/{page}/").status_code == 200
    for name in ("elena", "anna", "anonymous"):
        assert client_as(name).get(f"/admin/{page}/").status_code in (302, 403)


def test_add_and_change_are_audited(world: World, client_as: As) -> None:
    browser = client_as("zhanna")
    browser.post("/admin/needs/tool/add/", {"name": "Конструктор", "is_active": "on"})
    row = Tool.objects.get(name="Конструктор")
    browser.post(f"/admin/needs/tool/{row.pk}/change/", {"name": "Конструктор договоров"})
    entries = AuditEntry.objects.filter(subject=f"needs.tool:{row.pk}").order_by("pk")
    assert [entry.action for entry in entries] == ["create", "update"]
    assert entries[1].after == {"name": "Конструктор договоров", "is_active": False}
    assert {entry.actor for entry in entries} == {world.users["zhanna"]}


def test_a_doubled_name_is_refused_in_the_form(client_as: As) -> None:
    name = Tool.objects.first().name
    page = client_as("zhanna").post("/admin/needs/tool/add/", {"name": name})
    assert page.status_code == 200
    assert Tool.objects.filter(name=name).count() == 1


def test_a_code_is_given_once(client_as: As) -> None:
    row = ClientDepartment.objects.get(code="hr")
    client_as("zhanna").post(
        f"/admin/contacts/clientdepartment/{row.pk}/change/",
        {"code": "other", "name": "Отдел кадров", "order": 3},
    )
    row.refresh_from_db()
    assert (row.code, row.name) == ("hr", "Отдел кадров")


def test_requirements_of_a_stage_are_ticked(client_as: As) -> None:
    row = NeedStage.objects.get(code="03")
    address = f"/admin/needs/needstage/{row.pk}/change/"
    data = {"label": "Внедрено", "is_on": "on", "requires": ["solution", "works"]}
    client_as("zhanna").post(address, data)
    row.refresh_from_db()
    assert (row.label, row.requires) == ("Внедрено", ["solution", "works"])
    refused = client_as("zhanna").post(address, data | {"requires": ["nonsense"]})
    assert refused.status_code == 200
    assert client_as("zhanna").get("/admin/needs/needstage/add/").status_code == 403
