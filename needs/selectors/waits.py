"""How long a need has stood on its stage, beside how long such needs stood there."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db import connection

from core.shares import half_up
from needs.enums import NeedStatus
from needs.funnel import FEW
from needs.models import Need, NeedStage

NEWEST = 5000  # so many of the centre that moved on last are asked

_MEDIAN = """
    SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY days), count(*) FROM (
        SELECT moved."on" - coalesce(came."on", n.opened_on) AS days
        FROM (
            SELECT * FROM needs_needstep WHERE stage_id = %(next)s
            ORDER BY id DESC LIMIT %(newest)s
        ) moved
        JOIN needs_need n ON n.id = moved.need_id
        LEFT JOIN needs_needstep came ON came.need_id = n.id AND came.stage_id = %(stage)s
        WHERE (%(unit)s::bigint IS NULL OR n.unit_id = %(unit)s)
          AND (came.id IS NOT NULL OR %(stage)s::bigint IS NULL)
    ) passed
"""


@dataclass(frozen=True)
class Wait:
    """Days on the stage; the median of those who moved on, and of how many it is."""

    days: int
    median: Decimal | None = None
    number: int = 0
    is_of_unit: bool = False

    @property
    def is_longer(self) -> bool:
        """Whether it stands longer than half of them did."""
        return self.median is not None and self.days > self.median

    @property
    def is_few(self) -> bool:
        """Whether there are too few to judge by."""
        return 0 < self.number < FEW


def wait_of(need: Need, today: date) -> Wait | None:
    """How long a need in work has stood where it is; None on the last stage and out of work.

    Beside it stands the median of its unit; with too few of these, of the whole centre.
    """
    if need.status != NeedStatus.OPEN:
        return None
    code = need.stage.code if need.stage else ""
    coming = NeedStage.objects.filter(is_on=True, code__gt=code).order_by("code").first()
    if coming is None:
        return None
    days = (today - (need.stage_on or need.opened_on)).days
    median, number = _median(need.stage_id, coming.pk, need.unit_id)
    if need.unit_id is not None and number >= FEW:
        return Wait(days, median, number, is_of_unit=True)
    if need.unit_id is not None:
        median, number = _median(need.stage_id, coming.pk, None)
    return Wait(days, median, number)


def _median(stage: int | None, coming: int, unit: int | None) -> tuple[Decimal | None, int]:
    with connection.cursor() as cursor:
        asked = {"stage": stage, "next": coming, "unit": unit, "newest": NEWEST}
        cursor.execute(_MEDIAN, asked)
        found, number = cursor.fetchone()
    if found is None:
        return None, 0
    return half_up(Decimal(str(found)), 1).normalize(), number
