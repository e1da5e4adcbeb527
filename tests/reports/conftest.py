"""One client with something in every section, drawn, approved, printed."""

import io
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core.cache import cache
from pypdf import PdfReader

from accounts.models import Client, User
from contacts.models import Participant
from core import clock
from needs.models import Need
from reports import services
from reports.models import CooperationReport
from tests import factories
from tests.personas import World
from visits.enums import VisitLevel


@pytest.fixture(autouse=True)
def fresh_counters() -> None:
    """Throttles count in the cache, which outlives a savepoint's neighbour."""
    cache.clear()


@dataclass
class Case:
    """A client of anna's, whom galina leads, and its people."""

    client: Client
    author: User
    head: User
    participant: Participant
    need: Need

    def report(self, **given: Any) -> CooperationReport:
        return factories.report(self.client, self.author, **given)

    def final(self) -> CooperationReport:
        return services.approve(actor=self.head, report=self.report(), now=clock.now())


@pytest.fixture
def case(world: World) -> Case:
    """К+ in two months, a confirmed need, trainings, rights that end soon, bills, news."""
    today = clock.today()
    client = factories.client(
        world.staff["anna"], world.noio1, name="ООО «Тихая гавань»", portrait="Идёт стройка склада"
    )
    for back, quantity in ((20, 300), (60, 1234)):
        factories.usage(client, quantity, day=today - timedelta(days=back))
    factories.usage(client, 5, "cok", day=today - timedelta(days=20))
    factories.usage(client, 17, "pe", day=today - timedelta(days=20))
    factories.entitlement(client, "cok", quota=2, valid_until=today + timedelta(days=30))
    factories.training(client, topic="Поиск за минуту", held_on=today - timedelta(days=40))
    factories.invoice(client, month=today.replace(day=1), amount=Decimal("12200.50"))
    factories.hook(title="Новые правила стройки", text="Что меняется с января")
    participant = factories.participant(client, job_title="Главный бухгалтер")
    need = factories.need(
        client,
        title="Субсидия на оборудование",
        key_need="Получить деньги в этом году",
        solution="Готовое решение и подборка",
        effect="Сами искали бы месяц",
        effect_hours=Decimal("86.5"),
        effect_roubles=Decimal("955400.00"),
        participant=participant,
    )
    factories.need_step(need, "06", participant=participant, author=world.staff["galina"])
    factories.visit(client, participants=[participant])
    return Case(client, world.users["anna"], world.users["galina"], participant, need)


@pytest.fixture
def k2(case: Case) -> Any:
    """A К2У of today, at which a report may be presented."""
    visit = factories.visit(
        case.client, case.client.specialist, level=VisitLevel.K2, held_on=clock.today()
    )
    return visit


def text_of(data: bytes) -> str:
    """What a PDF says, with every space alike."""
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(data)).pages]
    return " ".join(" ".join(pages).replace("\u00a0", " ").split())


def year(until: date) -> tuple[date, date]:
    return until - timedelta(days=364), until
