"""Addresses of reports."""

from typing import Any

urlpatterns: list[Any] = []
