"""Addresses of imports."""

from django.urls import path

from core.bulk import views

urlpatterns = [
    path("imports/", views.ImportsPage.as_view(), name="imports"),
    path("imports/new/", views.ImportNew.as_view(), name="import_new"),
    path("imports/<int:pk>/", views.ImportPage.as_view(), name="import"),
    path("imports/<int:pk>/columns/", views.ImportColumns.as_view(), name="import_columns"),
    path("imports/<int:pk>/progress/", views.ImportProgress.as_view(), name="import_progress"),
    path("imports/<int:pk>/confirm/", views.ImportConfirm.as_view(), name="import_confirm"),
    path("imports/<int:pk>/stop/", views.ImportStop.as_view(), name="import_stop"),
    path("imports/<int:pk>/again/", views.ImportAgain.as_view(), name="import_again"),
    path("imports/<int:pk>/undo/", views.ImportUndo.as_view(), name="import_undo"),
    path("imports/<int:pk>/refused/", views.ImportRefused.as_view(), name="import_refused"),
]
