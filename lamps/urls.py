"""Addresses of lamps: board, table, tab of the client's card, schemes, panels."""

from django.urls import path

from lamps.views import board, card, churn_risk, panels, schemes, table

urlpatterns = [
    path("board/", board.BoardPage.as_view(), name="board"),
    path("board/changes/", board.BoardChanges.as_view(), name="board_changes"),
    path("lamps/", table.LampsPage.as_view(), name="lamps"),
    path("churn-risk/", churn_risk.ChurnRiskPage.as_view(), name="churn_risk"),
    path("clients/<int:pk>/risk/", churn_risk.ClientRisk.as_view(), name="client_risk"),
    path("clients/<int:pk>/lamp/", card.ClientLamp.as_view(), name="client_lamp"),
    path("lamps/schemes/", schemes.SchemesPage.as_view(), name="lamp_schemes"),
    path("lamps/schemes/add/", schemes.SchemeAdd.as_view(), name="lamp_scheme_add"),
    path("lamps/schemes/<int:pk>/", schemes.SchemePage.as_view(), name="lamp_scheme"),
    path("lamps/schemes/<int:pk>/edit/", schemes.SchemeEdit.as_view(), name="lamp_scheme_edit"),
    path("lamps/schemes/<int:pk>/copy/", schemes.SchemeCopy.as_view(), name="lamp_scheme_copy"),
    path(
        "lamps/schemes/<int:pk>/preview/",
        schemes.SchemePreview.as_view(),
        name="lamp_scheme_preview",
    ),
    path(
        "lamps/schemes/<int:pk>/publish/",
        schemes.SchemePublish.as_view(),
        name="lamp_scheme_publish",
    ),
    path(
        "lamps/schemes/<int:pk>/withdraw/",
        schemes.SchemeWithdraw.as_view(),
        name="lamp_scheme_withdraw",
    ),
    path(
        "lamps/schemes/<int:pk>/delete/", schemes.SchemeDelete.as_view(), name="lamp_scheme_delete"
    ),
    path(
        "lamps/schemes/<int:pk>/indicators/add/",
        schemes.IndicatorAdd.as_view(),
        name="lamp_scheme_indicator_add",
    ),
    path(
        "lamps/schemes/<int:pk>/indicators/<int:rule>/",
        schemes.IndicatorEdit.as_view(),
        name="lamp_scheme_indicator_edit",
    ),
    path(
        "lamps/schemes/<int:pk>/indicators/<int:rule>/delete/",
        schemes.IndicatorDelete.as_view(),
        name="lamp_scheme_indicator_delete",
    ),
    path("panels/my-lamps/", panels.MyLamps.as_view(), name="panel_my_lamps"),
    path("panels/expiring/", panels.ExpiringSoon.as_view(), name="panel_expiring"),
    path("panels/pools/", panels.PoolsPanel.as_view(), name="panel_pools"),
    path("panels/changes/", panels.ChangesPanel.as_view(), name="panel_changes"),
]
