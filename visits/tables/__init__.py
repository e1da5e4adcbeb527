"""Columns of the lists of contacts."""
