"""The only place that reads the clock. Business dates are days in Moscow."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.utils import timezone

MOSCOW = ZoneInfo("Europe/Moscow")


def now() -> datetime:
    """The present moment, aware, in UTC."""
    return timezone.now()


def business_date(moment: datetime) -> date:
    """The Moscow calendar day on which an aware moment falls."""
    return moment.astimezone(MOSCOW).date()


def today() -> date:
    """The present business date."""
    return business_date(now())
