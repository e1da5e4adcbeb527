"""Who may see and log contacts: whoever serves the client; К2У is for heads and above."""

from typing import Any

from accounts.policy import HEAD, INTEGRATOR, MANAGER, SERVING, ClientRowPolicy
from visits.enums import VisitLevel
from visits.models import Visit


class VisitPolicy(ClientRowPolicy):
    model = Visit
    grants = {
        "view": SERVING,
        "add": SERVING,
        "change": SERVING,
        "log_k2": frozenset({HEAD, MANAGER, INTEGRATOR}),
    }

    def levels(self, user: Any) -> list[str]:
        """The levels of contact that the user may record."""
        return list(VisitLevel) if self.can(user, "log_k2") else [VisitLevel.K1]

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if action == "change" and obj.level not in self.levels(user):
            return False
        return super().can_object(user, action, obj)
