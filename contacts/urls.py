"""Addresses of the decision scheme."""

from django.urls import path

from contacts.views import merge
from contacts.views import scheme as views

urlpatterns = [
    path("participants/", views.Participants.as_view(), name="participants"),
    path("participants/duplicates/", merge.Duplicates.as_view(), name="duplicates"),
    path(
        "participants/<int:pk>/merge/", merge.MergeParticipant.as_view(), name="participant_merge"
    ),
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
    path("clients/<int:pk>/scheme/picture/", views.SchemePicture.as_view(), name="scheme_picture"),
    path(
        "clients/<int:pk>/participants/add/", views.AddParticipant.as_view(), name="participant_add"
    ),
]
