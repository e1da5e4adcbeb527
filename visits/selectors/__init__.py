"""Reads of contacts, agreements and reviews."""

from visits.selectors.agreements import (
    Tasks,
    agreements_of,
    executors_for,
    my_employees,
    open_tasks,
    tasks_for,
)
from visits.selectors.outcome import (
    as_last_time,
    contact_of,
    criteria,
    last_contact,
    marks_of,
    open_risks,
    with_outcome,
    with_risk_names,
)
from visits.selectors.visits import (
    due_visits,
    employees_for,
    next_planned,
    own_employee,
    unit_of,
    units_of,
    visits_of,
    with_people,
)

__all__ = [
    "Tasks",
    "agreements_of",
    "as_last_time",
    "contact_of",
    "criteria",
    "due_visits",
    "employees_for",
    "executors_for",
    "last_contact",
    "marks_of",
    "my_employees",
    "next_planned",
    "open_risks",
    "open_tasks",
    "own_employee",
    "tasks_for",
    "unit_of",
    "units_of",
    "visits_of",
    "with_outcome",
    "with_people",
    "with_risk_names",
]
