"""The five jobs of an integrator: as docs/api.md tells them, and by a client made of the schema."""

import hashlib
import hmac
import importlib
import os
import re
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from accounts.enums import Role
from accounts.models import Client, Invoice, Usage
from core import events
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "api.md").read_text()
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def examples(language: str) -> list[str]:
    """The code of the page in one language, the line that sets the environment left out."""
    found = re.findall(rf"^```{language}\n(.*?)^```", PAGE, re.M | re.S)
    return [code for code in found if not code.startswith("export ")]


@pytest.fixture
def key(transactional_db: None) -> str:
    """A key that reads and writes; a client with a lamp, one that left, and the event of it."""
    found, _ = factories.api_token(factories.user("robot", Role.INTEGRATOR), writes=True)
    factories.lamp(factories.client())
    gone = factories.client()
    churn = factories.churn(gone)
    events.publish("client.churned", subject=churn, client=gone, data={"reason": churn.reason})
    events.sequence()
    return found


def is_done() -> None:
    """What the first three jobs leave behind."""
    client = Client.objects.get(external_id="K-1")
    assert (client.name, client.inn) == ("ООО Ромашка", "7707083893")
    assert Usage.objects.get(client=client, day=date(2026, 9, 15)).quantity == 12
    assert Invoice.objects.get(client=client).settled_on == date(2026, 9, 15)


def test_the_examples_in_curl(live_server: Any, key: str) -> None:
    script = "set -euo pipefail\n" + "\n".join(examples("bash"))
    environment = {**os.environ, "LAMPA": live_server.url, "KEY": key, "no_proxy": "*"}
    ran = subprocess.run(
        ["bash", "-c", script], env=environment, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stdout[-2000:] + ran.stderr[-2000:]
    is_done()
    assert '"client.churned"' in ran.stdout and '"colour"' in ran.stdout


def test_the_examples_in_python(
    live_server: Any, key: str, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    for name, value in (("LAMPA", live_server.url), ("KEY", key), ("no_proxy", "*")):
        monkeypatch.setenv(name, value)
    names: dict[str, Any] = {}
    for code in examples("python"):
        exec(code, names)
    names["api"].close()
    is_done()
    assert len(names["lamps"]) == 1
    assert "client.churned" in capsys.readouterr().out
    stamp = str(int(time.time()))
    mark = hmac.new(b"s", f"{stamp}.x".encode(), hashlib.sha256).hexdigest()
    assert names["is_genuine"]("s", f"t={stamp},v1=0,v1={mark}", b"x")
    assert not names["is_genuine"]("other", f"t={stamp},v1={mark}", b"x")
    assert not names["is_genuine"]("s", f"t=1,v1={mark}", b"x")


def test_a_client_made_of_the_schema_does_the_five_jobs(
    live_server: Any, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "config.yaml").write_text(
        "post_hooks: []\ncontent_type_overrides:\n  application/pdf: application/octet-stream\n"
        "  application/zip: application/octet-stream\n"
    )
    made = subprocess.run(
        [Path(sys.executable).with_name("openapi-python-client"), "generate",
         "--path", ROOT / "docs" / "openapi.yaml", "--output-path", tmp_path / "lampa_client",
         "--meta", "none", "--config", tmp_path / "config.yaml", "--fail-on-warning"],
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert made.returncode == 0, made.stdout[-2000:] + made.stderr[-2000:]
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("no_proxy", "*")

    def call(group: str, name: str, **given: Any) -> Any:
        module = importlib.import_module(f"lampa_client.api.{group}.{name}")
        answer = module.sync_detailed(client=api, **given)
        assert answer.status_code < 300 and answer.parsed is not None, answer.content.decode()
        return answer.parsed

    def post(group: str, name: str, body: Any) -> Any:
        return call(group, name, body=body, idempotency_key=str(uuid4()))

    models = importlib.import_module("lampa_client.models")
    api = importlib.import_module("lampa_client").AuthenticatedClient(
        base_url=live_server.url, token=key
    )
    with api:
        client = models.BulkClientsRequest.from_dict({"rows": [
            {"external_id": "K-1", "name": "ООО Ромашка", "inn": "7707083893", "kpp": "770701001",
             "segment": "retail", "connected_on": "2026-09-01"},
        ]})  # fmt: skip
        report = post("bulk", "bulk_clients_create", client)
        assert (report.created, report.refused) == (1, 0)
        usage = models.BulkUsageRequest.from_dict({"rows": [
            {"client_external_id": "K-1", "service": "kplus", "day": "2026-09-15", "quantity": 12},
        ]})  # fmt: skip
        assert post("bulk", "bulk_usage_create", usage).created == 1
        found = call("clients", "clients_list", q="ромашка").results
        invoice = post("invoices", "invoices_create", models.InvoiceRequest(
            client=found[0].id, number="А-17", month=date(2026, 9, 1), amount="12500.00",
            due_on=date(2026, 9, 25),
        ))  # fmt: skip
        post("payments", "payments_create", models.PaymentRequest(
            invoice=invoice.id, paid_on=date(2026, 9, 15), amount="12500.00", external_id="000123",
        ))  # fmt: skip
        assert len(call("lamps", "lamps_list").results) == 1
        feed = call("events", "events_retrieve", cursor="")
        assert [event.kind for event in feed.results] == ["client.churned"]
    is_done()
