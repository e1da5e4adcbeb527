"""Needs that stand still: in work, on a stage that is not the last, for longer than allowed."""

from datetime import date, timedelta
from typing import Any

from django.db.models import Q

from needs.enums import NeedStatus
from needs.models import NeedStage


def last_stage() -> NeedStage | None:
    """The stage after which nothing comes."""
    return NeedStage.objects.filter(is_on=True).order_by("-code").first()


def standing_still(queryset: Any, on: date, days: int) -> Any:
    """Those of the needs that came to their stage (or were opened) more than `days` ago."""
    limit = on - timedelta(days=days)
    late = Q(stage_on__lt=limit) | Q(stage=None, opened_on__lt=limit)
    found = queryset.filter(late, status=NeedStatus.OPEN)
    last = last_stage()
    return found if last is None else found.filter(~Q(stage=last) | Q(stage=None))
