"""Figures as files, and the rows behind a number."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from accounts.models import Assignment, Client
from contacts.models import Participant
from core.columns import PortionedData
from core.russian import day, daytime
from visits.figures.catalogue import FIGURES, Figure, Kind, Rows
from visits.models import Visit
from visits.selectors.figures import Figures, TreeReading, cells_of

_NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
_TITLE = {"td": {"class": "cell-title"}}


class Value(tables.Column):
    """A column of a file whose value is asked of the row."""

    def __init__(self, ask: Any, label: str) -> None:
        super().__init__(verbose_name=label, accessor="depth", empty_values=(), orderable=False)
        self.ask = ask

    def value(self, record: Any) -> Any:
        return self.ask(record)


class TreeTable(tables.Table):
    """Rows of the tree for a file: level, unit, employee and the columns given."""

    def __init__(self, figures: TreeReading, columns: list[tuple[str, Any]], **kwargs: Any) -> None:
        fixed = [
            ("Уровень", lambda r: r.depth + 1),
            ("Подразделение", lambda r: r.label if r.is_total else str(r.unit or "Без отдела")),
            ("Начальник", lambda r: r.head),
            ("Сотрудник", lambda r: str(r.employee or "")),
            ("Уволен", lambda r: r.left_on),
        ]
        found = [*fixed, *columns]
        super().__init__(
            list(figures.rows()),
            extra_columns=[(f"c{n}", Value(ask, label)) for n, (label, ask) in enumerate(found)],
            orderable=False,
            **kwargs,
        )


class OverviewFile(TreeTable):
    """Every figure: its number and what it was made of."""

    def __init__(self, figures: Figures) -> None:
        cells = {id(row): cells_of(row, figures) for row in figures.rows()}
        columns: list[tuple[str, Any]] = []
        for n, figure in enumerate(FIGURES):
            columns += _columns_of(figure, lambda row, n=n: cells[id(row)][n])
        super().__init__(figures, columns)


def _columns_of(figure: Figure, cell: Any) -> list[tuple[str, Any]]:
    label = figure.label
    if figure.kind == Kind.PLAN:
        return [
            (f"{label}: состоялось", lambda r: cell(r).plan.held),
            (f"{label}: план", lambda r: cell(r).plan.target),
            (f"{label}: выполнение плана, %", lambda r: cell(r).plan.percent),
            (f"{label}: запланировано", lambda r: cell(r).plan.planned),
            (f"{label}: из запланированных состоялось", lambda r: cell(r).plan.kept),
        ]
    found = [(f"{label}, %", lambda r: cell(r).percent)]
    if figure.kind == Kind.SHARE:
        found.append((f"{label}: {figure.sets['part']}", lambda r: cell(r).share.part))
    found.append((f"{label}: {figure.sets['whole']}", lambda r: cell(r).rows))
    return [*found, (f"{label}: норма", lambda r: cell(r).verdict)]


class K2File(TreeTable):
    """The table of К2У: N, P and D of every criterion, each a column of its own."""

    def __init__(self, figures: Figures) -> None:
        columns: list[tuple[str, Any]] = [("Всего К2У", lambda r: r.counts["k2", "held"])]
        for row in figures.criteria:
            columns += [
                (f"{row.label}: контактов", lambda r, c=row: r.criterion(c).met),
                (f"{row.label}, %", lambda r, c=row: r.criterion(c).percent),
                (f"{row.label}: клиентов", lambda r, c=row: r.criterion(c).clients),
            ]
        columns += [
            ("Качество, %", lambda r: r.quality.percent),
            ("Тушение пожаров: контактов", lambda r: r.share("firefighting").part),
            ("Тушение пожаров, %", lambda r: r.share("firefighting").percent),
        ]
        super().__init__(figures, columns)


class _RowsTable(tables.Table):
    """Rows behind a number. A client whom the user may no longer open is a name without a link."""

    is_part = tables.Column(verbose_name="Засчитано", accessor="pk", orderable=False)

    def __init__(self, data: Any, *args: Any, figure: Figure, which: str, **kwargs: Any) -> None:
        self.figure = figure
        kwargs.setdefault("empty_text", "За этим числом нет ни одной записи.")
        hidden = [name for name in self.base_columns if not self.shows(name, figure, which)]
        rows = PortionedData(data)  # a page is found by ids, however many rows are behind it
        super().__init__(rows, *args, exclude=hidden, orderable=False, **kwargs)
        if "is_part" in self.columns.names():
            self.columns["is_part"].column.verbose_name = figure.part_label

    def shows(self, name: str, figure: Figure, which: str) -> bool:
        """Whether a column says something about this number."""
        return name != "is_part" or (which == "whole" and "part" in figure.sets)

    def render_is_part(self, record: Any) -> str:
        return "да" if record.is_part else "нет"

    def value_is_part(self, record: Any) -> bool:
        return record.is_part

    def render_client(self, record: Any) -> Any:
        return _door(record, record.client)

    def value_client(self, record: Any) -> str:
        return str(record.client)


def _door(record: Any, client: Client) -> Any:
    if not record.may_open:
        return str(client)
    return format_html('<a href="{}">{}</a>', reverse("client", args=[client.pk]), client)


_K2 = ("k2", "k2_quality", "firefighting")


class VisitRows(_RowsTable):
    held_on = tables.Column("Дата", empty_values=(), attrs={"td": {"class": "cell-title tabular"}})
    planned_for = tables.Column("Запланирован на")
    level = tables.Column()
    status = tables.Column()
    client = tables.Column()
    employee = tables.Column("Сотрудник")
    unit = tables.Column("Отдел")
    participants = tables.Column("Участники", empty_values=())
    prepared_at = tables.Column("План записан")
    satisfaction = tables.Column("Оценка", attrs=_NUM)
    satisfaction_scale = tables.Column("Высшая оценка", attrs=_NUM)
    goal_kind = tables.Column("Вид цели")
    marks = tables.Column("Критерии", accessor="pk")

    class Meta:
        model = Visit
        fields: tuple[str, ...] = ()
        sequence = ("...", "is_part")

    def shows(self, name: str, figure: Figure, which: str) -> bool:
        only = {
            "level": figure.code in ("prepared", "satisfaction"),
            "planned_for": figure.kind == Kind.PLAN,
            "status": which in ("planned", "kept"),
            "prepared_at": figure.code == "prepared",
            "satisfaction": figure.code == "satisfaction",
            "satisfaction_scale": figure.code == "satisfaction",
            "goal_kind": figure.code in _K2,
            "marks": figure.code in _K2,
        }
        return only.get(name, super().shows(name, figure, which))

    def render_held_on(self, record: Visit) -> Any:
        words = day(record.held_on or record.planned_for)
        if not getattr(record, "may_open", False):
            return words
        return format_html('<a href="{}">{}</a>', reverse("visit", args=[record.pk]), words)

    def value_held_on(self, record: Visit) -> Any:
        return record.held_on or record.planned_for

    def render_planned_for(self, value: Any) -> str:
        return day(value)

    def value_planned_for(self, value: Any) -> Any:
        return value

    def render_employee(self, record: Visit) -> str:
        joined = [companion.short_name for companion in record.companions.all()]
        return ", ".join([record.employee.short_name, *joined])

    def value_employee(self, record: Visit) -> str:
        return ", ".join(map(str, [record.employee, *record.companions.all()]))

    def render_participants(self, record: Visit) -> str:
        return ", ".join(map(str, record.participants.all())) or "–"

    def value_participants(self, record: Visit) -> str:
        return ", ".join(map(str, record.participants.all()))

    def render_prepared_at(self, value: Any) -> str:
        return daytime(value)

    def value_prepared_at(self, value: Any) -> Any:
        return value

    def render_marks(self, record: Visit) -> str:
        return ", ".join(str(mark.criterion) for mark in record.marks.all()) or "–"

    def value_marks(self, record: Visit) -> str:
        return ", ".join(str(mark.criterion) for mark in record.marks.all())


class ParticipantRows(_RowsTable):
    person = tables.Column("Участник", attrs=_TITLE)
    job_title = tables.Column("Должность")
    department = tables.Column("Отдел")
    client = tables.Column()
    specialist = tables.Column("Специалист", accessor="assigned__specialist")

    class Meta:
        model = Participant
        fields: tuple[str, ...] = ()
        sequence = ("...", "is_part")

    def render_person(self, record: Any) -> Any:
        if not record.may_open:
            return str(record.person)
        address = reverse("participant", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record.person)

    def value_person(self, record: Any) -> str:
        return str(record.person)


class PoolRows(_RowsTable):
    client = tables.Column(attrs=_TITLE)
    specialist = tables.Column("Специалист")
    unit = tables.Column("Отдел")

    class Meta:
        model = Assignment
        fields: tuple[str, ...] = ()
        sequence = ("...", "is_part")


class ClientRows(_RowsTable):
    name = tables.Column("Клиент", attrs=_TITLE)
    inn = tables.Column()
    contacts = tables.Column("Контактов", attrs=_NUM)

    class Meta:
        model = Client
        fields: tuple[str, ...] = ()
        sequence = ("...", "is_part")

    def render_name(self, record: Any) -> Any:
        return _door(record, record)

    def value_name(self, record: Any) -> str:
        return str(record)


def rows_table(figure: Figure, which: str) -> type[_RowsTable]:
    """The table that shows the rows of a set."""
    if which == "clients":
        return ClientRows
    return {
        Rows.VISITS: VisitRows,
        Rows.PARTICIPANTS: ParticipantRows,
        Rows.CLIENTS: PoolRows,
    }[figure.rows]
