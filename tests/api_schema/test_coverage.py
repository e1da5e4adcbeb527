"""Every model of the program has a route, or a reason not to have one written down here."""

from django.apps import apps

from config.api import router

WITHOUT = {
    # the administrator's, in the browser, with a second factor: a stolen key makes no better one
    "accounts.User", "accounts.ApiToken", "core.AuditEntry", "core.Setting",
    "core.Webhook", "core.Delivery", "core.DeliveryAttempt",
    # parts of a resource: they come and go inside the contact, need, participant, scheme
    "contacts.Person", "contacts.RolePeriod", "lamps.SchemeIndicator", "lamps.Tier",
    "needs.NeedStep", "needs.VisitAgenda", "visits.VisitCriterion", "visits.VisitMark",
    # a person's own, or the program's
    "core.SavedFilter", "core.DoneCall", "lamps.LampRefresh", "lamps.Night",
    "lamps.Counted", "visits.CalendarFeed",
}  # fmt: skip


def test_every_model_has_a_route_or_a_reason() -> None:
    ours = ("accounts", "contacts", "visits", "needs", "lamps", "core")
    served = {viewset.model._meta.label for _, viewset, _ in router.registry}
    named = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in ours and not model._meta.auto_created
    }
    silent = sorted(named - served - WITHOUT)
    assert silent == []
    assert sorted(WITHOUT & served) == [] and sorted(WITHOUT - named) == []
