"""Many rows from the КИС at once: each function writes a batch that `core.bulk` hands it."""

from accounts.services.loads.clients import load_clients
from accounts.services.loads.contracts import load_contracts, load_prices
from accounts.services.loads.facts import load_entitlements, load_gnd, load_trainings
from accounts.services.loads.money import load_invoices, load_payments
from accounts.services.loads.staff import load_churns, load_staff
from accounts.services.loads.usage import load_usage

__all__ = [
    "load_churns",
    "load_clients",
    "load_contracts",
    "load_entitlements",
    "load_gnd",
    "load_invoices",
    "load_payments",
    "load_prices",
    "load_staff",
    "load_trainings",
    "load_usage",
]
