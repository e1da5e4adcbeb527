"""What the КИС may send of contacts."""

from collections.abc import Iterable
from typing import Any

from accounts.bulk import CLIENT, CODE_IN_KIS, choices
from core.bulk.resources import CHOICE, MOMENT, WHOLE, Column, Resource, register
from visits.enums import Channel, GoalKind, VisitLevel
from visits.models import Visit
from visits.services.loads import load_visits
from visits.signals import visit_changed


def told(rows: Iterable[Any]) -> None:
    """Announce the clients of contacts that an undo changed."""
    ids = sorted({row.client_id for row in rows if isinstance(row, Visit)})
    if ids:
        visit_changed.send(sender=Visit, client_ids=ids)


register(
    Resource(
        code="visits",
        label="Контакты",
        model=Visit,
        order=110,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            *CLIENT,
            Column(
                "level",
                "Уровень",
                CHOICE,
                required=True,
                choices=choices(VisitLevel),
                aliases=("вид контакта", "тип"),
            ),
            Column(
                "employee",
                "Кто проводил",
                required=True,
                longest=310,
                aliases=("сотрудник", "специалист", "код сотрудника", "сио"),
                help="Код сотрудника в КИС или ФИО полностью",
            ),
            Column(
                "started_at",
                "Начало",
                MOMENT,
                required=True,
                aliases=("дата и время", "дата", "начало контакта"),
            ),
            Column("ended_at", "Конец", MOMENT, aliases=("окончание",)),
            Column("channel", "Как", CHOICE, choices=choices(Channel), aliases=("канал", "способ")),
            Column("goal", "Цель", longest=2000),
            Column("goal_kind", "Вид цели", CHOICE, choices=choices(GoalKind)),
            Column("plan", "План работ", longest=20_000, aliases=("план",)),
            Column(
                "materials",
                "Папок и закладок",
                WHOLE,
                low=0,
                high=32_767,
                aliases=("папки и закладки", "материалов"),
            ),
            Column("result", "Результат", longest=20_000, aliases=("итог",)),
            Column("feedback", "Обратная связь", longest=20_000, aliases=("ос",)),
            Column(
                "satisfaction",
                "Оценка клиента",
                WHOLE,
                low=0,
                high=100,
                aliases=("оценка", "удовлетворённость"),
            ),
            Column(
                "participants",
                "Участники СПР",
                longest=1000,
                aliases=("участники", "коды участников"),
                help="Коды участников в КИС через запятую",
            ),
        ),
        write=load_visits,
        touched=told,
    )
)
