"""Who may see lamps, and who may write their rules."""

from typing import Any

from accounts.policy import (
    OFFICE,
    SERVING,
    ClientRowPolicy,
    OpenPolicy,
    pool_condition,
)
from core.policy import Policy
from lamps.models import Indicator, Lamp, LampPeriod, LampScheme, PoolDay, SchemeIndicator


class LampPolicy(Policy):
    """The lamp's own specialist and unit are those of its client, so no join is needed."""

    model = Lamp
    grants = {"view": SERVING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(pool_condition(user))


class LampPeriodPolicy(ClientRowPolicy):
    """History follows the client: whoever serves it now sees its past."""

    model = LampPeriod
    grants = {"view": SERVING}

    def as_it_was(self, user: Any) -> Any:
        """Periods whose client stood in the user's reach then, wherever it has gone since.

        These are the rows that a past board counted, so that its numbers open exactly them.
        """
        rows = LampPeriod.objects.all()
        return rows.filter(pool_condition(user)) if self.can(user, "view") else rows.none()


class PoolDayPolicy(Policy):
    model = PoolDay
    grants = {"view": SERVING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(pool_condition(user))


class LampSchemePolicy(OpenPolicy):
    model = LampScheme
    grants = {
        "view": SERVING | OFFICE,
        "add": OFFICE,
        "change": OFFICE,
        "delete": OFFICE,
        "publish": OFFICE,
    }


class SchemeIndicatorPolicy(OpenPolicy):
    model = SchemeIndicator
    grants = {"view": SERVING | OFFICE, "add": OFFICE, "change": OFFICE, "delete": OFFICE}


class IndicatorPolicy(OpenPolicy):
    model = Indicator
    grants = {"view": SERVING | OFFICE, "add": OFFICE, "change": OFFICE}
