"""The rows of the demo hold together, and nobody in them is real."""

from collections.abc import Iterator
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.contrib.auth import authenticate
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.db import transaction
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
from config.demo.build import DemoRefused
from config.demo.plan import DEPARTMENTS
from config.demo.staff import PASSWORD, TOKEN
from contacts.models import Participant, Person, RolePeriod
from core import text
from needs.models import Need, NeedStep
from visits.models import Visit

pytestmark = pytest.mark.django_db

ON = date(2026, 11, 23)


@pytest.fixture(scope="module")
def centre(django_db_setup: None, django_db_blocker: Any) -> Iterator[dict[str, Any]]:
    """The demo filled once for the module, without lamps."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield fill(on=ON)
        transaction.set_rollback(True)


def test_refuses_a_base_in_use_and_a_tiny_centre(centre: dict[str, Any]) -> None:
    with pytest.raises(DemoRefused, match="уже есть"):
        fill(on=ON)
    with pytest.raises(DemoRefused, match="не меньше 100"):
        fill(clients=99, on=ON)


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
    few = [Client, Employee, Churn]
    many = [
        Need,
        Person,
        Participant,
        Training,
        Entitlement,
        GndRecord,
        Invoice,
        Visit,
        RolePeriod,
        NeedStep,
    ]
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
