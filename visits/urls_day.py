"""Addresses of news hooks, preparation and my day."""

from django.urls import path

from visits.views import day, hooks, overview, preparation

urlpatterns = [
    path("day/", day.Day.as_view(), name="day"),
    path("day/panel/", day.DayPanel.as_view(), name="panel_day"),
    path("visits/<int:pk>/prepare/", preparation.PrepareVisit.as_view(), name="visit_prepare"),
    path("clients/<int:pk>/prepare/", preparation.PrepareClient.as_view(), name="client_prepare"),
    path("clients/<int:pk>/overview/", overview.ClientOverview.as_view(), name="client_overview"),
    path("hooks/", hooks.Hooks.as_view(), name="hooks"),
    path("hooks/add/", hooks.AddHook.as_view(), name="hook_add"),
    path("hooks/<int:pk>/", hooks.HookCard.as_view(), name="hook"),
    path("hooks/<int:pk>/edit/", hooks.EditHook.as_view(), name="hook_edit"),
    path("hooks/<int:pk>/archive/", hooks.ArchiveHook.as_view(), name="hook_archive"),
]
