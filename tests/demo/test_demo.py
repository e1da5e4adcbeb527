"""The demo gives the talk's lamps on any date, the same every time, and holds together."""

import hashlib
from collections.abc import Iterator
from datetime import date, timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F, Q, Sum
from django.test import RequestFactory

from accounts import tokens
from accounts.models import (
    ApiToken,
    Assignment,
    Churn,
    Client,
    Employee,
    Entitlement,
    GndRecord,
    Invoice,
    Substitution,
    Training,
    Usage,
    User,
)
from config.demo import fill
from config.demo.build import DemoRefused, unfinished
from config.demo.mixing import mix, sql_mix
from config.demo.plan import DEPARTMENTS
from config.demo.staff import PASSWORD, TOKEN
from contacts.models import Participant, Person, RolePeriod
from core import text
from lamps.models import Lamp, LampPeriod, Night
from lamps.services import compute_night
from needs.models import Need, NeedStep
from visits.models import Visit

pytestmark = pytest.mark.django_db

# A plain Monday; a Saturday after the long holidays; a leap day; a month's end; a first of May.
DATES = [
    date(2026, 11, 23),
    date(2027, 1, 9),
    date(2028, 2, 29),
    date(2026, 3, 31),
    date(2026, 5, 1),
]
ON = DATES[0]
TABLE = [
    ("НОИО 1", 5, 27, 101),
    ("НОИО 2", 0, 19, 125),
    ("НОИО 3", 0, 14, 168),
    ("НОИО 4", 3, 23, 137),
    ("НОИО 5", 0, 12, 124),
]
# Raw values, points and sum in hundredths, colour, slots of what ends soon: the talk's rows.
ROWS = {
    "Ромашка": ([1779, 0, 0, 2, 0, 0, 1], [40, 0, 0, 20, 10, 10, 10], 90, "green", [1, 6]),
    "Василек": ([2, 2, 1, 2, 1, 1, 1], [0, 10, 10, 20, 0, 0, 10], 50, "yellow", [1, 6]),
    "Лютик": ([0, 0, 0, 2, 1, 3, 1], [0, 0, 0, 20, 0, 0, 10], 30, "red", [6]),
}


@pytest.fixture(scope="module")
def centre(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The demo filled once for the module, without lamps."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill(on=ON)
        transaction.set_rollback(True)


def talk_table() -> list[tuple[Any, ...]]:
    colours = {c: Count("pk", filter=Q(colour=c)) for c in ("red", "yellow", "green")}
    rows = Lamp.objects.values("unit__name").annotate(**colours).order_by("unit__name")
    return [(r["unit__name"], r["red"], r["yellow"], r["green"]) for r in rows]


@pytest.mark.parametrize("on", DATES, ids=str)
def test_the_night_gives_the_talks_lamps(on: date) -> None:
    fill(on=on)
    compute_night(on - timedelta(days=1))
    compute_night(on)
    assert talk_table() == TABLE
    rows = {
        lamp.client.name: (lamp.raw, lamp.points, lamp.total, lamp.colour, lamp.expiring)
        for lamp in Lamp.objects.filter(client__name__in=ROWS).select_related("client")
    }
    assert rows == ROWS
    crossed = LampPeriod.objects.filter(starts_on=on, since=on).count()
    assert 3 <= crossed <= 8
    soon = Lamp.objects.exclude(expiring=[]).values("unit").annotate(n=Count("pk"))
    assert len(soon) == 5 and all(row["n"] >= 10 for row in soon)


@pytest.mark.slow
def test_history_and_command() -> None:
    out = StringIO()
    call_command("demo", on=ON, stdout=out)
    assert "Демонстрация готова: клиентов 758" in out.getvalue()
    assert Night.objects.count() == 365
    assert talk_table() == TABLE
    before = Lamp.objects.values_list("colour").annotate(n=Count("pk"))
    year_ago = ON - timedelta(days=364)
    then = (
        LampPeriod.objects.filter(starts_on=year_ago).values_list("colour").annotate(n=Count("pk"))
    )
    assert dict(then)["red"] > 2 * dict(before)["red"]
    again = StringIO()
    call_command("demo", on=ON, stdout=again)
    assert again.getvalue().strip() == "Данные уже есть, ничего не изменено."
    assert Client.objects.count() == 764


def facts_digest() -> str:
    """All rows that the demo writes, with ids."""
    out = hashlib.sha256()
    tables = [
        *(t for t in connection.introspection.table_names()
          if t.startswith(("accounts_", "contacts_", "visits_", "needs_"))),
    ]  # fmt: skip
    with connection.cursor() as cursor:
        for table in sorted(tables):
            order = "client_id, service_id, day" if table == "accounts_usage" else "1"
            columns = "client_id, service_id, day, quantity" if table == "accounts_usage" else "*"
            buffer = StringIO()
            cursor.copy_expert(
                f"COPY (SELECT {columns} FROM {table} ORDER BY {order}) TO STDOUT", buffer
            )
            out.update(buffer.getvalue().encode())
    return out.hexdigest()


def test_two_fills_are_equal() -> None:
    def one(clients: int, on: date) -> str:
        with transaction.atomic():
            fill(clients=clients, on=on)
            found = facts_digest()
            transaction.set_rollback(True)
        return found

    first = one(300, ON)
    assert one(300, ON) == first
    assert one(300, ON + timedelta(days=1)) != first


def test_python_and_sql_draw_the_same_chance() -> None:
    cases = [(0, 0), (1, 2), (758, 401), (999_999, 365), (123_456, 17)]
    with connection.cursor() as cursor:
        for case in cases:
            cursor.execute(f"SELECT {sql_mix(*case)}")
            assert cursor.fetchone()[0] == mix(*case)


def test_refuses_a_base_in_use_and_a_tiny_centre(centre: dict[str, Any]) -> None:
    with pytest.raises(DemoRefused, match="уже есть"):
        fill(on=ON)
    with pytest.raises(DemoRefused, match="не меньше 100"):
        fill(clients=99, on=ON)
    assert unfinished() == ON


def test_production_refuses(settings: Any) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match="--force"):
        call_command("demo")
    with pytest.raises(CommandError, match="нет"):
        call_command("demo", logins=True)


def test_production_by_force_holds_no_known_password(settings: Any) -> None:
    settings.PRODUCTION, settings.MODE = True, "production"
    call_command("demo", force=True, clients=100, on=ON, no_history=True, stdout=StringIO())
    assert not any(user.has_usable_password() for user in User.objects.all())
    assert not ApiToken.objects.exists()
    with pytest.raises(CommandError, match="не пуста"):
        call_command("demo", force=True)


def test_logins_work(centre: dict[str, Any], settings: Any) -> None:
    out = StringIO()
    call_command("demo", logins=True, stdout=out)
    assert PASSWORD in out.getvalue() and TOKEN in out.getvalue()
    assert len(PASSWORD) >= 10
    request = RequestFactory().post("/")
    for login in ("director", "head1", "head5", "spec1", "spec51", "admin"):
        assert authenticate(request, username=login, password=PASSWORD) is not None, login
    digest = tokens.digest(TOKEN, settings.TOKEN_PEPPER)
    assert ApiToken.objects.get(digest=digest).user.username == "integrator"


def test_departments_and_staff(centre: dict[str, Any]) -> None:
    served = Client.objects.filter(disconnected_on=None)
    sizes = served.values("unit__name").annotate(n=Count("pk")).order_by("unit__name")
    assert [row["n"] for row in sizes] == [size for size, _, _ in DEPARTMENTS]
    pools = served.values("specialist").annotate(n=Count("pk"))
    assert len(pools) == 51 and all(10 <= row["n"] <= 20 for row in pools)
    names = Employee.objects.values("last_name", "first_name", "middle_name")
    assert list(names.annotate(n=Count("pk")).filter(n__gt=1).values_list("n", flat=True)) == [2]
    assert Substitution.objects.current_on(ON).count() == 1
    assert Churn.objects.count() == Client.objects.exclude(disconnected_on=None).count() == 6
    leaver = Employee.objects.get(left_on__isnull=False)
    handed = Assignment.objects.filter(specialist=leaver)
    assert handed.count() >= 10 and not handed.filter(ends_on=None).exists()


def test_clients_agree_with_assignments(centre: dict[str, Any]) -> None:
    opened = Assignment.objects.filter(ends_on=None)
    assert opened.count() == Client.objects.filter(disconnected_on=None).count()
    assert not opened.exclude(client__specialist=F("specialist"), client__unit=F("unit")).exists()
    for churned in Client.objects.exclude(disconnected_on=None):
        last = churned.assignments.order_by("-starts_on").first()
        assert (last.ends_on, last.specialist_id) == (
            churned.disconnected_on,
            churned.specialist_id,
        )
    by_client: dict[int, date | None] = {}
    for row in Assignment.objects.order_by("client", "starts_on"):
        if row.client_id in by_client:
            assert by_client[row.client_id] == row.starts_on
        by_client[row.client_id] = row.ends_on


def test_rows_pass_their_own_validation(centre: dict[str, Any]) -> None:
    """Everything but uniqueness, which the database holds; mass tables by a sample."""
    few = [Client, Employee, Churn, Need, Person, Participant]
    many = [Training, Entitlement, GndRecord, Invoice, Visit, RolePeriod, NeedStep]
    for model in [*few, *many]:
        rows = model.objects.order_by("pk")
        for row in rows if model in few else rows[::37]:
            try:
                row.clean_fields()
                row.clean()
            except ValidationError as error:
                pytest.fail(f"{model.__name__} {row.pk}: {error}")
    for client in Client.objects.all():
        assert client.sort_key == text.key(client.name)
        assert client.search_key == f"{client.sort_key} {client.inn}"
    assert all(p.search_key == text.key(str(p)) for p in Person.objects.all())


def test_money_is_settled_as_the_payment_service_says(centre: dict[str, Any]) -> None:
    from accounts.services.money import settled_on

    wrong = [
        invoice.pk
        for invoice in Invoice.objects.prefetch_related("payments")
        if invoice.settled_on
        != settled_on(invoice.amount, [(p.paid_on, p.amount) for p in invoice.payments.all()])
    ]
    assert wrong == []
    assert Invoice.objects.filter(settled_on=None, due_on__lt=ON).exists()
    assert Invoice.objects.aggregate(n=Count("month", distinct=True))["n"] >= 12
    paid = Invoice.objects.annotate(total=Sum("payments__amount"))
    assert not paid.filter(total__gt=F("amount")).exists()


def test_nothing_happens_before_a_client_came_or_after_it_went(centre: dict[str, Any]) -> None:
    for rows, day in (
        (Usage.objects.all(), "day"),
        (Visit.objects.filter(status="done"), "held_on"),
        (Need.objects.all(), "opened_on"),
        (GndRecord.objects.all(), "opened_on"),
        (Training.objects.all(), "held_on"),
    ):
        assert not rows.filter(**{f"{day}__lt": F("client__connected_on")}).exists(), rows.model
        assert not rows.filter(**{f"{day}__gt": F("client__disconnected_on")}).exists(), rows.model
        assert not rows.filter(**{f"{day}__gt": ON}).exists(), rows.model


def test_people_belong_to_the_client_they_are_met_at(centre: dict[str, Any]) -> None:
    met = Visit.participants.through.objects
    assert not met.exclude(participant__client=F("visit__client")).exists()
    assert not Need.objects.exclude(participant__client=F("client")).exists()
    assert (
        not Participant.objects.exclude(reports_to=None)
        .exclude(reports_to__client=F("client"))
        .exists()
    )
    done = Visit.objects.filter(status="done")
    assert not done.filter(started_at__week_day__in=[1, 7]).exists()
    assert done.filter(level="K2", companions__isnull=False).exists()
    assert Visit.objects.filter(status="planned", planned_for__gt=ON).count() > 100
    sizes = dict(
        Client.objects.annotate(n=Count("participants")).values_list("segment", "n").distinct()
        .order_by("segment", "n")
    )  # fmt: skip
    assert sizes == {"network": 8, "retail": 2}


def test_needs_stand_where_the_talks_stood(centre: dict[str, Any]) -> None:
    reached = {
        code: Need.objects.filter(stage__code__gte=code).count()
        for code in ("01", "03", "04", "06")
    }
    assert Need.objects.count() == 702
    assert reached == {"01": 570, "03": 434, "04": 328, "06": 188}
    for code, count in reached.items():
        assert NeedStep.objects.filter(stage__code=code).count() == count
    confirmed = NeedStep.objects.filter(stage__code="06")
    assert not confirmed.filter(author=F("need__author")).exists()
    assert not confirmed.exclude(participant__client=F("need__client")).exists()
    assert not NeedStep.objects.filter(on__lt=F("need__opened_on")).exists()
    for need in Need.objects.exclude(stage=None).select_related("stage"):
        assert all(getattr(need, name) for name in need.stage.requires), need


def test_nobody_is_real(centre: dict[str, Any]) -> None:
    assert not Person.objects.exclude(Q(phone="") | Q(phone__startswith="+7 000 ")).exists()
    assert not Person.objects.exclude(Q(email="") | Q(email__endswith=".example")).exists()
    assert not Client.objects.exclude(inn__startswith="00").exists()
    assert Client.objects.values("inn").distinct().count() == Client.objects.count()
    assert not User.objects.exclude(email="").exists()


def test_a_larger_centre_keeps_the_shares() -> None:
    fill(clients=2000, on=ON)
    compute_night(ON)
    colours = dict(Lamp.objects.values_list("colour").annotate(n=Count("pk")))
    assert sum(colours.values()) == 2000
    assert colours["red"] == round(2000 * 8 / 758)
    assert colours["yellow"] == round(2000 * 95 / 758)
    assert set(Lamp.objects.filter(client__name__in=ROWS).values_list("total", flat=True)) == {
        90, 50, 30,
    }  # fmt: skip
