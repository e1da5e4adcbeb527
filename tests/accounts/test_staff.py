"""Services of units, employees, positions, substitutions and services of the dictionary."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError

from accounts import services
from accounts.models import Client, Employee, Position, Service, Substitution, Unit
from accounts.selectors import staff
from core.errors import Conflict, Refused
from tests import factories

pytestmark = pytest.mark.django_db


# --- units ----------------------------------------------------------------------------------
def test_path_is_kept_for_the_whole_subtree(world):
    elena = world.users["elena"]
    group = services.save_unit(
        actor=elena, values={"name": "Группа", "kind": "department", "parent": world.noio1}
    )
    assert group.path == f"{world.noio1.path}{group.pk}/"
    services.save_unit(actor=elena, unit=world.noio1, values={"parent": world.noio2}, version=1)
    group.refresh_from_db()
    assert group.path == f"{world.noio2.path}{world.noio1.pk}/{group.pk}/"
    services.save_unit(actor=elena, unit=world.noio1, values={"parent": None})
    group.refresh_from_db()
    assert group.path == f"/{world.noio1.pk}/{group.pk}/"


def test_no_unit_is_its_own_parent(world):
    elena = world.users["elena"]
    for parent in (world.division, world.noio1):
        with pytest.raises(ValidationError) as error:
            services.save_unit(actor=elena, unit=world.division, values={"parent": parent})
        assert "parent" in error.value.message_dict


def test_a_unit_in_use_is_not_closed(world):
    elena = world.users["elena"]
    for unit in (world.division, world.noio1):
        with pytest.raises(ValidationError) as error:
            services.save_unit(actor=elena, unit=unit, values={"is_active": False})
        assert "is_active" in error.value.message_dict
    empty = services.save_unit(actor=elena, values={"name": "Пустой", "kind": "department"})
    assert empty.path == f"/{empty.pk}/"
    closed = services.save_unit(actor=elena, unit=empty, values={"is_active": False}, version=1)
    assert not closed.is_active
    busy = services.save_unit(actor=elena, values={"name": "Люди", "kind": "department"})
    factories.employee(busy)
    with pytest.raises(ValidationError, match="переведите"):
        services.save_unit(actor=elena, unit=busy, values={"is_active": False})


@pytest.mark.parametrize("persona", ["anna", "galina"])
def test_who_may_not_change_the_tree(world, persona):
    with pytest.raises(Refused):
        services.save_unit(actor=world.users[persona], unit=world.noio1, values={"name": "x"})


def test_a_unit_seen_before_anothers_write_conflicts(world):
    elena = world.users["elena"]
    services.save_unit(actor=elena, unit=world.noio1, values={"name": "НОИО один"}, version=1)
    with pytest.raises(Conflict):
        services.save_unit(actor=elena, unit=world.noio1, values={"name": "ещё"}, version=1)


# --- employees and positions ----------------------------------------------------------------
def test_who_leaves_hands_the_pool_over_first(world, today):
    elena, anna = world.users["elena"], world.staff["anna"]
    with pytest.raises(ValidationError, match="передайте пул"):
        services.save_employee(actor=elena, employee=anna, values={"left_on": today})
    services.assign_clients(
        actor=elena,
        client_ids=[world.clients["own"].pk],
        specialist=world.staff["boris"],
        on=today,
    )
    gone = services.save_employee(actor=elena, employee=anna, values={"left_on": today})
    assert gone.left_on == today
    assert gone.positions.get().ends_on == today + timedelta(days=1)
    assert not Client.objects.visible_to(world.users["anna"]).exists()


def test_an_account_is_linked_by_administrators_alone(world, today):
    values = {"last_name": "Новая", "first_name": "Яна", "hired_on": today}
    person = services.save_employee(actor=world.users["elena"], values=values)
    account = factories.user("yana")
    with pytest.raises(Refused):
        services.save_employee(
            actor=world.users["elena"], employee=person, values={"user": account}
        )
    linked = services.save_employee(
        actor=world.users["zhanna"], employee=person, values={"user": account}
    )
    assert linked.user == account


def test_a_new_position_closes_the_former(world, today):
    person = factories.employee(world.noio1, user=None)
    placed = services.save_position(
        actor=world.users["elena"],
        values={"employee": person, "unit": world.noio2, "kind": "head", "starts_on": today},
    )
    former = person.positions.exclude(pk=placed.pk).get()
    assert (former.ends_on, placed.ends_on) == (today, None)
    again = services.save_position(
        actor=world.users["elena"],
        values={"employee": person, "unit": world.noio1, "kind": "specialist", "starts_on": today},
    )
    assert (again.pk, again.unit, person.positions.count()) == (placed.pk, world.noio1, 2)


def test_positions_do_not_overlap(world, today):
    person = factories.employee(world.noio1)
    elena = world.users["elena"]
    place = {"employee": person, "unit": world.noio1, "kind": "specialist"}
    with pytest.raises(ValidationError) as error:
        services.save_position(
            actor=elena,
            values=place | {"starts_on": person.hired_on - timedelta(days=1)},
        )
    assert "starts_on" in error.value.message_dict
    services.save_position(actor=elena, values=place | {"starts_on": today})
    with pytest.raises(ValidationError, match="уже есть должность"):
        services.save_position(actor=elena, values=place | {"starts_on": today - timedelta(days=5)})
    first = person.positions.order_by("starts_on").first()
    with pytest.raises(ValidationError, match="уже есть должность"):
        services.save_position(actor=elena, position=first, values={"ends_on": None})


def test_who_changes_units_hands_the_pool_over_first(world, today):
    elena, anna = world.users["elena"], world.staff["anna"]
    with pytest.raises(ValidationError, match="передайте пул"):
        services.save_position(
            actor=elena,
            values={
                "employee": anna,
                "unit": world.noio2,
                "kind": "specialist",
                "starts_on": today,
            },
        )
    held = anna.positions.get()
    for values in ({"unit": world.noio2}, {"ends_on": today}):
        with pytest.raises(ValidationError, match="передайте пул"):
            services.save_position(actor=elena, position=held, values=values)
    promoted = services.save_position(actor=elena, position=held, values={"kind": "head"})
    assert promoted.kind == "head"


def test_no_position_for_who_left(world, today):
    gone = factories.employee(left_on=today)
    with pytest.raises(ValidationError, match="уволен"):
        services.save_position(
            actor=world.users["elena"],
            values={"employee": gone, "unit": world.noio1, "kind": "head", "starts_on": today},
        )
    with pytest.raises(ValidationError):
        services.save_position(actor=world.users["elena"], values={"kind": "head"})


# --- substitutions --------------------------------------------------------------------------
def stand_in(world, actor, absent, substitute, starts, days=5):
    return services.add_substitution(
        actor=world.users[actor],
        values={
            "absent": world.staff[absent],
            "substitute": world.staff[substitute],
            "starts_on": starts,
            "ends_on": starts + timedelta(days=days),
        },
    )


def test_a_substitution_opens_the_clients_for_its_days(world, today):
    boris = world.users["boris"]
    stand_in(world, "galina", "anna", "boris", today + timedelta(days=30))
    assert set(Client.objects.visible_to(boris)) == {world.clients["colleague"]}
    stand_in(world, "galina", "boris", "zoya", today)
    assert world.clients["colleague"] in Client.objects.visible_to(world.users["zoya"])


def test_substitutions_refused(world, today):
    with pytest.raises(ValidationError, match="уже назначено"):
        stand_in(world, "galina", "anna", "boris", today)
    with pytest.raises(ValidationError, match="Конец"):
        stand_in(world, "galina", "boris", "zoya", today, days=0)
    with pytest.raises(ValidationError, match="сам себя"):
        stand_in(world, "galina", "boris", "boris", today)
    for actor, absent in [("galina", "vera"), ("anna", "boris"), ("dmitry", "anna")]:
        with pytest.raises(Refused):
            stand_in(world, actor, absent, "zoya", today + timedelta(days=60))


def test_a_head_does_not_open_a_former_colleagues_clients(world, today):
    """Who once worked in the unit is still seen by its head, and is not commanded by them."""
    moved = factories.employee(world.noio1)
    services.save_position(
        actor=world.users["elena"],
        values={"employee": moved, "unit": world.noio2, "kind": "specialist", "starts_on": today},
    )
    assert moved in Employee.objects.visible_to(world.users["galina"])
    with pytest.raises(Refused):
        services.add_substitution(
            actor=world.users["galina"],
            values={
                "absent": moved,
                "substitute": world.staff["galina"],
                "starts_on": today,
                "ends_on": today + timedelta(days=3),
            },
        )


def test_a_substitution_is_shortened(world, today):
    row = Substitution.objects.get()
    changed = services.update_substitution(
        actor=world.users["galina"],
        substitution=row,
        values={"ends_on": today + timedelta(days=1)},
        version=1,
    )
    assert changed.last_day == today
    with pytest.raises(ValidationError):
        services.update_substitution(
            actor=world.users["galina"], substitution=row, values={"ends_on": row.starts_on}
        )
    gone = factories.employee(world.noio1, left_on=today)
    with pytest.raises(ValidationError, match="уволен"):
        services.update_substitution(
            actor=world.users["galina"], substitution=row, values={"substitute": gone}
        )


# --- dictionary -----------------------------------------------------------------------------
def test_a_service_keeps_its_code(world):
    zhanna = world.users["zhanna"]
    service = services.save_service(actor=zhanna, values={"code": "cabinet", "label": "Кабинет"})
    changed = services.save_service(
        actor=zhanna, service=service, values={"label": "Личный кабинет"}, version=1
    )
    assert changed.label == "Личный кабинет"
    with pytest.raises(ValidationError, match="Код не меняется"):
        services.save_service(actor=zhanna, service=service, values={"code": "other"})
    with pytest.raises(Refused):
        services.save_service(actor=world.users["galina"], service=service, values={"label": "x"})
    assert Service.objects.filter(code="cabinet").exists()


# --- reads ----------------------------------------------------------------------------------
def test_the_tree_counts_what_the_reader_sees(world, today):
    def seen(persona):
        nodes = staff.unit_tree(world.users[persona], today)
        return [(n.unit.name, n.depth, n.people, n.clients) for n in nodes]

    assert seen("elena") == [("Управление", 0, 8, 3), ("НОИО 1", 1, 5, 2), ("НОИО 2", 1, 2, 1)]
    assert seen("galina") == [("Управление", 0, 5, 2), ("НОИО 1", 1, 5, 2), ("НОИО 2", 1, 0, 0)]
    assert [n.heads for n in staff.unit_tree(world.users["elena"], today)][1] == [
        world.staff["galina"]
    ]


def test_whom_a_user_may_give_clients(world, today):
    def names(persona):
        return {e.first_name for e in staff.servants_for(world.users[persona], today)}

    assert names("galina") == {"Анна", "Борис", "Зоя", "Галина", "Игорь"}
    assert names("dmitry") == {"Вера", "Дмитрий"}
    assert {"Анна", "Вера", "Елена"} <= names("elena")


def test_a_deep_tree_is_read_in_order(world, today):
    for number in range(2, 12):
        factories.unit(f"Группа {number:02}", world.noio1)
    nodes = staff.unit_tree(world.users["elena"], today)
    names = [n.unit.name for n in nodes]
    assert names.index("НОИО 2") == len(names) - 1
    assert names[2] == "Группа 02"
    below = staff.units_below([world.noio1])
    assert (below.count(), Unit.objects.count()) == (11, 13)
    assert Position.objects.count()
