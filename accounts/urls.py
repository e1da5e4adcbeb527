"""Addresses of clients, staff, accounts, feeds and the audit log."""

from django.urls import path

from accounts.views import audit, card, clients, feeds, panels, staff, users

urlpatterns = [
    path("clients/", clients.ClientList.as_view(), name="clients"),
    path("clients/add/", clients.ClientAdd.as_view(), name="client_add"),
    path("clients/transfer/", clients.ClientTransfer.as_view(), name="client_transfer"),
    path("clients/<int:pk>/", card.ClientCard.as_view(), name="client"),
    path("clients/<int:pk>/overview/", card.OverviewTab.as_view(), name="client_overview"),
    path("clients/<int:pk>/money/", card.MoneyTab.as_view(), name="client_money"),
    path("clients/<int:pk>/usage/", card.UsageTab.as_view(), name="client_usage"),
    path("clients/<int:pk>/history/", card.HistoryTab.as_view(), name="client_history"),
    path("clients/<int:pk>/edit/", clients.ClientEdit.as_view(), name="client_edit"),
    path("clients/<int:pk>/assign/", clients.ClientAssign.as_view(), name="client_assign"),
    path(
        "clients/<int:pk>/disconnect/",
        clients.ClientDisconnect.as_view(),
        name="client_disconnect",
    ),
    path("clients/<int:pk>/reconnect/", clients.ClientReconnect.as_view(), name="client_reconnect"),
    path("churns/", clients.ChurnList.as_view(), name="churns"),
    path("units/", staff.UnitTree.as_view(), name="units"),
    path("units/add/", staff.UnitAdd.as_view(), name="unit_add"),
    path("units/<int:pk>/edit/", staff.UnitEdit.as_view(), name="unit_edit"),
    path("employees/", staff.EmployeeList.as_view(), name="employees"),
    path("employees/add/", staff.EmployeeAdd.as_view(), name="employee_add"),
    path("employees/<int:pk>/", staff.EmployeeCard.as_view(), name="employee"),
    path("employees/<int:pk>/edit/", staff.EmployeeEdit.as_view(), name="employee_edit"),
    path("positions/", staff.PositionList.as_view(), name="positions"),
    path("positions/add/", staff.PositionAdd.as_view(), name="position_add"),
    path("positions/<int:pk>/edit/", staff.PositionEdit.as_view(), name="position_edit"),
    path("substitutions/", staff.SubstitutionList.as_view(), name="substitutions"),
    path("substitutions/add/", staff.SubstitutionAdd.as_view(), name="substitution_add"),
    path(
        "substitutions/<int:pk>/edit/", staff.SubstitutionEdit.as_view(), name="substitution_edit"
    ),
    path("services/", staff.ServiceList.as_view(), name="services"),
    path("services/add/", staff.ServiceAdd.as_view(), name="service_add"),
    path("services/<int:pk>/edit/", staff.ServiceEdit.as_view(), name="service_edit"),
    path("feeds/", feeds.FeedList.as_view(), name="feeds"),
    path("feeds/<slug:code>/edit/", feeds.FeedEdit.as_view(), name="feed_edit"),
    path("users/", users.UserList.as_view(), name="users"),
    path("users/add/", users.UserAdd.as_view(), name="user_add"),
    path("users/<int:pk>/edit/", users.UserEdit.as_view(), name="user_edit"),
    path("tokens/", users.TokenList.as_view(), name="tokens"),
    path("tokens/add/", users.TokenAdd.as_view(), name="token_add"),
    path("tokens/<int:pk>/revoke/", users.TokenRevoke.as_view(), name="token_revoke"),
    path("audit/", audit.AuditList.as_view(), name="audit"),
    path("audit/<int:pk>/", audit.AuditCard.as_view(), name="audit_entry"),
    path("panels/new-clients/", panels.NewClientsPanel.as_view(), name="panel_new_clients"),
    path("panels/substitutions/", panels.SubstitutionsPanel.as_view(), name="panel_substitutions"),
    path("panels/churn/", panels.ChurnPanel.as_view(), name="panel_churn"),
    path("panels/feeds/", panels.FeedsPanel.as_view(), name="panel_feeds"),
    path("panels/settings/", panels.SettingsPanel.as_view(), name="panel_settings"),
]
