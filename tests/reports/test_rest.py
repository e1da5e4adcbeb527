"""REST of reports: the whole life, links whose secret is said once, batches."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client as Browser

from core import clock
from core.enums import JobStatus
from core.models import DoneCall, JobRun
from reports import printing, services
from reports.models import CooperationReport, ReportBatch, ReportLink
from tests import factories
from tests.reports.conftest import Case

pytestmark = pytest.mark.django_db
REPORTS, LINKS, BATCHES = (
    f"/api/v1/{name}/" for name in ("reports", "report-links", "report-batches")
)
NONE: dict[str, Any] = {"step": lambda *a: None, "hold": lambda: None, "stop": lambda: None}


@pytest.fixture(autouse=True)
def quick_press(monkeypatch):
    """What is printed is told by test_content; here it costs nothing."""
    monkeypatch.setattr(printing, "as_pdf", lambda sheet: b"%PDF- quick")


@pytest.fixture
def post(api_as):
    """`post("galina", address, body, version)`: a POST by a persona."""

    def send(persona: str, address: str, body: Any = None, version: int | None = None, **more):
        headers = {"if-match": f'W/"{version}"'} if version else {}
        return api_as(persona).post(address, body or {}, format="json", headers=headers | more)

    return send


def errors(answer: Any) -> dict[str, str]:
    return {row["field"]: row["message"] for row in answer.json()["errors"]}


# --- the report ------------------------------------------------------------------------------


def test_a_report_is_sent_returned_sent_again_approved_and_presented(case: Case, post, k2):
    draft = case.report()
    at = f"{REPORTS}{draft.pk}/"
    assert post("anna", f"{at}submit/", version=1).json()["status"] == "review"
    back = post("galina", f"{at}give-back/", {"note": "Добавьте слова о цене"}, 2).json()
    assert (back["status"], back["returned_note"]) == ("draft", "Добавьте слова о цене")
    assert post("anna", f"{at}submit/", version=3).json()["status"] == "review"
    final = post("galina", f"{at}approve/", version=4)
    assert (final.json()["status"], final["ETag"][:5]) == ("final", 'W/"5.')
    body = {
        "participant": case.participant.pk, "on": str(clock.today()), "outcome": "Продлеваем",
        "visit": k2.pk,
    }  # fmt: skip
    own = post("anna", f"{at}present/", body, 5)
    assert list(errors(own)) == ["visit"]  # the criteria of a К2У are a head's to mark
    told = post("galina", f"{at}present/", body, 5)
    assert told.status_code == 200
    assert {name: told.json()[name] for name in ("presented_to", "presented_on", "outcome")} == {
        "presented_to": case.participant.pk,
        "presented_on": str(clock.today()),
        "outcome": "Продлеваем",
    }
    assert k2.marks.filter(criterion__code="04").exists()
    edition = post("anna", f"{at}edition/")
    assert (edition.json()["previous"], edition.json()["edition"]) == (draft.pk, 2)


def test_presenting_by_rest_is_refused_at_its_field(case: Case, post, world):
    at = f"{REPORTS}{case.final().pk}/present/"
    today = str(clock.today())
    tomorrow = str(clock.today() + timedelta(days=1))
    someone = case.participant.pk
    version = 2
    assert set(errors(post("anna", at, {}, version))) == {"participant", "on"}
    assert set(errors(post("anna", at, {"participant": someone, "on": tomorrow}, version))) == {
        "on"
    }
    foreign = world.rows["foreign"]["contacts.participant"].pk
    hidden = errors(post("anna", at, {"participant": foreign, "on": today}, version))
    missing = errors(post("anna", at, {"participant": 987654321, "on": today}, version))
    assert hidden["participant"].replace(str(foreign), "N") == missing["participant"].replace(
        "987654321", "N"
    )
    unknown = post("anna", at, {"participant": someone, "on": today, "status": "final"}, version)
    assert set(errors(unknown)) == {"status"}
    late = post("anna", at, {"participant": someone, "on": today}, 1)
    assert late.status_code == 412
    assert post("anna", at, {"participant": someone, "on": today}).status_code == 428
    assert not CooperationReport.objects.filter(presented_to=someone).exists()


def test_figures_are_drawn_anew_by_rest(case: Case, post):
    answer = post("anna", f"{REPORTS}{case.report().pk}/rebuild/")
    assert (answer.status_code, answer.json()["status"]) == (200, "requested")


def test_a_head_of_another_department_meets_no_report(case: Case, post):
    at = f"{REPORTS}{case.report().pk}/"
    for step in ("submit", "approve", "give-back", "present", "rebuild", "edition", "print"):
        assert post("dmitry", f"{at}{step}/", {"note": "x"}, 1).status_code == 404, step


def test_a_long_documents_pdf_is_asked_for_and_waited_for(case: Case, post, api_as, monkeypatch):
    monkeypatch.setattr(printing, "LONG_HTML", 0)
    report = case.report()
    at = f"{REPORTS}{report.pk}/"
    waiting = api_as("anna").get(f"{at}content/")
    assert (waiting.status_code, waiting.json()) == (202, {"state": "", "progress": 0})
    assert waiting["Retry-After"] == "3"
    assert post("anna", f"{at}print/").status_code == 200
    assert api_as("anna").get(f"{at}content/").json()["state"] == JobStatus.QUEUED
    services.print_pdf(report.pk, now=clock.now(), step=NONE["step"], hold=NONE["hold"])
    assert api_as("anna").get(f"{at}content/").content == b"%PDF- quick"


# --- links -----------------------------------------------------------------------------------


def test_a_link_made_by_rest_says_its_address_once_and_opens_the_report(case: Case, post, api_as):
    final = case.final()
    made = post("anna", LINKS, {"report": final.pk, "participant": case.participant.pk})
    assert (made.status_code, made.json()["state"]) == (201, "open")
    address = made.json()["link"]
    secret = address.rstrip("/").rpartition("/")[2]
    again = api_as("anna").get(f"{LINKS}{made.json()['id']}/").json()
    assert again["link"] == "" and secret not in str(again)
    (listed,) = api_as("anna").get(LINKS, {"report": final.pk}).json()["results"]
    assert listed["link"] == "" and listed["state"] == "open"
    opened = Browser().post(urlsplit(address).path)
    assert opened.content == b"%PDF- quick"
    assert api_as("anna").get(f"{LINKS}{made.json()['id']}/").json()["state"] == "used"


def test_a_repeated_call_makes_no_second_link_and_finds_no_secret(case: Case, post):
    body = {"report": case.final().pk, "participant": case.participant.pk}
    key = {"idempotency-key": "one-link-please"}
    before = ReportLink.objects.count()
    first = post("anna", LINKS, body, **key).json()
    second = post("anna", LINKS, body, **key)
    secret = first["link"].rstrip("/").rpartition("/")[2]
    assert len(secret) > 30
    assert second["Idempotency-Replayed"] == "true"
    assert second.json() == {**first, "link": ""}
    assert ReportLink.objects.count() == before + 1
    assert secret not in DoneCall.objects.get(key="one-link-please").body


def test_a_link_is_revoked_by_rest_once(case: Case, post):
    link, secret = services.make_link(
        actor=case.author, report=case.final(), participant=case.participant, now=clock.now()
    )
    at = f"{LINKS}{link.pk}/revoke/"
    assert post("anna", at).status_code == 428
    assert post("anna", at, version=7).status_code == 412
    assert post("dmitry", at, version=1).status_code == 404
    done = post("galina", at, version=1)
    assert (done.status_code, done.json()["state"]) == (200, "revoked")
    assert post("galina", at, version=2).status_code == 400
    assert Browser().post(f"/download/{secret}/").status_code == 410


def test_a_link_to_a_draft_or_for_a_stranger_is_refused(case: Case, post, world):
    draft = post("anna", LINKS, {"report": case.report().pk, "participant": case.participant.pk})
    assert draft.status_code == 400
    stranger = world.rows["own"]["contacts.participant"]
    other = post("anna", LINKS, {"report": case.final().pk, "participant": stranger.pk})
    assert errors(other) == {"participant": "Это участник другого клиента."}


# --- batches ---------------------------------------------------------------------------------


def period() -> dict[str, str]:
    today = clock.today()
    return {"since": str(today - timedelta(days=60)), "until": str(today)}


def test_a_batch_is_ordered_watched_stopped_retried_packed_and_fetched(
    case: Case, post, api_as, settings, tmp_path, world
):
    settings.MEDIA_ROOT = tmp_path
    made = post("galina", BATCHES, period() | {"specialist": world.staff["anna"].pk})
    assert made.status_code == 201
    assert made.json()["title"].split() == world.staff["anna"].short_name.split()
    at = f"{BATCHES}{made.json()['id']}/"
    rows = CooperationReport.objects.filter(batch=made.json()["id"])
    assert set(rows.values_list("client__specialist", flat=True)) == {world.staff["anna"].pk}
    count = rows.count()
    told = {"total": count, "built": 0, "failed": 0, "cancelled": 0, "waiting": count, "percent": 0}
    assert api_as("galina").get(f"{at}progress/").json() == told | {"zip": ""}
    assert post("galina", f"{at}pack/").status_code == 400
    services.build(rows.first().pk, now=clock.now(), **NONE)
    JobRun.objects.filter(key=str(rows.first().pk)).update(status=JobStatus.DONE)
    assert post("galina", f"{at}cancel/").json() == {"reports": count - 1}
    assert api_as("galina").get(f"{at}progress/").json()["cancelled"] == count - 1
    assert post("galina", f"{at}retry/").json() == {"reports": count - 1}
    assert api_as("galina").get(f"{at}progress/").json()["waiting"] == count - 1
    assert api_as("galina").get(f"{at}content/").status_code == 404
    assert post("galina", f"{at}pack/").json()["zip"] == JobStatus.QUEUED
    services.pack(made.json()["id"], **NONE)
    zipped = api_as("galina").get(f"{at}content/")
    assert (zipped.status_code, zipped["Content-Type"]) == (200, "application/zip")
    assert b"".join(zipped.streaming_content)[:2] == b"PK"


def test_an_order_is_its_givers_alone(case: Case, post, api_as):
    batch = factories.report_batch(case.head, case.report())
    for persona in ("anna", "elena"):
        assert api_as(persona).get(f"{BATCHES}{batch.pk}/").status_code == 404
        assert post(persona, f"{BATCHES}{batch.pk}/cancel/").status_code == 404


def test_a_batch_for_nobody_or_for_a_wrong_period_is_refused_at_its_field(post, world):
    nobody = factories.campaign(2031)
    refused = post("anna", BATCHES, period() | {"campaign": nobody.pk})
    assert refused.status_code == 400 and "ни один клиент" in str(refused.json())
    wrong = post("anna", BATCHES, {"since": "2026-05-01", "until": "2026-04-01"})
    assert set(errors(wrong)) == {"until"}
    assert not ReportBatch.objects.filter(title=str(nobody)).exists()


def test_a_batch_of_a_campaign_is_for_the_clients_with_an_offer_in_it(case: Case, post, world):
    """And for those alone whom the caller may see."""
    campaign = factories.campaign(2031)
    factories.offer(campaign, factories.contract(case.client))
    factories.offer(campaign, factories.contract(world.clients["foreign"]))
    made = post("anna", BATCHES, period() | {"campaign": campaign.pk})
    assert made.json()["title"] == "Индексация 2031"
    clients = CooperationReport.objects.filter(batch=made.json()["id"])
    assert list(clients.values_list("client", flat=True)) == [case.client.pk]


def test_the_page_offers_campaigns_and_chooses_the_same_clients(case: Case, client_as, world):
    campaign = factories.campaign(2031)
    draft = factories.campaign(2032, status="draft")
    for _ in range(2):  # two contracts, one report
        factories.offer(campaign, factories.contract(case.client))
    page = client_as("anna").get("/reports/batches/new/").content.decode()
    assert (
        "Индексация 2031" in page
        and f'value="{draft.pk}"'
        not in page.partition('name="campaign"')[2].partition("</select>")[0]
    )
    sent = client_as("anna").post(
        "/reports/batches/new/",
        period() | {"campaign": campaign.pk, "segment": case.client.segment},
    )
    assert sent.status_code == 302
    batch = ReportBatch.objects.latest("pk")
    assert batch.title == f"{case.client.get_segment_display()}, Индексация 2031"
    assert [row.client_id for row in batch.reports.all()] == [case.client.pk]
