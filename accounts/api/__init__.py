"""REST of clients, staff and facts. Accounts, keys and the audit log have none."""

from accounts.api import calendar, clients, events, facts, money, staff, targets

routes = [
    ("clients", clients.ClientViewSet),
    ("assignments", clients.AssignmentViewSet),
    ("churns", clients.ChurnViewSet),
    ("units", staff.UnitViewSet),
    ("employees", staff.EmployeeViewSet),
    ("positions", staff.PositionViewSet),
    ("substitutions", staff.SubstitutionViewSet),
    ("services", staff.ServiceViewSet),
    ("calendar-days", calendar.CalendarDayViewSet),
    ("feeds", facts.FeedViewSet),
    ("usage", facts.UsageViewSet),
    ("entitlements", facts.EntitlementViewSet),
    ("trainings", facts.TrainingViewSet),
    ("gnd-records", facts.GndRecordViewSet),
    ("invoices", money.InvoiceViewSet),
    ("payments", money.PaymentViewSet),
    ("targets", targets.TargetViewSet),
    ("events", events.EventViewSet),
]
