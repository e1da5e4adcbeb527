"""What the КИС may send of the use of services: usage, rights, trainings, ГНД."""

from accounts.bulk.columns import CLIENT, CODE_IN_KIS, SERVICE, UNTIL, told
from accounts.models import Entitlement, GndRecord, Training, Usage
from accounts.services import loads
from core.bulk.resources import (
    DAY,
    WHOLE,
    Column,
    Resource,
    register,
)

register(
    Resource(
        code="usage",
        label="Использование",
        model=Usage,
        order=30,
        key="клиент, сервис и день",
        columns=(
            *CLIENT,
            SERVICE,
            Column("day", "День", DAY, required=True, aliases=("дата", "за день")),
            Column(
                "quantity",
                "Количество",
                WHOLE,
                required=True,
                low=0,
                high=2**31 - 1,
                aliases=("кол-во", "число", "сколько", "обращений", "запросов"),
            ),
        ),
        write=loads.load_usage,
        touched=told,
    )
)
register(
    Resource(
        code="entitlements",
        label="Права на услуги",
        model=Entitlement,
        order=40,
        key="клиент, сервис и первый день",
        columns=(
            *CLIENT,
            SERVICE,
            Column("starts_on", "С", DAY, required=True, aliases=("начало", "дата начала")),
            UNTIL,
            Column(
                "quota",
                "Сколько входит в месяц",
                WHOLE,
                low=0,
                high=2**31 - 1,
                aliases=("квота", "лимит"),
            ),
        ),
        write=loads.load_entitlements,
        touched=told,
    )
)
register(
    Resource(
        code="trainings",
        label="Обучение",
        model=Training,
        order=50,
        key="клиент, день и тема",
        columns=(
            *CLIENT,
            Column("topic", "Тема", required=True, longest=200, aliases=("название", "курс")),
            Column("held_on", "Проведено", DAY, required=True, aliases=("дата", "дата обучения")),
            UNTIL,
            Column("people", "Участников", WHOLE, low=1, high=32_767, aliases=("человек",)),
        ),
        write=loads.load_trainings,
        touched=told,
    )
)
register(
    Resource(
        code="gnd",
        label="ГНД",
        model=GndRecord,
        order=60,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            *CLIENT,
            Column("opened_on", "Открыта", DAY, required=True, aliases=("дата", "дата открытия")),
            Column("closed_on", "Закрыта", DAY, aliases=("дата закрытия",)),
            Column("note", "Содержание", aliases=("описание", "примечание", "текст")),
        ),
        write=loads.load_gnd,
        touched=told,
    )
)
