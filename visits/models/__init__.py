"""Contacts of both levels, what was agreed in them, and how they are reviewed."""

from visits.models.agreement import Agreement, Risk
from visits.models.criteria import VisitCriterion, VisitMark
from visits.models.feed import CalendarFeed
from visits.models.hook import NewsHook
from visits.models.review import Attendance, ControlPoint, ControlPointKind, StaffTraining
from visits.models.visit import Visit

__all__ = [
    "Agreement",
    "Attendance",
    "CalendarFeed",
    "ControlPoint",
    "ControlPointKind",
    "NewsHook",
    "Risk",
    "StaffTraining",
    "Visit",
    "VisitCriterion",
    "VisitMark",
]
