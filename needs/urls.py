"""Addresses of needs."""

from django.urls import path

from needs import views
from needs.views import figures, impact, steps_ahead

urlpatterns = [
    path("needs/", views.Needs.as_view(), name="needs"),
    path("needs/new/", views.NewNeed.as_view(), name="need_new"),
    path("needs/almost/", views.AlmostConfirmed.as_view(), name="panel_needs"),
    path("needs/board/", views.NeedBoard.as_view(), name="needs_board"),
    path("needs/stages/", views.Stages.as_view(), name="need_stages"),
    path("needs/confirmations/", views.Confirmations.as_view(), name="confirmations"),
    path(
        "needs/confirmations/waiting/",
        views.WaitingConfirmations.as_view(),
        name="panel_confirmations",
    ),
    path("needs/confirmations/<int:pk>/", views.DecideConfirmation.as_view(), name="confirmation"),
    path(
        "needs/confirmations/<int:pk>/withdraw/",
        views.WithdrawConfirmation.as_view(),
        name="confirmation_withdraw",
    ),
    path("needs/files/<int:pk>/", views.FileContent.as_view(), name="need_file"),
    path("needs/files/<int:pk>/remove/", views.RemoveFile.as_view(), name="need_file_remove"),
    path("needs/session/", steps_ahead.AlmostList.as_view(), name="need_almost"),
    path("needs/<int:pk>/similar/", steps_ahead.SimilarNeeds.as_view(), name="need_similar"),
    path("needs/impact/", impact.ImpactPage.as_view(), name="impact"),
    path("needs/funnel/", figures.FunnelPage.as_view(), name="need_funnel"),
    path("needs/funnel/months/", figures.MonthsPage.as_view(), name="need_months"),
    path("needs/funnel/plan/", figures.PlanPage.as_view(), name="need_plan"),
    path("needs/funnel/effects/", figures.EffectsPage.as_view(), name="need_effects"),
    path("needs/funnel/rows/", figures.NeedRowsPage.as_view(), name="need_rows"),
    path("needs/<int:pk>/", views.NeedCard.as_view(), name="need"),
    path("needs/<int:pk>/edit/", views.EditNeed.as_view(), name="need_edit"),
    path("needs/<int:pk>/advance/", views.AdvanceNeed.as_view(), name="need_advance"),
    path("needs/<int:pk>/ask/", views.AskPerson.as_view(), name="need_ask_person"),
    path("needs/<int:pk>/link/", views.AskByLink.as_view(), name="need_ask_link"),
    path("needs/<int:pk>/files/add/", views.AddFile.as_view(), name="need_file_add"),
    path("needs/<int:pk>/back/", views.StepBack.as_view(), name="need_back"),
    path("needs/<int:pk>/drop/", views.DropNeed.as_view(), name="need_drop"),
    path("needs/<int:pk>/reopen/", views.ReopenNeed.as_view(), name="need_reopen"),
    path("confirm/<str:secret>/", views.ConfirmLink.as_view(), name="confirm_link"),
    path("clients/<int:pk>/needs/", views.ClientNeeds.as_view(), name="client_needs"),
    path("clients/<int:pk>/needs/add/", views.AddNeed.as_view(), name="need_add"),
]
