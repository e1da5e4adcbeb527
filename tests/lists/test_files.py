"""Tables written by hand leave as files too, with what the page asks for, whole."""

import csv
import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from lamps.models import Lamp, LampPeriod
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]


def as_csv(browser: Any, address: str) -> list[list[str]]:
    answer = browser.get(f"{address}{'&' if '?' in address else '?'}format=csv")
    body = b"".join(answer.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(body), delimiter=";"))


def as_sheet(browser: Any, address: str) -> list[tuple]:
    answer = browser.get(f"{address}?format=xlsx")
    book = load_workbook(io.BytesIO(b"".join(answer.streaming_content)))
    return list(book.active.iter_rows(values_only=True))


def test_units_with_people_and_clients_of_their_subtree(world: World, client_as: As) -> None:
    rows = as_sheet(client_as("elena"), reverse("units"))
    shown = client_as("elena").get(reverse("units")).context["nodes"]
    assert [(row[0], row[3], row[4]) for row in rows[1:]] == [
        (str(node.unit), node.people, node.clients) for node in shown
    ]


def test_feeds_and_their_age(world: World, client_as: As) -> None:
    rows = as_csv(client_as("elena"), reverse("feeds"))
    shown = client_as("elena").get(reverse("feeds")).context["feeds"]
    assert rows[0] == ["Поток", "Загружен по", "Получен", "Возраст, дней"]
    assert [row[0] for row in rows[1:]] == [feed.label for feed in shown]


def test_a_campaign_by_segment_and_unit_with_its_total(world: World, client_as: As) -> None:
    campaign = factories.campaign(2031)
    contract = factories.contract(world.clients["own"])
    factories.offer(campaign, contract)
    address = reverse("campaign", args=[campaign.pk])
    rows = as_csv(client_as("elena"), address)
    board = client_as("elena").get(address).context["board"]
    labels = [row.label for row in (*board.segments, *board.units)]
    assert [row[0] for row in rows[1:]] == [*labels, "Всего"]
    assert rows[-1][1] == "1"


def test_a_file_of_another_s_campaign_counts_only_what_one_sees(
    world: World, client_as: As
) -> None:
    campaign = factories.campaign(2031)
    factories.offer(campaign, factories.contract(world.clients["own"]))
    factories.offer(campaign, factories.contract(world.clients["foreign"]))
    address = reverse("campaign", args=[campaign.pk])
    assert as_csv(client_as("elena"), address)[-1][1] == "2"
    assert as_csv(client_as("anna"), address)[-1][1] == "1"


def test_who_changed_colour_and_why(world: World, client_as: As, today: date) -> None:
    LampPeriod.objects.all().delete()
    lamp = Lamp.objects.select_related("scheme").get(client=world.clients["own"])
    day = timedelta(days=1)
    shared: dict[str, Any] = {
        "client": world.clients["own"], "scheme": lamp.scheme, "segment": lamp.segment,
        "specialist": lamp.specialist, "unit": lamp.unit, "raw": lamp.raw, "expiring": [],
    }  # fmt: skip
    LampPeriod.objects.create(
        **shared, colour="green", total=90, points=[40] * len(lamp.points),
        since=today - day, starts_on=today - day, ends_on=today,
    )  # fmt: skip
    LampPeriod.objects.create(
        **shared, colour="red", total=30, points=[0, *[40] * (len(lamp.points) - 1)],
        since=today, starts_on=today,
    )  # fmt: skip
    rows = as_csv(client_as("anna"), f"{reverse('board_changes')}?on={today}")
    page = client_as("galina").get(f"{reverse('board_changes')}?on={today}").content.decode()
    assert [row[1:3] for row in rows[1:]] == [["Зелёный", "Красный"]]
    assert rows[1][3].startswith("Активность К+: 0,4 → 0")
    assert rows[1][3] in page
