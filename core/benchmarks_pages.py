"""Pages as a benchmark asks for them: through Django's test client, all middleware included."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext, override_settings

Browsers = Mapping[str, Browser]
_BACKEND = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Page:
    """A page, who asks for it, and what it cost: queries, milliseconds of the server."""

    who: str
    label: str
    address: str
    queries: int = 0
    ms: float = 0.0


@contextmanager
def browsers(people: Mapping[str, str]) -> Iterator[Browsers]:
    """A browser signed in for each person: {what the table calls them: their log-in}."""
    with override_settings(ALLOWED_HOSTS=["*"], SECOND_FACTOR_ROLES=[], SECURE_SSL_REDIRECT=False):
        found = {who: Browser() for who in people}
        for who, login in people.items():
            found[who].force_login(get_user_model().objects.get(username=login), _BACKEND)
        yield found


def queries_of(page: Page, asking: Browsers) -> int:
    """How many queries a page makes; AssertionError where it does not answer 200."""
    with CaptureQueriesContext(connection) as queries:
        answer = asking[page.who].get(page.address)
    if answer.status_code != 200:
        raise AssertionError(f"{page.address}: {answer.status_code}")
    return len(queries)


def measure(page: Page, asking: Browsers, runs: int) -> None:
    """Write into a page its queries and the median of some runs, after two that warm up."""
    queries_of(page, asking)
    page.queries = queries_of(page, asking)
    spent = []
    for _ in range(runs):
        began = time.perf_counter()
        asking[page.who].get(page.address)
        spent.append(time.perf_counter() - began)
    page.ms = median(spent) * 1000


def goal_words(pages: Sequence[Page], goal_ms: int) -> str:
    """Whether every page is quicker than the goal, their median and the worst."""
    slow = sum(page.ms >= goal_ms for page in pages)
    worst = max(pages, key=lambda page: page.ms)
    return (
        f"Цель — каждая быстрее {goal_ms} мс: "
        + ("достигнута" if not slow else f"не достигнута на {slow} из {len(pages)}")
        + f"; медиана всех {median(page.ms for page in pages):.0f} мс, "
        f"худшая {worst.ms:.0f} мс ({worst.label})"
    )


def mark(page: Page, goal_ms: int) -> str:
    """What stands behind a page slower than the goal."""
    return "" if page.ms < goal_ms else f"   > {goal_ms} мс"
