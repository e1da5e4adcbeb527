"""All addresses: pages of the apps, log-in, the API, the admin of dictionaries."""

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from config.api import router


def not_here(request: HttpRequest) -> HttpResponse:
    """An address that a library has and this program does not."""
    raise Http404


urlpatterns = [
    path("", include("core.urls")),
    path("", include("core.bulk.urls")),
    path("", include("accounts.urls")),
    path("", include("contacts.urls")),
    path("", include("visits.urls")),
    path("", include("needs.urls")),
    path("", include("lamps.urls")),
    path("", include("reports.director.urls")),
    path("", include("bonuses.urls")),
    path("", include("reports.urls")),
    # allauth answers more than we use: nobody registers or resets a password here.
    re_path(
        "^account/(?:signup|inactive|email|confirm-email|login/code|password/(?:set|reset))/",
        not_here,
    ),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path(
        "api/docs/",
        SpectacularSwaggerSplitView.as_view(
            url_name="api-schema", template_name="core/api_docs.html"
        ),
        name="api-docs",
    ),
]
handler400 = "core.handlers.bad_request"
handler404 = "core.handlers.not_found"
handler500 = "core.handlers.server_error"
