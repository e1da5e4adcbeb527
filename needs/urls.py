"""Addresses of needs."""

from django.urls import path

from needs import views

urlpatterns = [
    path("needs/", views.Needs.as_view(), name="needs"),
    path("needs/new/", views.NewNeed.as_view(), name="need_new"),
    path("needs/almost/", views.AlmostConfirmed.as_view(), name="panel_needs"),
    path("needs/<int:pk>/", views.NeedCard.as_view(), name="need"),
    path("needs/<int:pk>/edit/", views.EditNeed.as_view(), name="need_edit"),
    path("needs/<int:pk>/advance/", views.AdvanceNeed.as_view(), name="need_advance"),
    path("needs/<int:pk>/back/", views.StepBack.as_view(), name="need_back"),
    path("needs/<int:pk>/drop/", views.DropNeed.as_view(), name="need_drop"),
    path("needs/<int:pk>/reopen/", views.ReopenNeed.as_view(), name="need_reopen"),
    path("clients/<int:pk>/needs/", views.ClientNeeds.as_view(), name="client_needs"),
    path("clients/<int:pk>/needs/add/", views.AddNeed.as_view(), name="need_add"),
]
