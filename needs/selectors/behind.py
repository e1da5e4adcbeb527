"""The needs, or the clients who have them, behind one number."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Count, F, OuterRef, Q, Subquery

from accounts.models import Client
from needs.enums import NeedStatus
from needs.models import Need, NeedStage, NeedStep, ProductAdvantage, Tool
from visits.figures.periods import Period
from visits.selectors.figures import FigureReach, RowKey, with_doors

OPENED, DROPPED, REACHED, STEPPED = "opened", "dropped", "reached", "stepped"
HOURS, ROUBLES = "hours", "roubles"
WORDS = {
    OPENED: "открытые за период",
    DROPPED: "снятые из открытых за период",
    REACHED: "дошли до этапа из открытых за период",
    STEPPED: "шаг на этап сделан за период",
}


@dataclass(frozen=True)
class NeedNumber:
    """One number: which needs, of which row and period, and whether their clients are counted."""

    count: str
    key: RowKey
    period: Period
    stage: NeedStage | None = None
    clients: bool = False
    segment: str = ""
    tool: Tool | None = None
    advantage: ProductAdvantage | None = None
    measure: str = ""

    @property
    def words(self) -> str:
        """What it counts."""
        parts = [str(self.stage) if self.stage else "", WORDS[self.count]]
        parts += [str(row) for row in (self.tool, self.advantage) if row is not None]
        parts.append({HOURS: "с часами", ROUBLES: "с суммой"}.get(self.measure, ""))
        return ("Клиенты: " if self.clients else "Потребности: ") + ", ".join(filter(None, parts))


def condition(number: NeedNumber) -> Q:
    """Which needs count, whosever they are."""
    days = (number.period.since, number.period.until)
    if number.count == STEPPED:
        made = NeedStep.objects.filter(stage=number.stage, on__range=days)
        found = Q(pk__in=made.values("need_id"))
    else:
        found = Q(opened_on__range=days)
    if number.count == DROPPED:
        found &= Q(status=NeedStatus.DROPPED)
    if number.count == REACHED and number.stage is not None:
        found &= Q(stage__code__gte=number.stage.code)
    if number.segment:
        found &= Q(client__segment=number.segment)
    if number.tool is not None:
        found &= Q(tools=number.tool)
    if number.advantage is not None:
        found &= Q(advantages=number.advantage)
    if number.measure:
        found &= Q(**{f"effect_{number.measure}__isnull": False})
    return found


def needs_behind(user: Any, number: NeedNumber, reach: FigureReach) -> Any:
    """The rows of a number; each says whether the user may open its client (`may_open`)."""
    rows = (
        Need.objects.annotate(row_unit_id=F("unit_id"), row_employee_id=F("author_id"))
        .filter(condition(number))
        .filter(number.key.condition(reach))
    )
    if number.clients:
        own = rows.order_by().filter(client=OuterRef("pk")).values("client")
        clients = Client.objects.filter(pk__in=rows.order_by().values("client_id"))
        clients = clients.annotate(number=Subquery(own.annotate(n=Count("pk")).values("n")))
        return with_doors(user, clients.order_by("sort_key", "pk"), "pk")
    rows = rows.select_related("client", "stage", "author", "unit").order_by("-opened_on", "-pk")
    return with_doors(user, rows, "client")
