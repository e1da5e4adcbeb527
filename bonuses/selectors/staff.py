"""The stints of a month, read for everybody at once in four queries."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from accounts.models import Position, Substitution
from bonuses.enums import SchemeKind
from bonuses.models import PayBase
from bonuses.months import shifted
from bonuses.stints import Days, Held, Pay, Span, Stint, stints, worked_days
from core.selectors import work_calendar


class Staff:
    """Positions, absences and bases of everybody, or of some, within [since, until)."""

    def __init__(self, since: date, until: date, employees: Iterable[int] | None = None) -> None:
        self.days = Days.of(work_calendar(), since, until)
        self.held = self._held(since, until, employees)
        self.away = self._away(since, until, employees)
        self.pays = self._pays(until, employees)

    @staticmethod
    def _held(since: date, until: date, employees: Iterable[int] | None) -> list[Held]:
        rows = Position.objects.filter(
            Q(ends_on=None) | Q(ends_on__gt=since),
            starts_on__lt=until,
            kind__in=SchemeKind.values,
        )
        if employees is not None:
            rows = rows.filter(employee__in=employees)
        found = rows.order_by().values_list(
            "employee_id", "unit_id", "kind", "starts_on", "ends_on", "employee__left_on"
        )
        held = []
        for employee, unit, kind, starts, ends, left in found:
            # The last day of work is the day of leaving.
            last = min(ends or until, date.fromordinal(left.toordinal() + 1) if left else until)
            held.append(Held(employee, unit, kind, starts, last))
        return held

    @staticmethod
    def _away(since: date, until: date, employees: Iterable[int] | None) -> dict[int, list[Span]]:
        rows = Substitution.objects.filter(starts_on__lt=until, ends_on__gt=since)
        if employees is not None:
            rows = rows.filter(absent__in=employees)
        found: dict[int, list[Span]] = defaultdict(list)
        for employee, starts, ends in rows.order_by().values_list(
            "absent_id", "starts_on", "ends_on"
        ):
            found[employee].append((starts, ends))
        return found

    @staticmethod
    def _pays(until: date, employees: Iterable[int] | None) -> dict[int, list[Pay]]:
        rows = PayBase.objects.filter(starts_on__lt=until)
        if employees is not None:
            rows = rows.filter(employee__in=employees)
        found: dict[int, list[Pay]] = defaultdict(list)
        for employee, starts, amount, rate in rows.order_by("starts_on").values_list(
            "employee_id", "starts_on", "amount", "rate"
        ):
            found[employee].append(Pay(starts, amount, rate))
        return found

    def stints(self, month: date) -> list[Stint]:
        """The stints of a month that lies within the days read."""
        until = shifted(month, 1)
        days = Days(self.days.within(month, until))
        return stints(self.held, self.away, self.pays, days, month, until)

    def worked(self, employee: int, since: date, until: date) -> tuple[int, int]:
        """Working days of an employee in [since, until), whatever the unit, and all of them."""
        spans = [
            (max(row.since, since), min(row.until, until))
            for row in self._of(employee)
            if row.since < until and row.until > since
        ]
        worked = worked_days(self.days, spans, self.away.get(employee, ()))
        return len(worked), len(self.days.within(since, until))

    def _of(self, employee: int) -> list[Held]:
        if not hasattr(self, "_by_employee"):
            self._by_employee: dict[int, list[Held]] = defaultdict(list)
            for row in self.held:
                self._by_employee[row.employee].append(row)
        return self._by_employee[employee]
