"""Clients, staff, who serves whom, and the facts that the КИС supplies."""

from accounts.models.campaign import IndexationCampaign, IndexationOffer, SegmentPlan
from accounts.models.client import Assignment, Churn, ChurnCause, Client
from accounts.models.contract import Contract, ContractPrice
from accounts.models.facts import Entitlement, Feed, GndRecord, Service, Training, Usage
from accounts.models.money import Invoice, Payment
from accounts.models.staff import Employee, Position, Substitution, Unit
from accounts.models.target import Target
from accounts.models.user import ApiToken, User

__all__ = [
    "ApiToken",
    "Assignment",
    "Churn",
    "ChurnCause",
    "Client",
    "Contract",
    "ContractPrice",
    "Employee",
    "Entitlement",
    "Feed",
    "GndRecord",
    "IndexationCampaign",
    "IndexationOffer",
    "Invoice",
    "Payment",
    "Position",
    "SegmentPlan",
    "Service",
    "Substitution",
    "Target",
    "Training",
    "Unit",
    "Usage",
    "User",
]
