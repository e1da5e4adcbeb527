"""Whether a contact was prepared: the plan stood before the start (standard 1). Values only."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Preparation:
    """Goal and plan of a contact, when they were last written, when the contact began."""

    goal: str = ""
    plan: str = ""
    prepared_at: datetime | None = None
    started_at: datetime | None = None

    @property
    def is_prepared(self) -> bool:
        """The plan was written before the start; before a contact, simply written."""
        if not self.plan or self.prepared_at is None:
            return False
        return self.started_at is None or self.prepared_at < self.started_at


def written_at(
    before: Preparation,
    goal: str,
    plan: str,
    started_at: datetime | None,
    now: datetime,
    *,
    agenda: bool = False,
    agenda_changed: bool = False,
) -> datetime | None:
    """When goal, plan and agenda count as written, after a change made `now`.

    Any change of one moves the moment to `now`; none of any, no moment. `agenda` says whether
    anything is taken to the contact, `agenda_changed` whether it is other than before. Once a
    contact has begun and was not prepared, moving its start to a later hour does not make it so.
    """
    if not goal and not plan and not agenda:
        return None
    changed = agenda_changed or (goal, plan) != (before.goal, before.plan)
    if changed or before.prepared_at is None:
        return now
    begun_unprepared = before.started_at is not None and not before.is_prepared
    if begun_unprepared and started_at is not None and before.prepared_at < started_at:
        return now
    return before.prepared_at
