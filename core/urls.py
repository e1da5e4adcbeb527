"""Addresses of the kernel."""

from django.urls import path

from core import views, views_home, views_jobs, views_settings
from core import views_webhooks as hooks

urlpatterns = [
    path("", views_home.HomePage.as_view(), name="home"),
    path("help/", views_home.HelpPage.as_view(), name="help"),
    path("jobs/", views_jobs.JobsPage.as_view(), name="jobs"),
    path("jobs/request/", views_jobs.JobRequest.as_view(), name="job_request"),
    path("jobs/<int:pk>/", views_jobs.JobRunPage.as_view(), name="job_run"),
    path("jobs/<int:pk>/again/", views_jobs.JobRerun.as_view(), name="job_rerun"),
    path("settings/", views_settings.SettingsPage.as_view(), name="settings"),
    path("settings/reset/", views_settings.ResetSetting.as_view(), name="setting_reset"),
    path("work-calendar/", views_settings.WorkCalendarPage.as_view(), name="work_calendar"),
    path("work-calendar/new/", views_settings.AddDay.as_view(), name="calendar_day_add"),
    path("work-calendar/<int:pk>/", views_settings.EditDay.as_view(), name="calendar_day_edit"),
    path(
        "work-calendar/<int:pk>/delete/",
        views_settings.DeleteDay.as_view(),
        name="calendar_day_delete",
    ),
    path("webhooks/", hooks.WebhookList.as_view(), name="webhooks"),
    path("webhooks/add/", hooks.WebhookAdd.as_view(), name="webhook_add"),
    path("webhooks/panel/", hooks.WebhooksPanel.as_view(), name="panel_webhooks"),
    path("webhooks/<int:pk>/", hooks.WebhookPage.as_view(), name="webhook"),
    path("webhooks/<int:pk>/edit/", hooks.WebhookEdit.as_view(), name="webhook_edit"),
    path("webhooks/<int:pk>/secret/", hooks.WebhookSecret.as_view(), name="webhook_secret"),
    path("webhooks/<int:pk>/ping/", hooks.WebhookPing.as_view(), name="webhook_ping"),
    path("webhooks/<int:pk>/switch/", hooks.WebhookSwitch.as_view(), name="webhook_switch"),
    path("deliveries/<int:pk>/", hooks.DeliveryPage.as_view(), name="delivery"),
    path(
        "deliveries/<int:pk>/replay/",
        hooks.DeliveryReplay.as_view(),
        name="delivery_replay",
    ),
    path("deliveries/<int:pk>/skip/", hooks.DeliverySkip.as_view(), name="delivery_skip"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("filters/save/", views.SaveFilter.as_view(), name="saved_filter_add"),
    path("filters/<int:pk>/drop/", views.DropFilter.as_view(), name="saved_filter_delete"),
]
