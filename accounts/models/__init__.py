"""Clients, staff, who serves whom, and the facts that the КИС supplies."""

from accounts.models.client import Assignment, Churn, Client
from accounts.models.facts import Entitlement, Feed, GndRecord, Service, Training, Usage
from accounts.models.money import Invoice, Payment
from accounts.models.staff import Employee, Position, Substitution, Unit
from accounts.models.target import Target
from accounts.models.user import ApiToken, User

__all__ = [
    "ApiToken",
    "Assignment",
    "Churn",
    "Client",
    "Employee",
    "Entitlement",
    "Feed",
    "GndRecord",
    "Invoice",
    "Payment",
    "Position",
    "Service",
    "Substitution",
    "Target",
    "Training",
    "Unit",
    "Usage",
    "User",
]
