"""Plan figures: whose they are, who sets them, what is refused."""

from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import services
from accounts.enums import TargetKind
from accounts.models import Target
from core.errors import Refused
from core.policy import policy_for
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
MONTH = date(2026, 10, 1)


def values(**more: object) -> dict:
    return {"kind": TargetKind.K1_VISITS, "month": MONTH, "value": Decimal(40)} | more


def test_a_head_plans_for_their_people_and_units(world: World) -> None:
    galina = world.users["galina"]
    own = services.save_target(actor=galina, values=values(employee=world.staff["anna"]))
    unit = services.save_target(actor=galina, values=values(unit=world.noio1))
    assert own.value == unit.value == 40
    for foreign in ({"employee": world.staff["vera"]}, {"unit": world.noio2}):
        with pytest.raises(Refused):
            services.save_target(actor=galina, values=values(**foreign))


def test_the_whole_is_planned_by_the_director(world: World) -> None:
    with pytest.raises(ValidationError) as refused:
        services.save_target(actor=world.users["galina"], values=values())
    assert refused.value.message_dict == {
        "unit": ["Укажите отдел или сотрудника: план центра ставит директор."]
    }
    assert services.save_target(actor=world.users["elena"], values=values()).pk


def test_one_plan_for_a_month_of_one_person(world: World) -> None:
    elena, anna = world.users["elena"], world.staff["anna"]
    services.save_target(actor=elena, values=values(employee=anna))
    with pytest.raises(ValidationError) as refused:
        services.save_target(actor=elena, values=values(employee=anna))
    assert refused.value.messages == ["План на этот срок уже есть."]
    with pytest.raises(ValidationError) as refused:
        services.save_target(actor=elena, values=values(employee=anna, unit=world.noio1))
    assert list(refused.value.message_dict) == ["employee"]


def test_nobody_plans_for_a_month_without_a_position(world: World) -> None:
    left = factories.employee(None)
    with pytest.raises(ValidationError) as refused:
        services.save_target(actor=world.users["elena"], values=values(employee=left))
    assert refused.value.message_dict == {"employee": ["В это время у сотрудника нет должности."]}


def test_a_plan_is_its_owners_and_their_heads(world: World) -> None:
    services.save_target(actor=world.users["elena"], values=values(unit=world.noio1))
    seen = {
        name: policy_for(Target).visible_to(world.users[name]).count()
        for name in ("anna", "zoya", "galina", "dmitry", "elena", "zhanna")
    }
    assert seen == {"anna": 1, "zoya": 0, "galina": 3, "dmitry": 1, "elena": 4, "zhanna": 0}


def test_the_page_takes_a_month_and_a_comma(world: World, client_as) -> None:
    typed = {
        "kind": "k2_visits",
        "span": "month",
        "month": "2026-10",
        "employee": world.staff["anna"].pk,
    }
    response = client_as("galina").post(reverse("target_add"), typed | {"value": "2,5"})
    assert response.status_code == 302
    made = Target.objects.get(kind="k2_visits")
    assert (made.month, made.value) == (MONTH, Decimal("2.5"))
    page = client_as("galina").get(reverse("target_edit", args=[made.pk])).content.decode()
    assert 'value="2026-10"' in page
    assert client_as("galina").post(reverse("target_delete", args=[made.pk])).status_code == 302
    assert not Target.objects.filter(kind="k2_visits").exists()


def test_a_refusal_stands_at_its_field_and_keeps_what_was_typed(world: World, client_as) -> None:
    typed = {
        "kind": "k1_visits",
        "span": "month",
        "month": "2026-10",
        "value": "-5",
        "employee": "",
    }
    response = client_as("elena").post(reverse("target_add"), typed)
    body = response.content.decode()
    assert response.status_code == 422
    assert "План не может быть отрицательным." in body
    assert 'value="-5"' in body


def test_the_list_needs_no_query_for_each_row(world: World, client_as, count_queries) -> None:
    def asked() -> int:
        browser = client_as("elena")
        browser.get(reverse("targets"))
        with count_queries() as queries:
            browser.get(reverse("targets"))
        return len(queries)

    few = asked()
    for number in range(40):
        factories.target(world.staff["anna"], month=date(2020 + number // 12, number % 12 + 1, 1))
    assert asked() == few


def test_a_year_and_a_quarter_begin_with_their_first_month(world: World, client_as) -> None:
    typed = {"kind": "needs_identified_clients", "span": "year", "month": "2026-10", "value": "160"}
    assert client_as("elena").post(reverse("target_add"), typed).status_code == 302
    year = Target.objects.get(kind="needs_identified_clients")
    assert (year.month, str(year)) == (
        date(2026, 1, 1),
        "Клиенты с выявленной потребностью, 2026 год",
    )
    with pytest.raises(ValidationError) as refused:
        wrong = values(span="quarter", month=date(2026, 2, 1))
        services.save_target(actor=world.users["elena"], values=wrong)
    assert refused.value.messages == ["Квартал и год начинаются со своего первого месяца."]
    month = values(month=date(2026, 1, 1))
    services.save_target(actor=world.users["elena"], values=month)
    services.save_target(actor=world.users["elena"], values=month | {"span": "quarter"})


def test_a_plan_for_a_year_is_seen_by_whoever_led_within_it(world: World) -> None:
    late = factories.employee(world.noio1, since=date(2026, 12, 1))
    year = services.save_target(
        actor=world.users["elena"],
        values=values(span="year", month=date(2026, 1, 1), employee=late),
    )
    month = factories.target(late, month=date(2026, 1, 1), kind=TargetKind.K2_VISITS)
    seen = policy_for(Target).visible_to(world.users["galina"])
    assert year in seen
    assert month not in seen
