"""What the apps above may hear: facts about clients changed."""

from django.dispatch import Signal

# Sent inside the transaction of the write with `client_ids: list[int]`.
facts_changed = Signal()
