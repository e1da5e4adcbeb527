"""Filters of contacts, shared by pages and API."""
