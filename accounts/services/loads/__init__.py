"""Many rows from the КИС at once: each function writes a batch that `core.bulk` hands it."""

from accounts.services.loads.clients import load_clients
from accounts.services.loads.usage import load_usage

__all__ = ["load_clients", "load_usage"]
