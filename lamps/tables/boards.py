"""The board as a file."""

from typing import Any

import django_tables2 as tables

from lamps.enums import Colour
from lamps.health import COLOURED
from lamps.selectors.boards import movement


class BoardTable(tables.Table):
    """The board as a file: every row of the tree, counts, shares and deviations."""

    level = tables.Column(verbose_name="Уровень", accessor="depth")
    unit = tables.Column(verbose_name="Подразделение", accessor="unit", empty_values=())
    specialist = tables.Column(verbose_name="Сотрудник", accessor="specialist", empty_values=())
    clients = tables.Column(verbose_name="Клиентов", accessor="now__clients")
    none = tables.Column(verbose_name="Нет данных", accessor="now__none")
    standard = tables.Column(verbose_name="Стандарт 3", accessor="standard__words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        extra = []
        for colour in COLOURED:
            label = {"red": "Красных", "yellow": "Жёлтых", "green": "Зелёных"}[colour]
            extra += [
                (f"{colour.value}_count", PoolColumn("count", colour, verbose_name=label)),
                (f"{colour.value}_share", PoolColumn("share", colour, verbose_name=f"{label}, %")),
                (
                    f"{colour.value}_deviation",
                    PoolColumn("deviation", colour, verbose_name=f"{label}: от нормы, п. п."),
                ),
                (
                    f"{colour.value}_movement",
                    PoolColumn("movement", colour, verbose_name=f"{label}: с начала месяца, п. п."),
                ),
            ]
        names = [name for name, _ in extra]
        super().__init__(
            *args,
            extra_columns=extra,
            sequence=("level", "unit", "specialist", "clients", *names, "none", "standard"),
            orderable=False,
            **kwargs,
        )

    def value_unit(self, record: Any) -> str:
        return str(record.unit) if record.unit else record.label

    def value_specialist(self, record: Any) -> str:
        return record.label if record.specialist or record.is_vacant else ""


class PoolColumn(tables.Column):
    """A figure of one colour of a board's row."""

    def __init__(self, figure: str, colour: Colour, **kwargs: Any) -> None:
        super().__init__(accessor="depth", empty_values=(), **kwargs)
        self.figure, self.colour = figure, colour

    def value(self, record: Any) -> Any:
        if self.figure == "count":
            return record.now.count(self.colour)
        if self.figure == "share":
            return record.now.share(self.colour)
        if self.figure == "deviation":
            return record.now.deviation(self.colour, record.norm)
        return movement(record, self.colour)
