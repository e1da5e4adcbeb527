"""Filters of contact data."""

from django import template

from contacts import phones

register = template.Library()
register.filter("dialable", phones.dialable)
