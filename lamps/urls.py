"""Addresses of lamps: board, table, tab of the client's card, schemes."""

from django.urls import path

urlpatterns: list = []
_ = path
