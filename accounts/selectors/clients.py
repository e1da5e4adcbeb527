"""Reads of clients: lists, the card's head, its tabs."""

from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import OuterRef, Subquery

from accounts.models import Assignment, Churn, Client, Substitution
from core.audit import reference
from core.models import AuditEntry
from core.policy import policy_for


def clients_for(user: Any) -> Any:
    """The clients that a user may see, with what a row of the list shows."""
    return policy_for(Client).visible_to(user).select_related("specialist", "unit")


def clients_by_id(user: Any, ids: Iterable[int]) -> dict[int, Client]:
    """Those of the clients that the user may see, by id."""
    return policy_for(Client).visible_to(user).in_bulk(list(ids))


def with_client_names(rows: Any) -> Any:
    """Rows with a `client_id`, each with the client's name as `client_name`.

    For rows that already came through the scope of their client.
    """
    named = Client.objects.filter(pk=OuterRef("client_id")).values("name")
    return rows.annotate(client_name=Subquery(named))


def substitution_of(client: Client, on: date) -> Substitution | None:
    """Who stands in for the client's specialist on a day."""
    if client.specialist_id is None:
        return None
    return (
        Substitution.objects.current_on(on)
        .filter(absent_id=client.specialist_id)
        .select_related("substitute")
        .first()
    )


def last_churn(client: Client) -> Churn | None:
    """The latest disconnection of a client."""
    return client.churns.order_by("-on").first()


def assignments_of(client: Client) -> list[Assignment]:
    """Who served the client, latest first."""
    rows = Assignment.objects.filter(client=client).select_related("specialist", "unit")
    return list(rows.order_by("-starts_on", "-id"))


def history_of(client: Client, *, before: int | None = None, limit: int = 50) -> list[AuditEntry]:
    """The audit rows about a client, newest first; one more than `limit` tells of more."""
    rows = AuditEntry.objects.filter(about=reference(client)).select_related("actor")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return list(rows.order_by("-pk")[: limit + 1])


def history_of_row(row: Any, limit: int = 50) -> list[AuditEntry]:
    """The audit rows of one row, newest first."""
    found = AuditEntry.objects.filter(subject=reference(row)).select_related("actor")
    return list(found.order_by("-pk")[:limit])


def new_clients(user: Any, since: date) -> Any:
    """Clients connected since a day, newest first."""
    return clients_for(user).filter(connected_on__gte=since).order_by("-connected_on", "sort_key")


def churns_of_month(user: Any, on: date) -> Any:
    """Disconnections of the month of a day, newest first."""
    first = on.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return (
        policy_for(Churn)
        .visible_to(user)
        .filter(on__gte=first, on__lt=after)
        .select_related("client", "client__unit")
        .order_by("-on", "client__sort_key")
    )
