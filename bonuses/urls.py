"""Addresses of bonuses."""

from typing import Any

urlpatterns: list[Any] = []
