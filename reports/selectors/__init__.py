"""Reads of cooperation reports."""
