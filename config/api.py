"""The router of /api/v1/: each app lists its viewsets in its `api.py` as `routes`."""

from importlib import import_module

from rest_framework.routers import SimpleRouter

router = SimpleRouter(trailing_slash=True)
for app in ("accounts", "contacts", "visits", "needs", "lamps", "bonuses", "reports", "core.bulk"):
    for prefix, viewset in import_module(f"{app}.api").routes:
        router.register(prefix, viewset, basename=f"api-{prefix}")
