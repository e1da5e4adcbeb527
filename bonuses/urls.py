"""Addresses of bonuses: sheets, the month, schemes, what is written down by hand."""

from django.urls import path

from bonuses.views import facts, months, scheme_forms, schemes, sheets

urlpatterns = [
    path("pay/", sheets.SheetsPage.as_view(), name="pay_sheets"),
    path("pay/estimate/", sheets.EstimatePage.as_view(), name="pay_estimate"),
    path("pay/<int:pk>/", sheets.SheetPage.as_view(), name="pay_sheet"),
    path("pay/<int:pk>/pdf/", sheets.SheetPdf.as_view(), name="pay_sheet_pdf"),
    path("pay/<int:pk>/agree/", sheets.Agree.as_view(), name="pay_agree"),
    path("pay/<int:pk>/recompute/", sheets.Recompute.as_view(), name="pay_recompute"),
    path("pay/<int:pk>/assess/", sheets.Assess.as_view(), name="pay_assess"),
    path("pay/<int:pk>/give-back/", sheets.GiveBack.as_view(), name="pay_give_back"),
    path("pay/<int:pk>/approve/", sheets.Approve.as_view(), name="pay_approve"),
    path("pay/lines/<int:pk>/", sheets.LineRows.as_view(), name="pay_line_rows"),
    path("pay/lines/<int:pk>/object/", sheets.ObjectPage.as_view(), name="pay_object"),
    path("pay/objections/", sheets.ObjectionsPage.as_view(), name="pay_objections"),
    path("pay/objections/<int:pk>/", sheets.AnswerPage.as_view(), name="pay_answer"),
    path("pay/month/", months.MonthPage.as_view(), name="pay_month"),
    path("pay/month/draft/", months.DraftMonth.as_view(), name="pay_month_draft"),
    path("pay/month/assess/", months.AssessMonth.as_view(), name="pay_month_assess"),
    path("pay/month/approve/", months.ApproveMonth.as_view(), name="pay_month_approve"),
    path("pay/month/close/", months.CloseMonth.as_view(), name="pay_month_close"),
    path("pay/month/export/", months.ExportMonth.as_view(), name="pay_month_export"),
    path("pay/schemes/", schemes.SchemesPage.as_view(), name="bonus_schemes"),
    path("pay/schemes/add/", scheme_forms.SchemeAdd.as_view(), name="bonus_scheme_add"),
    path("pay/schemes/<int:pk>/", schemes.SchemePage.as_view(), name="bonus_scheme"),
    path("pay/schemes/<int:pk>/edit/", scheme_forms.SchemeEdit.as_view(), name="bonus_scheme_edit"),
    path("pay/schemes/<int:pk>/copy/", schemes.SchemeCopy.as_view(), name="bonus_scheme_copy"),
    path(
        "pay/schemes/<int:pk>/what-if/", schemes.WhatIfPage.as_view(), name="bonus_scheme_what_if"
    ),
    path(
        "pay/schemes/<int:pk>/publish/",
        schemes.SchemePublish.as_view(),
        name="bonus_scheme_publish",
    ),
    path(
        "pay/schemes/<int:pk>/withdraw/",
        schemes.SchemeWithdraw.as_view(),
        name="bonus_scheme_withdraw",
    ),
    path(
        "pay/schemes/<int:pk>/delete/", schemes.SchemeDelete.as_view(), name="bonus_scheme_delete"
    ),
    path(
        "pay/schemes/<int:pk>/blocks/add/", scheme_forms.BlockAdd.as_view(), name="bonus_block_add"
    ),
    path("pay/blocks/<int:pk>/edit/", scheme_forms.BlockEdit.as_view(), name="bonus_block_edit"),
    path("pay/blocks/<int:pk>/delete/", schemes.BlockDelete.as_view(), name="bonus_block_delete"),
    path("pay/blocks/<int:pk>/kpis/add/", scheme_forms.KpiAdd.as_view(), name="bonus_kpi_add"),
    path("pay/kpis/<int:pk>/edit/", scheme_forms.KpiEdit.as_view(), name="bonus_kpi_edit"),
    path("pay/kpis/<int:pk>/delete/", schemes.KpiDelete.as_view(), name="bonus_kpi_delete"),
    path("pay/bases/", facts.PayBases.as_view(), name="pay_bases"),
    path("pay/bases/add/", facts.PayBaseAdd.as_view(), name="pay_base_add"),
    path("pay/bases/<int:pk>/edit/", facts.PayBaseEdit.as_view(), name="pay_base_edit"),
    path("pay/bases/<int:pk>/delete/", facts.PayBaseDelete.as_view(), name="pay_base_delete"),
    path("pay/upsells/", facts.Upsells.as_view(), name="upsells"),
    path("pay/upsells/add/", facts.UpsellAdd.as_view(), name="upsell_add"),
    path("pay/upsells/<int:pk>/edit/", facts.UpsellEdit.as_view(), name="upsell_edit"),
    path("pay/upsells/<int:pk>/delete/", facts.UpsellDelete.as_view(), name="upsell_delete"),
    path("pay/facts/", facts.ManualFacts.as_view(), name="manual_facts"),
    path("pay/facts/add/", facts.ManualFactAdd.as_view(), name="manual_fact_add"),
    path("pay/facts/<int:pk>/edit/", facts.ManualFactEdit.as_view(), name="manual_fact_edit"),
    path("pay/facts/<int:pk>/delete/", facts.ManualFactDelete.as_view(), name="manual_fact_delete"),
    path("panels/pay-estimate/", sheets.EstimatePanel.as_view(), name="panel_pay_estimate"),
    path("panels/pay-waiting/", sheets.WaitingPanel.as_view(), name="panel_pay_waiting"),
]
