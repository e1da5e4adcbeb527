"""Addresses of the kernel."""

from django.urls import path

from core import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("filters/save/", views.SaveFilter.as_view(), name="saved_filter_add"),
    path("filters/<int:pk>/drop/", views.DropFilter.as_view(), name="saved_filter_delete"),
]
