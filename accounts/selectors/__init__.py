"""Reads of clients, facts and staff."""

from accounts.selectors.clients import (
    assignments_of,
    churns_of_month,
    clients_by_id,
    clients_for,
    history_of,
    history_of_row,
    last_churn,
    new_clients,
    substitution_of,
    with_client_names,
)

__all__ = [
    "assignments_of",
    "churns_of_month",
    "clients_by_id",
    "clients_for",
    "history_of",
    "history_of_row",
    "last_churn",
    "new_clients",
    "substitution_of",
    "with_client_names",
]
