"""What a scheme or other plans would have cost on the facts of a month; nothing is written."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from accounts.models import Employee, Unit
from bonuses.models import BonusScheme
from bonuses.selectors.drafts import Month, SheetNow
from bonuses.selectors.schemes import in_force, with_rules


@dataclass(frozen=True)
class WhatIfRow:
    """One person under the rules in force (`now`, None without any) and under the others."""

    employee: Employee
    unit: Unit
    now: Decimal | None
    then: Decimal

    @property
    def change(self) -> Decimal | None:
        """Roubles more."""
        return None if self.now is None else self.then - self.now


@dataclass(frozen=True)
class WhatIf:
    """Everybody of a scheme's position, and the sums."""

    month: date
    rows: Sequence[WhatIfRow]

    @property
    def now(self) -> Decimal:
        """What the month costs by the rules in force."""
        return sum((row.now or Decimal(0) for row in self.rows), Decimal(0))

    @property
    def then(self) -> Decimal:
        """What it would cost."""
        return sum((row.then for row in self.rows), Decimal(0))

    @property
    def change(self) -> Decimal:
        """Roubles more."""
        return self.then - self.now

    @property
    def losing(self) -> int:
        """How many would get less."""
        return sum(1 for row in self.rows if row.change is not None and row.change < 0)

    @property
    def winning(self) -> int:
        """How many would get more."""
        return sum(1 for row in self.rows if row.change is not None and row.change > 0)


def what_if(scheme: BonusScheme, month: date, today: date, plans: Mapping[int, Decimal]) -> WhatIf:
    """A scheme tried on the facts of a month, with other plans by KPI where given."""
    rules = with_rules(BonusScheme.objects.filter(pk=scheme.pk))[0]
    other = Month(month, today, schemes={scheme.kind: rules}, plans=plans)
    then = {s.stint.key: s for s in other.sheets()}
    present = {k: v for k, v in in_force(month).items() if k == scheme.kind}
    now: dict[tuple[int, int, str], SheetNow] = {}
    if present:
        # The same facts and the same staff: only the rules are others.
        other.in_force, other.plans = dict(present), {}
        now = {s.stint.key: s for s in other.sheets()}
    people = Employee.objects.in_bulk({key[0] for key in then})
    units = Unit.objects.in_bulk({key[1] for key in then})
    rows = [
        WhatIfRow(
            employee=people[key[0]],
            unit=units[key[1]],
            now=now[key].earned if key in now else None,
            then=sheet.earned,
        )
        for key, sheet in then.items()
    ]
    rows.sort(key=lambda r: (r.change if r.change is not None else Decimal(0), str(r.employee)))
    return WhatIf(month, rows)
