"""Addresses of the kernel."""

from django.urls import path

from core import views, views_home, views_jobs

urlpatterns = [
    path("", views_home.HomePage.as_view(), name="home"),
    path("help/", views_home.HelpPage.as_view(), name="help"),
    path("jobs/", views_jobs.JobsPage.as_view(), name="jobs"),
    path("jobs/request/", views_jobs.JobRequest.as_view(), name="job_request"),
    path("jobs/<int:pk>/", views_jobs.JobRunPage.as_view(), name="job_run"),
    path("jobs/<int:pk>/again/", views_jobs.JobRerun.as_view(), name="job_rerun"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("filters/save/", views.SaveFilter.as_view(), name="saved_filter_add"),
    path("filters/<int:pk>/drop/", views.DropFilter.as_view(), name="saved_filter_delete"),
]
