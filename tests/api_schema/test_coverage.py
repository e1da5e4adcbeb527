"""Every model of the program has a route, or a reason not to have one written down here."""

from django.apps import apps

from config.api import router

OURS = {
    "accounts", "contacts", "visits", "needs", "lamps", "bonuses", "reports", "core", "bulk",
}  # fmt: skip
WITHOUT = {
    # the administrator's, in the browser, with a second factor: a stolen key makes no better one
    "accounts.User", "accounts.ApiToken", "core.AuditEntry", "core.Setting",
    "core.Webhook", "core.Delivery", "core.DeliveryAttempt",
    # parts of a resource: they come and go inside the contact, need, participant, scheme, sheet
    "contacts.Person", "contacts.RolePeriod", "lamps.SchemeIndicator", "lamps.Tier",
    "needs.NeedStep", "needs.VisitAgenda", "visits.VisitMark",
    "bonuses.BonusBlock", "bonuses.BonusKpi", "bonuses.BonusStep", "bonuses.SheetLine",
    # the PDF of a report and of a letter is its `content`
    "reports.ReportFile", "reports.LetterFile",
    # a person's own, or the program's
    "core.SavedFilter", "core.DoneCall", "lamps.LampRefresh", "lamps.Night",
    "lamps.Counted", "visits.CalendarFeed", "bulk.Mapping",
    # who looked at whose pay is the audit's; the look of paper is the office's
    "bonuses.SheetView", "reports.Letterhead",
    # what a file held and what it changed: kept for its report and its undo, in the browser
    "bulk.ImportRow", "bulk.ImportChange",
}  # fmt: skip


def named(*labels: str) -> set[str]:
    """The models of some apps, by their labels."""
    return {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in labels and not model._meta.auto_created
    }


def test_every_model_has_a_route_or_a_reason() -> None:
    served = {viewset.model._meta.label for _, viewset, _ in router.registry}
    assert sorted(named(*OURS) - served - WITHOUT) == []
    assert sorted(WITHOUT & served) == [] and sorted(WITHOUT - named(*OURS)) == []


def test_no_app_of_the_program_is_overlooked() -> None:
    libraries = ("django.", "allauth", "axes")
    written = {
        one.label
        for one in apps.get_app_configs()
        if not one.name.startswith(libraries) and list(one.get_models())
    }
    assert written <= OURS
