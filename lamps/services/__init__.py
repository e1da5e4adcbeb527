"""Writes of lamps: the night and the refresh, and the editing of schemes."""

from lamps.services.night import (
    compute_night,
    digest,
    mark_stale,
    recompute_since,
    refresh_clients,
    refresh_marked,
)
from lamps.services.schemes import (
    copy_scheme,
    create_indicator,
    create_scheme,
    delete_scheme,
    publish_scheme,
    remove_indicator,
    save_indicator,
    update_indicator,
    update_scheme,
    withdraw_scheme,
)

__all__ = [
    "compute_night",
    "copy_scheme",
    "create_indicator",
    "create_scheme",
    "delete_scheme",
    "digest",
    "mark_stale",
    "publish_scheme",
    "recompute_since",
    "refresh_clients",
    "refresh_marked",
    "remove_indicator",
    "save_indicator",
    "update_indicator",
    "update_scheme",
    "withdraw_scheme",
]
