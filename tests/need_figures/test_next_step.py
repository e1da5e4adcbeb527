"""Help towards the next step: days against the median, the head's list, similar solved needs."""

import re
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import Client
from contacts.models import ClientDepartment
from needs.models import Need, NeedStep
from needs.selectors.similar import similar_to
from needs.selectors.waits import wait_of
from tests.figures.builders import clients
from tests.need_figures import builders
from tests.need_figures.conftest import Centre

pytestmark = pytest.mark.django_db
TODAY = date(2026, 9, 16)
QUOTE = "считали бы вручную две недели"


def solved(centre: Centre, name: str, client: Client, reached: int = 3, **given: Any) -> Need:
    """A need of a specialist that reached so many stages in spring."""
    card = {
        "title": "Секретное название",
        "difficulties": "Бухгалтер боится проверки субсидий",
        "key_need": "Отчитываться о субсидиях без ошибок",
        "solution": "Типовая ситуация по субсидиям в избранном",
        "effect": QUOTE,
    }
    need = builders.write(
        client,
        centre.staff[name],
        centre.unit_of(name),
        date(2026, 4, 1),
        reached,
        **(card | given),
    )
    return builders.save([need], centre.staff["elena"])[0]


def alone(need: Need) -> None:
    """Take every other need away, the confirmed ones a step back first: they stay otherwise."""
    others = Need.objects.exclude(pk=need.pk)
    NeedStep.objects.filter(need__in=others).delete()
    others.update(stage=None, stage_on=None)
    others.delete()


@pytest.fixture
def asked(centre: Centre) -> Need:
    """A need of Anna's client about subsidies, not yet solved."""
    return solved(
        centre, "anna", centre.pools["anna"][0], 1,
        title="Проверка субсидии", solution="", effect="",
    )  # fmt: skip


def test_words_are_found_in_any_form(centre: Centre, asked: Need) -> None:
    near = solved(centre, "anna", centre.pools["anna"][1])
    far = solved(
        centre, "anna", centre.pools["anna"][2],
        difficulties="Кадры", key_need="Отпуска", solution="График", title="Кадры",
    )  # fmt: skip
    found = [item.need for item in similar_to(asked, centre.users["anna"])]
    assert found[0] == near
    assert far not in found


def test_only_what_reached_an_effect_is_shown(centre: Centre, asked: Need) -> None:
    solved(centre, "anna", centre.pools["anna"][1], 2)
    assert similar_to(asked, centre.users["anna"]) == []


def test_tools_and_departments_bring_what_words_do_not(centre: Centre, asked: Need) -> None:
    other = {"difficulties": "Кадры", "key_need": "Отпуска", "title": "Кадры", "solution": "График"}
    with_tool = solved(centre, "anna", centre.pools["anna"][1], **other)
    lawyers = ClientDepartment.objects.get(code="legal")
    same = solved(
        centre, "anna", centre.pools["anna"][2], **(other | {"solution": "Отчёт"}),
        department=lawyers,
    )  # fmt: skip
    with_tool.tools.add(1)
    asked.tools.add(1)
    Need.objects.filter(pk=asked.pk).update(department=lawyers)
    asked.refresh_from_db()
    found = {item.need: item.reasons for item in similar_to(asked, centre.users["anna"])}
    assert found == {with_tool: ("те же инструменты",), same: ("тот же отдел клиента",)}


def test_another_pools_client_is_not_named(centre: Centre, asked: Need) -> None:
    stranger = centre.pools["vera"][0]
    theirs = solved(centre, "vera", stranger, solution="Типовая ситуация по субсидиям, иначе")
    own = solved(centre, "anna", centre.pools["anna"][1], effect="свои слова клиента")
    page = reverse("need_similar", args=[asked.pk])
    body = centre.browser("anna").get(page).content.decode()
    assert "другой клиент, Сети" in body
    assert body.count("Типовая ситуация по субсидиям") == 2
    for leak in (stranger.name, f"/needs/{theirs.pk}/", f"/clients/{stranger.pk}/", QUOTE):
        assert leak not in body, leak
    assert body.count("Секретное название") == 1
    assert "свои слова клиента" in body
    assert f"/needs/{own.pk}/" in body
    body = centre.browser("elena").get(page).content.decode()
    assert stranger.name in body
    assert QUOTE in body


def test_a_need_of_another_pool_has_no_page_of_similar(centre: Centre) -> None:
    theirs = solved(centre, "vera", centre.pools["vera"][0])
    page = reverse("need_similar", args=[theirs.pk])
    assert centre.browser("anna").get(page).status_code == 404


def test_similar_in_a_constant_number_of_queries(
    centre: Centre, asked: Need, count_queries: Callable[[], Any]
) -> None:
    def queries() -> int:
        similar_to(asked, centre.users["anna"])
        with count_queries() as found:
            similar_to(asked, centre.users["anna"], limit=50)
        return len(found)

    for client in clients(3):
        solved(centre, "boris", client).tools.add(1)
    few = queries()
    for client in clients(30):
        solved(centre, "boris", client).tools.add(1)
    assert queries() == few


def moved(centre: Centre, name: str, days: list[int]) -> None:
    """Needs that went on from the first stage after so many days."""
    for n, (client, stood) in enumerate(zip(clients(len(days)), days, strict=True)):
        need = solved(centre, name, client, 2)
        first, second = need.steps.order_by("on")
        second.on = first.on + timedelta(days=stood)
        second.recorded_at += timedelta(days=stood)
        second.save()
        Need.objects.filter(pk=need.pk).update(stage_on=second.on, priority=1 + n % 3)


def test_days_stand_beside_the_median_of_the_department(centre: Centre, asked: Need) -> None:
    alone(asked)
    moved(centre, "anna", [2, 4, 6, 8, 20])
    moved(centre, "vera", [100] * 5)
    wait = wait_of(asked, asked.stage_on + timedelta(days=7))
    assert wait is not None
    assert (wait.days, wait.median, wait.number, wait.is_of_unit) == (7, 6, 5, True)
    assert wait.is_longer
    assert not wait.is_few


def test_too_few_are_compared_with_the_centre(centre: Centre, asked: Need) -> None:
    alone(asked)
    moved(centre, "anna", [2, 4])
    moved(centre, "vera", [7, 10])
    wait = wait_of(asked, asked.stage_on + timedelta(days=3))
    assert wait is not None
    assert (str(wait.median), wait.number, wait.is_of_unit) == ("5.5", 4, False)
    assert wait.is_few
    assert not wait.is_longer


def test_nothing_to_compare_with_is_said(centre: Centre, asked: Need) -> None:
    alone(asked)
    body = centre.browser("anna").get(reverse("need", args=[asked.pk])).content.decode()
    assert "сравнить пока не с чем" in body


def test_a_need_that_is_done_or_dropped_waits_for_nothing(centre: Centre) -> None:
    done = next(n for n in centre.needs["anna"] if n.stage and n.stage.code == "06")
    assert wait_of(done, TODAY) is None
    assert wait_of(builders.dropped(centre.needs["anna"][0]), TODAY) is None


def test_the_list_of_a_session_is_one_step_from_the_end(centre: Centre) -> None:
    body = centre.browser("galina").get(reverse("need_almost")).content.decode()
    rows = Need.objects.filter(status="open", stage__code="04", client__unit=centre.noio1)
    assert rows.count() == 3
    found = {int(pk) for pk in re.findall(r'href="/needs/(\d+)/"', body)}
    assert found == set(rows.values_list("pk", flat=True))


def test_of_one_solution_the_nearest_is_shown_and_the_rest_counted(
    centre: Centre, asked: Need
) -> None:
    for client in centre.pools["anna"][1:3]:
        solved(centre, "anna", client, solution="Одно и то же", difficulties="Субсидия")
    other = solved(centre, "anna", centre.pools["anna"][3], solution="Другое")
    found = similar_to(asked, centre.users["anna"])
    assert sorted((item.need.solution, item.times) for item in found) == [
        ("Другое", 1),
        ("Одно и то же", 2),
    ]
    assert other in {item.need for item in found}
