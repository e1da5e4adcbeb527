"""Addresses of cooperation reports."""

from django.urls import path

from reports import views

urlpatterns = [
    path("reports/", views.Reports.as_view(), name="reports"),
    path("reports/waiting/", views.WaitingReports.as_view(), name="panel_reports"),
    path("reports/batches/", views.Batches.as_view(), name="report_batches"),
    path("reports/batches/new/", views.NewBatch.as_view(), name="report_batch_new"),
    path("reports/batches/<int:pk>/", views.BatchCard.as_view(), name="report_batch"),
    path(
        "reports/batches/<int:pk>/progress/",
        views.BatchProgress.as_view(),
        name="report_batch_progress",
    ),
    path("reports/batches/<int:pk>/cancel/", views.CancelBatch.as_view(), name="report_batch_stop"),
    path("reports/batches/<int:pk>/retry/", views.RetryBatch.as_view(), name="report_batch_retry"),
    path("reports/batches/<int:pk>/pack/", views.PackBatch.as_view(), name="report_batch_pack"),
    path("reports/batches/<int:pk>/zip/", views.BatchZip.as_view(), name="report_batch_zip"),
    path("reports/look/", views.EditLetterhead.as_view(), name="report_letterhead"),
    path("reports/look/logo/<int:pk>/", views.Logo.as_view(), name="report_logo"),
    path("reports/look/colour/<int:pk>.css", views.Colour.as_view(), name="report_colour"),
    path("reports/texts/", views.Blocks.as_view(), name="report_blocks"),
    path("reports/texts/<int:pk>/", views.EditBlock.as_view(), name="report_block"),
    path("reports/links/<int:pk>/revoke/", views.RevokeLink.as_view(), name="report_link_revoke"),
    path("reports/<int:pk>/", views.ReportCard.as_view(), name="report"),
    path("reports/<int:pk>/state/", views.ReportProgress.as_view(), name="report_progress"),
    path("reports/<int:pk>/preview/", views.Preview.as_view(), name="report_preview"),
    path("reports/<int:pk>/pdf/", views.ReportPdf.as_view(), name="report_pdf"),
    path("reports/<int:pk>/edit/", views.EditSections.as_view(), name="report_edit"),
    path("reports/<int:pk>/build/", views.BuildAgain.as_view(), name="report_build"),
    path("reports/<int:pk>/submit/", views.Submit.as_view(), name="report_submit"),
    path("reports/<int:pk>/approve/", views.Approve.as_view(), name="report_approve"),
    path("reports/<int:pk>/return/", views.GiveBack.as_view(), name="report_return"),
    path("reports/<int:pk>/present/", views.Present.as_view(), name="report_present"),
    path("reports/<int:pk>/link/", views.MakeLink.as_view(), name="report_link"),
    path("reports/<int:pk>/edition/", views.NewEdition.as_view(), name="report_edition"),
    path("clients/<int:pk>/reports/", views.ClientReports.as_view(), name="client_reports"),
    path("clients/<int:pk>/reports/add/", views.RequestReport.as_view(), name="report_add"),
    path("download/<str:secret>/", views.Download.as_view(), name="report_download"),
]
