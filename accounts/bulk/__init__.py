"""What the КИС may send many rows at a time: clients, staff, facts, money."""

from accounts.bulk import clients, facts, money, staff  # noqa: F401  (they register themselves)
from accounts.bulk.columns import CLIENT, CODE_IN_KIS, choices, told

__all__ = ["CLIENT", "CODE_IN_KIS", "choices", "told"]
