"""All addresses: pages of the apps, log-in, the API, the admin of dictionaries."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerView

from config.api import router

urlpatterns = [
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("contacts.urls")),
    path("", include("visits.urls")),
    path("", include("needs.urls")),
    path("", include("lamps.urls")),
    path("account/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("api/v1/", include(router.urls)),
    path("api/schema/", SpectacularAPIView.as_view(), name="api-schema"),
    path("api/docs/", SpectacularSwaggerView.as_view(url_name="api-schema"), name="api-docs"),
]
