"""Addresses of contacts."""

from django.urls import path

from visits import views

urlpatterns = [
    path("visits/", views.Visits.as_view(), name="visits"),
    path("visits/new/", views.NewVisit.as_view(), name="visit_new"),
    path("visits/due/", views.DueVisits.as_view(), name="panel_visits"),
    path("visits/<int:pk>/", views.VisitCard.as_view(), name="visit"),
    path("visits/<int:pk>/edit/", views.EditVisit.as_view(), name="visit_edit"),
    path("visits/<int:pk>/complete/", views.CompleteVisit.as_view(), name="visit_complete"),
    path("visits/<int:pk>/cancel/", views.CancelVisit.as_view(), name="visit_cancel"),
    path("clients/<int:pk>/visits/", views.ClientVisits.as_view(), name="client_visits"),
    path("clients/<int:pk>/visits/log/", views.LogVisit.as_view(), name="visit_log"),
    path("clients/<int:pk>/visits/plan/", views.PlanVisit.as_view(), name="visit_plan"),
]
