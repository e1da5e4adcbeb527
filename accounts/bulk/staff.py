"""What the КИС may send of people who work here."""

from datetime import date

from accounts.bulk.columns import CODE_IN_KIS, choices
from accounts.enums import PositionKind
from accounts.models import Employee
from accounts.services import loads
from core.bulk.resources import (
    CHOICE,
    DAY,
    Column,
    Resource,
    register,
)

register(
    Resource(
        code="staff",
        label="Сотрудники",
        model=Employee,
        order=20,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            Column("last_name", "Фамилия", required=True, longest=100),
            Column("first_name", "Имя", required=True, longest=100),
            Column("middle_name", "Отчество", longest=100),
            Column(
                "hired_on",
                "Принят",
                DAY,
                required=True,
                earliest=date(1970, 1, 1),
                aliases=("дата приёма", "принята"),
            ),
            Column("left_on", "Уволен", DAY, aliases=("дата увольнения", "уволена")),
            Column(
                "unit",
                "Отдел",
                longest=100,
                aliases=("подразделение", "код отдела", "код подразделения"),
            ),
            Column("position", "Должность", CHOICE, choices=choices(PositionKind)),
            Column(
                "position_from",
                "В должности с",
                DAY,
                earliest=date(1970, 1, 1),
                aliases=("дата назначения",),
            ),
        ),
        write=loads.load_staff,
    )
)
