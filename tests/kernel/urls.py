"""Addresses for tests of the kernel: its own pages, log-in, and one API route of each kind."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from rest_framework.routers import SimpleRouter

from accounts.models import Client
from core import services
from core.api import ReadViewSet, Serializer, WriteViewSet
from core.filters import FilterSet, SearchFilter
from core.models import SavedFilter
from core.policy import policy_for


class ClientSerializer(Serializer):
    class Meta:
        model = Client
        fields = ["id", "version", "name", "inn", "kpp", "segment", "is_key", "competitor",
                  "connected_on", "specialist"]  # fmt: skip
        read_only_fields = ["version", "specialist"]


class ClientFilter(FilterSet):
    q = SearchFilter(field_name="search_key")

    class Meta:
        model = Client
        fields = ["segment", "specialist"]


class Clients(WriteViewSet):
    model = Client
    serializer_class = ClientSerializer
    filterset_class = ClientFilter
    ordering_fields = ["sort_key"]

    def perform_add(self, data: dict[str, Any]) -> Any:
        return services.create(Client(**data), actor=self.request.user)

    def perform_change(self, obj: Any, data: dict[str, Any], version: int | None) -> Any:
        policy_for(Client).check(self.request.user, "change", obj)
        return services.update(obj, data, actor=self.request.user, version=version)


class Filters(ReadViewSet):
    """A row without a version."""

    class serializer_class(Serializer):
        class Meta:
            model = SavedFilter
            fields = ["id", "name"]

    model = SavedFilter


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse("home")


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret of the code")


router = SimpleRouter()
router.register("clients", Clients, basename="clients")
router.register("filters", Filters, basename="filters")
urlpatterns = [
    path("", home, name="home"),
    path("broken/", broken),
    path("", include("core.urls")),
    path("account/", include("allauth.urls")),
    path("api/", include(router.urls)),
]
