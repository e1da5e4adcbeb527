"""Addresses of the decision scheme."""

from django.urls import path

from contacts import views

urlpatterns = [
    path("participants/", views.Participants.as_view(), name="participants"),
    path("participants/<int:pk>/", views.ParticipantCard.as_view(), name="participant"),
    path("participants/<int:pk>/edit/", views.EditParticipant.as_view(), name="participant_edit"),
    path(
        "participants/<int:pk>/close/", views.CloseParticipant.as_view(), name="participant_close"
    ),
    path(
        "participants/<int:pk>/verify/",
        views.VerifyParticipant.as_view(),
        name="participant_verify",
    ),
    path("clients/<int:pk>/scheme/", views.ClientScheme.as_view(), name="client_scheme"),
    path(
        "clients/<int:pk>/participants/add/", views.AddParticipant.as_view(), name="participant_add"
    ),
]
