"""The router of /api/v1/: each app lists its viewsets in its `api.py` as `routes`."""

from importlib import import_module

from rest_framework.routers import SimpleRouter

from core import resources

router = SimpleRouter(trailing_slash=True)
APPS = (
    "accounts",
    "contacts",
    "visits",
    "needs",
    "lamps",
    "bonuses",
    "reports",
    "reports.director",
    "core.bulk",
)
for app in APPS:
    for prefix, viewset in import_module(f"{app}.api").routes:
        resources.declare(prefix, str(viewset.model._meta.verbose_name_plural))
        router.register(prefix, viewset, basename=f"api-{prefix}")
