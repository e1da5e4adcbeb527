"""A centre with so many of everything: what each list page and each page of the day shows."""

from datetime import date, timedelta
from typing import Any

from accounts.models import ChurnCause, Service
from bonuses.models import Objection
from core import audit, clock, events
from core.enums import AuditAction, JobStatus
from core.models import JobRun, Webhook
from lamps.enums import Colour
from lamps.models import LampScheme
from needs.models import Tool
from reports.models import CooperationReport
from tests import factories
from tests.bonuses import builders as pay
from tests.personas import World

_COLOURS = [Colour.RED, Colour.YELLOW, Colour.GREEN]
MONTH = date(2020, 1, 1)


def fill(world: World, first: int, last: int) -> None:
    """Add what the numbers from `first` to before `last` have, one of everything for each."""
    for number in range(first, last):
        _client(world, number)
        _staff(world, number)
        _office(world, number)
    events.sequence()


def _client(world: World, number: int) -> None:
    """A client of Анна's with all that is written of one; every second is Борис's."""
    today = clock.today()
    anna = world.staff["anna" if number % 2 else "boris"]
    client = factories.client(anna, world.noio1, is_key=True, portrait="стройка и ремонт")
    person = factories.person(last_name="Двойников", first_name=f"Пётр {number // 2}")
    place = factories.participant(client, ("main_key_user",), person=person)
    factories.participant(client, ("decision_maker",))
    factories.lamp(client, _COLOURS[number % 3])
    held = factories.visit(
        client, anna, participants=[place], companions=[world.staff["galina"]], materials=1,
        goal="цель", goal_kind="development",
    )  # fmt: skip
    for day in (today, today - timedelta(days=3)):
        factories.visit(client, anna, status="planned", planned_for=day, participants=[place])
        factories.agreement(client, visit=held, participant=place, due_on=day)
    factories.visit(
        client, world.staff["galina"], level="K2", held_on=today - timedelta(days=200),
        participants=[place],
    )  # fmt: skip
    factories.risk(client, visit=held)
    _need(world, client, place, anna)
    churn = factories.churn(client)
    contract = factories.contract(client)
    offer = factories.offer(world.campaign, contract)
    letter = factories.price_letter(offer, world.users["elena"])
    factories.letter_batch(world.users["elena"], letter)
    factories.invoice(client)
    factories.entitlement(client)
    pay.upsell(anna, client, world.users["elena"])
    events.publish("client.churned", subject=churn, client=client, data={"reason": "цена"})
    report = CooperationReport.objects.filter(client=world.clients["own"], status="draft").first()
    assert report is not None
    report.pk, report.client, report.author = None, client, world.users["elena"]
    report._state.adding = True
    report.save(force_insert=True)
    factories.report_batch(world.users["elena"], report)


def _need(world: World, client: Any, place: Any, author: Any) -> None:
    """One that is just open, and one a step before the last, somebody being asked about it."""
    factories.need(client, author, key_need="к")
    row = factories.need(client, author, participant=place, effect="сберегли", effect_hours=2)
    factories.need_step(row, "04")
    row.tools.set(Tool.objects.all()[:2])
    factories.confirmation(row, place, author)


def _staff(world: World, number: int) -> None:
    """An employee with all that is written of one."""
    user = factories.user()
    employee = factories.employee(world.noio1, user=user)
    factories.substitution(employee, world.staff["anna"])
    factories.target(employee)
    factories.control_point(world.noio1, employee, world.staff["galina"])
    factories.staff_training(world.noio1, employee, world.staff["anna"])
    pay.base(employee)
    pay.manual(employee, 5, world.users["elena"], MONTH)
    scheme = world.row("bonuses.sheet").scheme
    _, line = pay.sheet(employee, scheme, MONTH, "100.00")
    Objection.objects.create(line=line, reason="мало", made_by=user, made_at=clock.now())


def _office(world: World, number: int) -> None:
    """What is written of no client."""
    factories.hook()
    factories.file_import(world.users["elena"])
    factories.saved(ChurnCause(label=f"Причина {number}"))
    factories.saved(Service(code=f"service{number}", label=f"Сервис {number}"))
    LampScheme.objects.create(name=f"Черновик {number}", effective_from=clock.today())
    pay.scheme(name=f"Черновик {number}")
    JobRun.objects.create(
        kind="night", business_date=clock.today(), key=str(number), status=JobStatus.DONE,
        requested_at=clock.now(), requested_by=world.users["elena"],
    )  # fmt: skip
    factories.api_token(world.users["reader"])
    Webhook.objects.create(
        name=f"КИС {number}", url="http://127.0.0.1:9/", user=world.users["writer"],
        salt="a" * 64, kinds=["need.moved"],
    )  # fmt: skip
    audit.record(
        actor=world.users["elena"], action=AuditAction.UPDATE, subject=world.clients["own"],
        before={"competitor": "прежний"}, after={"competitor": f"новый {number}"},
    )  # fmt: skip


def of_one_client(world: World, count: int) -> None:
    """Rows that hang on Анна's client, whose pages are opened."""
    client, anna = world.clients["own"], world.staff["anna"]
    need = world.row("needs.need")
    for _ in range(count):
        place = factories.participant(client, reports_to=world.row("contacts.participant"))
        factories.visit(client, anna, participants=[place], materials=1)
        factories.visit(client, anna, status="planned", participants=[place])
        factories.agreement(client, participant=place)
        factories.need_step(factories.need(client, participant=place), "03")
        factories.risk(client)
        factories.need_file(need)
