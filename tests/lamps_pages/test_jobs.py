"""Pages of jobs: the list, progress, asking for a day."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse

from core import jobs
from core.models import AuditEntry, JobRun
from lamps.models import Night
from tests.lamps_pages.conftest import As, Centre, text

pytestmark = pytest.mark.django_db


def ask(browser: Any, on: date, kind: str = "night") -> Any:
    return browser.post(reverse("job_request"), {"kind": kind, "business_date": on.isoformat()})


def test_ask_watch_and_read_the_outcome(centre: Centre, page_as: As) -> None:
    browser = page_as("elena")
    assert "Ночной расчёт лампочек" in text(browser.get(reverse("job_request")))
    answer = ask(browser, centre.today)
    run = JobRun.objects.get()
    assert answer.url == reverse("job_run", args=[run.pk])
    assert run.requested_by == centre.users["elena"]
    waiting = text(browser.get(answer.url))
    assert f'hx-get="{answer.url}"' in waiting
    assert 'hx-trigger="every 1s"' in waiting
    part = text(browser.get(answer.url, headers={"HX-Request": "true"}))
    assert "<html" not in part
    assert 'hx-trigger="every 1s"' in part
    taken = jobs.claim(run.requested_at)
    assert taken is not None
    jobs._jobs[taken.kind].body(jobs.JobContext(taken), taken.business_date)
    JobRun.objects.update(
        status="done", counters={"clients": 7, "lamps": 0}, progress=100,
        started_at=run.requested_at, finished_at=run.requested_at + timedelta(seconds=3.4),
    )  # fmt: skip
    done = text(browser.get(answer.url, headers={"HX-Request": "true"}))
    assert "hx-trigger" not in done
    assert "клиентов 7, лампочек изменено 0" in done
    assert "3,4 с" in done
    listed = text(browser.get(reverse("jobs")))
    assert "16.09.2026" in listed
    assert "Готово" in listed


def test_run_again(centre: Centre, page_as: As) -> None:
    browser = page_as("zhanna")
    ask(browser, centre.today)
    JobRun.objects.update(status="failed", error="ValueError: беда", attempts=3)
    run = JobRun.objects.get()
    body = text(browser.get(reverse("job_run", args=[run.pk])))
    assert "ValueError: беда" in body
    assert "Рассчитать заново" in body
    browser.post(reverse("job_rerun", args=[run.pk]))
    run.refresh_from_db()
    assert (run.status, run.error, run.attempts) == ("queued", "", 0)
    assert AuditEntry.objects.filter(subject=f"core.jobrun:{run.pk}").count() == 2


def test_refusals(centre: Centre, page_as: As) -> None:
    browser = page_as("elena")
    assert ask(browser, centre.today + timedelta(days=1)).status_code == 422
    late = ask(browser, centre.today - timedelta(days=5 * 366 + 1))
    assert "не хранится" in late.content.decode()
    assert ask(browser, centre.today, kind="nothing").status_code == 422
    assert not JobRun.objects.exists()
    for who in ("anna", "galina"):
        assert page_as(who).get(reverse("jobs")).status_code == 403
        assert ask(page_as(who), centre.today).status_code == 403
    assert browser.get(reverse("job_run", args=[987_654_321])).status_code == 404
    assert Night.objects.count() == 17


def test_an_empty_list_says_so(centre: Centre, page_as: As) -> None:
    assert "Заданий ещё не было" in text(page_as("elena").get(reverse("jobs")))
