"""What the КИС may send of decision schemes."""

from accounts.bulk import CLIENT, CODE_IN_KIS, choices, told
from contacts.enums import Attitude, Influence
from contacts.models import Participant
from contacts.services.loads import load_participants
from core.bulk.resources import CHOICE, DAY, Column, Resource, register

register(
    Resource(
        code="participants",
        label="Участники СПР",
        model=Participant,
        order=100,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            *CLIENT,
            Column("last_name", "Фамилия", required=True, longest=100),
            Column("first_name", "Имя", required=True, longest=100),
            Column("middle_name", "Отчество", longest=100),
            Column("phone", "Телефон", longest=60, aliases=("тел", "номер телефона")),
            Column("email", "E-mail", longest=254, aliases=("почта", "электронная почта", "email")),
            Column("department", "Отдел", longest=60, aliases=("подразделение",)),
            Column("job_title", "Должность", longest=120),
            Column("attitude", "Отношение", CHOICE, choices=choices(Attitude)),
            Column("influence", "Влияние", CHOICE, choices=choices(Influence)),
            Column(
                "roles",
                "Роли",
                longest=100,
                aliases=("роль", "роль в спр"),
                help="ЛПР, ГКлП, КлП через запятую; действуют с сегодняшнего дня",
            ),
            Column("starts_on", "В схеме с", DAY, aliases=("с", "дата")),
            Column("verified_on", "Проверено", DAY, aliases=("дата проверки",)),
            Column("notes", "Заметки", longest=20_000, aliases=("примечание", "комментарий")),
        ),
        write=load_participants,
        touched=told,
    )
)
