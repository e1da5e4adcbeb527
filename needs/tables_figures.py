"""The numbers of needs as files, and the rows behind a number."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Client
from core import clock
from core.russian import day, number, roubles
from needs.funnel import Rung
from needs.models import Need
from needs.selectors.effects import Effects
from needs.selectors.funnel import Funnel, FunnelMonths
from needs.selectors.plan import PlanTable
from visits.tables.figures import TreeTable, Value

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_TITLE = {"td": {"class": "cell-title"}}


def stage_columns(stages: Any, rung: Any) -> list[tuple[str, Any]]:
    """N, P, D and the passage to every stage, each a column of its own; `rung(row, n)`."""
    columns: list[tuple[str, Any]] = []
    for n, stage in enumerate(stages):

        def ask(row: Any, read: Any, n: int = n) -> Any:
            found: Rung = rung(row, n)
            return read(found)

        columns += [
            (f"{stage}: потребностей", lambda r, a=ask: a(r, lambda s: s.cell.met)),
            (f"{stage}, %", lambda r, a=ask: a(r, lambda s: s.cell.percent)),
            (f"{stage}: клиентов", lambda r, a=ask: a(r, lambda s: s.cell.clients)),
        ]
        if n:
            columns.append(
                (f"{stage}: переход с прошлого этапа, %",
                 lambda r, a=ask: a(r, lambda s: s.passed.percent))
            )  # fmt: skip
    return columns


class FunnelFile(TreeTable):
    """The funnel."""

    def __init__(self, funnel: Funnel) -> None:
        columns: list[tuple[str, Any]] = [
            ("Всего потребностей", lambda r: r.counts.whole.needs),
            ("Клиентов", lambda r: r.counts.whole.clients),
            *stage_columns(funnel.stages, lambda row, n: row.rungs[n]),
            ("Снято", lambda r: r.counts.dropped),
        ]
        super().__init__(funnel, columns)


class _ListFile(tables.Table):
    """Rows that are no tree, for a file."""

    def __init__(self, rows: Any, columns: list[tuple[str, Any]]) -> None:
        named = [(f"c{n}", Value(ask, label)) for n, (label, ask) in enumerate(columns)]
        super().__init__([_Row(row) for row in rows], extra_columns=named, orderable=False)


class _Row:
    """A row of any kind; `depth` is what the columns of a tree hang on."""

    depth = 0

    def __init__(self, row: Any) -> None:
        self.row = row


class MonthsFile(_ListFile):
    """The funnel by month."""

    def __init__(self, found: FunnelMonths) -> None:
        super().__init__(
            [*found.months, found.total],
            [
                ("С", lambda r: r.row.period.since),
                ("По", lambda r: r.row.period.until),
                ("Всего потребностей", lambda r: r.row.counts.whole.needs),
                ("Клиентов", lambda r: r.row.counts.whole.clients),
                *stage_columns(found.stages, lambda r, n: r.row.rungs[n]),
                ("Снято", lambda r: r.row.counts.dropped),
            ],
        )


class PlanFile(TreeTable):
    """Plan and fact of a year."""

    def __init__(self, found: PlanTable) -> None:
        columns: list[tuple[str, Any]] = []
        for n, stage in enumerate(found.stages):
            for which, words in enumerate(("потребностей", "клиентов")):

                def ask(row: Any, name: str, n: int = n, which: int = which) -> Any:
                    return getattr(row.pair(n)[which], name)

                columns += [
                    (f"{stage}: {words}, факт", lambda r, a=ask: a(r, "fact")),
                    (f"{stage}: {words}, план", lambda r, a=ask: a(r, "plan")),
                    (f"{stage}: {words}, выполнение, %", lambda r, a=ask: a(r, "percent")),
                ]
        super().__init__(found, columns)


class EffectsFile(TreeTable):
    """Sums of effects."""

    def __init__(self, found: Effects) -> None:
        columns: list[tuple[str, Any]] = []
        for stage in found.stages:
            for label, name in (
                ("потребностей", "needs"),
                ("часов", "hours"),
                ("из них с часами", "with_hours"),
                ("рублей", "roubles"),
                ("из них с суммой", "with_roubles"),
            ):

                def ask(row: Any, code: str = stage.code, name: str = name) -> Any:
                    return getattr(row.effects[code], name)

                columns.append((f"{stage}: {label}", ask))
        super().__init__(found, columns)


class MeansFile(_ListFile):
    """Tools and features by how often they led to a confirmed effect."""

    def __init__(self, found: Effects) -> None:
        super().__init__(
            [*found.tools, *found.advantages],
            [
                ("Вид", lambda r: str(type(r.row.row)._meta.verbose_name)),
                ("Название", lambda r: str(r.row.row)),
                ("Потребностей", lambda r: r.row.needs),
                ("С эффектом", lambda r: r.row.with_effect),
                ("Подтверждено", lambda r: r.row.confirmed),
                ("Подтверждено, %", lambda r: r.row.share.percent),
            ],
        )


def _door(record: Any, client: Client) -> Any:
    if not record.may_open:
        return str(client)
    return format_html('<a href="{}">{}</a>', reverse("client", args=[client.pk]), client)


class NeedRows(tables.Table):
    """Needs behind a number. One whose client the user may no longer open has no link."""

    title = tables.Column(attrs=_TITLE)
    client = tables.Column()
    stage = tables.Column("Этап", empty_values=())
    status = tables.Column()
    author = tables.Column()
    unit = tables.Column()
    opened_on = tables.Column(attrs=_NUM)
    stage_on = tables.Column(attrs=_NUM)
    effect_hours = tables.Column(attrs=_NUM)
    effect_roubles = tables.Column(attrs=_NUM)

    class Meta:
        empty_text = "За этим числом нет ни одной потребности."
        model = Need
        fields: tuple[str, ...] = ()
        orderable = False

    def render_title(self, record: Any) -> Any:
        if not record.may_open:
            return record.title
        return format_html('<a href="{}">{}</a>', reverse("need", args=[record.pk]), record.title)

    def value_title(self, record: Any) -> str:
        return record.title

    def render_client(self, record: Any) -> Any:
        return _door(record, record.client)

    def value_client(self, record: Any) -> str:
        return str(record.client)

    def render_stage(self, record: Any) -> str:
        return str(record.stage or "Ещё не выявлена")

    def render_opened_on(self, value: Any) -> str:
        return day(value)

    def value_opened_on(self, value: Any) -> Any:
        return value

    def render_stage_on(self, value: Any) -> str:
        return day(value)

    def value_stage_on(self, value: Any) -> Any:
        return value

    def render_effect_hours(self, value: Any) -> str:
        return number(value)

    def value_effect_hours(self, value: Any) -> Any:
        return value

    def render_effect_roubles(self, value: Any) -> str:
        return roubles(value)

    def value_effect_roubles(self, value: Any) -> Any:
        return value


class NeedClients(tables.Table):
    """Clients behind a number."""

    name = tables.Column("Клиент", attrs=_TITLE)
    inn = tables.Column()
    segment = tables.Column()
    number = tables.Column("Потребностей", attrs=_NUM)

    class Meta:
        empty_text = "За этим числом нет ни одного клиента."
        model = Client
        fields: tuple[str, ...] = ()
        orderable = False

    def render_name(self, record: Any) -> Any:
        return _door(record, record)

    def value_name(self, record: Any) -> str:
        return str(record)


class AlmostTable(tables.Table):
    """Needs one step before the last stage: what a head goes through at a session."""

    plain = ("client", "effect")

    title = tables.Column(linkify=("need", {"pk": tables.A("pk")}), attrs=_TITLE)
    client = tables.Column(
        order_by=("client__sort_key", "pk"), linkify=("client", {"pk": tables.A("client_id")})
    )
    effect = tables.Column(orderable=False)
    participant = tables.Column("Кто подтвердит", orderable=False, empty_values=())
    author = tables.Column(order_by=("author__last_name", "pk"))
    stage_on = tables.Column(attrs=_NUM)
    days = tables.Column("Дней на этапе", accessor="stage_on", orderable=False, attrs=_NUM)

    class Meta:
        empty_text = "Нет потребностей, которым остался один шаг до подтверждения."
        model = Need
        fields: tuple[str, ...] = ()

    def render_participant(self, record: Need) -> str:
        return str(record.participant or "не указан")

    def value_participant(self, record: Need) -> str:
        return str(record.participant or "")

    def render_stage_on(self, value: Any) -> str:
        return day(value)

    def value_stage_on(self, value: Any) -> Any:
        return value

    def render_days(self, value: Any) -> str:
        return number(self.value_days(value))

    def value_days(self, value: Any) -> int:
        return (clock.today() - value).days
