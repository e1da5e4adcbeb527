"""Addresses of the director's pages."""

from django.urls import path

from reports.director import views

urlpatterns = [
    path("director/", views.BoardPage.as_view(), name="director"),
    path("director/pdf/", views.BoardPaper.as_view(), name="director_pdf"),
    path("churns/plan/", views.ChurnPlanPage.as_view(), name="churn_plan"),
]
