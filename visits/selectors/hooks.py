"""Reads of news hooks: which match a client, which clients match one.

Both ways round ask PostgreSQL's full-text search in Russian: the words of a hook's keyword must
stand in the client's portrait or specifics, in any form, those of a phrase side by side.
"""

from collections.abc import Sequence
from datetime import date
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.search import SearchQuery, SearchVector
from django.db import connection
from django.db.models import BooleanField, F, Func, Q, QuerySet, Value

from accounts.models import Client
from core.policy import policy_for
from visits.hooks import phrases
from visits.models import NewsHook

CONFIG = "russian"


class _AnyPhrase(Func):
    """Whether a text vector holds any of the keywords of a row."""

    template = (
        "EXISTS (SELECT FROM (VALUES (%(expressions)s)) v (words, said),"
        " unnest(string_to_array(v.words, ',')) word"
        " WHERE v.said @@ phraseto_tsquery('russian', word))"
    )
    output_field = BooleanField()


def in_force(queryset: Any, on: date) -> Any:
    """Hooks that hold on a day."""
    return queryset.filter(published_on__lte=on).filter(
        Q(valid_until=None) | Q(valid_until__gte=on)
    )


def hooks_for(client: Client, on: date, limit: int = 10) -> list[NewsHook]:
    """Hooks in force that match what is known of a client, the newest first; one query."""
    said = SearchVector(Value(client.portrait), Value(client.specifics), config=CONFIG)
    rows = in_force(NewsHook.objects.all(), on).filter(Q(segment="") | Q(segment=client.segment))
    return list(rows.filter(_AnyPhrase(F("keywords"), said))[:limit])


def matching(queryset: Any, hook: NewsHook) -> Any:
    """Clients of the hook's segment whose portrait or specifics hold one of its keywords."""
    queries = [
        SearchQuery(phrase, config=CONFIG, search_type="phrase")
        for phrase in phrases(hook.keywords)
    ]
    if not queries:
        return queryset.none()
    if hook.segment:
        queryset = queryset.filter(segment=hook.segment)
    words = SearchVector("portrait", "specifics", config=CONFIG)
    return queryset.alias(words=words).filter(words=reduce(or_, queries))


def clients_of(user: Any, hook: NewsHook) -> QuerySet[Client]:
    """The clients served now, within the user's scope, that a hook matches."""
    rows = policy_for(Client).visible_to(user).filter(disconnected_on=None)
    return matching(rows, hook)


def unsearchable(words: Sequence[str]) -> list[str]:
    """Those keywords in which the search finds no word: «на», «и», marks."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT word FROM unnest(%s::text[]) WITH ORDINALITY w (word, n)"
            " WHERE numnode(phraseto_tsquery('russian', word)) = 0 ORDER BY n",
            [list(words)],
        )
        return [row[0] for row in cursor.fetchall()]
