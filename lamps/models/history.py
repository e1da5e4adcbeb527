"""What the night writes: the present lamp, its history by change, counts by pool and day."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from accounts.enums import Segment
from accounts.models import Client, Employee, Unit
from core.policy import ScopedQuerySet
from lamps.enums import Colour
from lamps.models.scheme import LampScheme


class Reading(models.Model):
    """Columns that the present lamp and a period of its history share.

    Arrays are indexed by `Indicator.slot`. `raw` is null where there is no data or no such
    indicator in the scheme; `points` are hundredths, null where the indicator takes no part.
    `total` is null with the colour `none`. `since` is the day from which the colour has been the
    same without a break.
    """

    scheme = models.ForeignKey(LampScheme, models.PROTECT, verbose_name="схема", db_index=False)
    specialist = models.ForeignKey(
        Employee, models.PROTECT, null=True, verbose_name="специалист", db_index=False
    )
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, verbose_name="отдел", db_index=False)
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    colour = models.CharField("цвет", max_length=6, choices=Colour)
    total = models.SmallIntegerField("сумма, сотых", null=True)
    raw = ArrayField(models.IntegerField(null=True), verbose_name="значения")
    points = ArrayField(models.SmallIntegerField(null=True), verbose_name="веса, сотых")
    # Slots of indicators that end within the warning window, in indicator order.
    expiring = ArrayField(models.SmallIntegerField(), verbose_name="скоро закончится", default=list)
    since = models.DateField("цвет с")

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True


class Lamp(Reading):
    """The lamp of a client as of the newest night, refreshed after every change of its facts.

    The day itself is `Night`: written here it would rewrite every row every night.
    """

    client = models.OneToOneField(
        Client, models.CASCADE, primary_key=True, verbose_name="клиент", related_name="lamp"
    )
    # Last days by slot of what ends soon, null for the rest; and the nearest of them.
    until = ArrayField(models.DateField(null=True), verbose_name="последние дни", default=list)
    expires_on = models.DateField("ближайшее окончание", null=True)
    # Repeated from the client for sorting a hundred thousand lamps without a join.
    sort_key = models.CharField(max_length=300)

    class Meta:
        verbose_name = "лампочка"
        verbose_name_plural = "лампочки"
        constraints = [
            models.CheckConstraint(condition=Q(colour__in=Colour.values), name="lamp_colour_known"),
            models.CheckConstraint(
                condition=Q(total__isnull=True, colour=Colour.NONE)
                | (Q(total__isnull=False) & ~Q(colour=Colour.NONE)),
                name="lamp_total_with_colour",
            ),
        ]
        indexes = [
            models.Index(fields=["specialist", "colour"], name="lamp_specialist_colour"),
            models.Index(fields=["unit", "colour"], name="lamp_unit_colour"),
            models.Index(fields=["sort_key", "client"], name="lamp_sort"),
            models.Index(fields=["total", "sort_key"], name="lamp_total"),
            models.Index(
                fields=["expires_on"], name="lamp_expires", condition=Q(expires_on__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.get_colour_display()}"


class LampPeriod(Reading):
    """An unbroken stretch of days with the same points, colour, scheme, expiry and pool.

    `raw` holds the values on the first day; they may move within a period without earning
    anything else. Open while `ends_on` is null.
    """

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="lamp_periods", db_index=False
    )
    starts_on = models.DateField("с")
    ends_on = models.DateField("до (не включая)", null=True)

    class Meta:
        verbose_name = "период лампочки"
        verbose_name_plural = "история лампочек"
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["client", "starts_on"], name="lamp_period_start"),
            models.UniqueConstraint(
                fields=["client"], condition=Q(ends_on=None), name="lamp_period_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="lamp_period_order"
            ),
        ]
        indexes = [
            models.Index(fields=["starts_on"], name="lamp_period_starts_on"),
            models.Index(fields=["ends_on"], name="lamp_period_ends_on"),
        ]

    def __str__(self) -> str:
        return f"{self.client}: {self.get_colour_display()} с {self.starts_on:%d.%m.%Y}"


class PoolDay(models.Model):
    """How many clients of a pool had each colour on a day. Boards read only this."""

    on = models.DateField("дата")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, verbose_name="отдел", db_index=False)
    specialist = models.ForeignKey(
        Employee, models.PROTECT, null=True, verbose_name="специалист", db_index=False
    )
    segment = models.CharField("сегмент", max_length=8, choices=Segment)
    red = models.IntegerField("красных", default=0)
    yellow = models.IntegerField("жёлтых", default=0)
    green = models.IntegerField("зелёных", default=0)
    none = models.IntegerField("без данных", default=0)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = "состояние пула за день"
        verbose_name_plural = "состояния пулов по дням"
        constraints = [
            models.UniqueConstraint(
                fields=["on", "unit", "specialist", "segment"],
                name="pool_day_unique",
                nulls_distinct=False,
            )
        ]

    def __str__(self) -> str:
        return f"{self.unit}, {self.on:%d.%m.%Y}"


class Night(models.Model):
    """A day whose lamps are computed. The newest one is the day that `Lamp` shows."""

    on = models.DateField("дата", primary_key=True)
    computed_at = models.DateTimeField("рассчитано")

    class Meta:
        verbose_name = "ночь"
        verbose_name_plural = "ночи"

    def __str__(self) -> str:
        return f"{self.on:%d.%m.%Y}"


class LampRefresh(models.Model):
    """A mark that a client's facts changed: its lamp waits to be computed again.

    Marks are only added, never updated, so that whoever writes a fact waits for nobody; the
    refresh removes exactly the marks that it saw.
    """

    client = models.ForeignKey(
        Client, models.CASCADE, verbose_name="клиент", related_name="+", db_index=False
    )
    requested_at = models.DateTimeField("запрошено")

    class Meta:
        verbose_name = "очередь пересчёта"
        verbose_name_plural = "очередь пересчёта"

    def __str__(self) -> str:
        return str(self.client_id)


class Counted(models.Model):
    """Not a table: the shape of the inner query of `lamps/expressions.py`, a row per client.

    The outer query gives points to these values; naming them as columns keeps every count from
    being repeated in each expression that needs it.
    """

    id = models.BigIntegerField(primary_key=True)
    segment = models.CharField(max_length=8)
    # Specialist and unit; null where nobody serves the client.
    pool = ArrayField(models.BigIntegerField(), null=True)
    raw = ArrayField(models.IntegerField(null=True))
    # Last days of rights, in the order of the rules that warn of them; last day of trainings.
    rights = ArrayField(models.DateField(null=True), null=True)
    trained = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "lamp_counted"
        default_permissions = ()
        verbose_name = "значения клиента"
        verbose_name_plural = "значения клиентов"

    def __str__(self) -> str:
        return str(self.pk)
