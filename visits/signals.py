"""What the apps above may hear: contacts with clients changed."""

from django.dispatch import Signal

# Sent inside the transaction of the write with `client_ids: list[int]`.
visit_changed = Signal()
