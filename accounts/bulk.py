"""What the КИС may send many rows at a time: clients, staff, facts, money."""

from accounts.enums import Segment
from accounts.models import Client, Usage
from accounts.services import loads
from accounts.services.reach import announce
from accounts.validators import validate_inn, validate_kpp, validate_ogrn
from core.bulk.resources import CHOICE, CODE, DAY, FLAG, WHOLE, Column, Resource, register


def choices(enum: type) -> dict[str, str]:
    """The values and labels of an enumeration."""
    return {str(value): str(label) for value, label in enum.choices}


def told(rows: object) -> None:
    """Announce the clients of rows that an undo changed."""
    found = {row.audit_about() if hasattr(row, "audit_about") else row for row in rows}
    announce(*(row.pk for row in found if isinstance(row, Client)))


INN = Column(
    "inn", "ИНН", CODE, longest=12, check=validate_inn, aliases=("инн клиента", "инн организации")
)
KPP = Column("kpp", "КПП", CODE, longest=9, check=validate_kpp, aliases=("кпп клиента",))
CLIENT = (
    Column(
        "client_external_id",
        "Код клиента в КИС",
        CODE,
        longest=64,
        aliases=("код клиента", "id клиента", "клиент код", "external_id"),
    ),
    INN,
    KPP,
    Column("client", "Номер клиента", WHOLE, low=1, high=2**63 - 1, aliases=("клиент",)),
)
SERVICE = Column(
    "service", "Сервис", longest=200, required=True, aliases=("услуга", "код сервиса", "вид")
)

register(
    Resource(
        code="clients",
        label="Клиенты",
        model=Client,
        order=10,
        key="код в КИС, иначе ИНН и КПП",
        actions=("add", "change_requisites", "assign"),
        same=(("external_id",), ("inn", "kpp")),
        columns=(
            Column(
                "external_id",
                "Код в КИС",
                CODE,
                longest=64,
                aliases=("код", "код клиента", "id", "id клиента", "идентификатор"),
            ),
            Column(
                "name",
                "Название",
                required=True,
                aliases=("наименование", "клиент", "организация", "наименование клиента"),
            ),
            Column(
                "inn",
                "ИНН",
                CODE,
                required=True,
                longest=12,
                check=validate_inn,
                aliases=INN.aliases,
            ),
            KPP,
            Column("ogrn", "ОГРН", CODE, longest=15, check=validate_ogrn, aliases=("огрнип",)),
            Column(
                "segment",
                "Сегмент",
                CHOICE,
                required=True,
                choices=choices(Segment),
                aliases=("категория",),
            ),
            Column("is_key", "Ключевой", FLAG, aliases=("ключевой клиент", "признак ключевого")),
            Column(
                "connected_on",
                "Клиент с",
                DAY,
                required=True,
                aliases=("дата подключения", "подключён", "дата договора", "подключен"),
            ),
            Column(
                "specialist",
                "Специалист",
                longest=310,
                aliases=("сио", "ответственный", "фио специалиста", "код специалиста"),
                help="Код сотрудника в КИС или ФИО полностью; передаёт клиента с сегодняшнего дня",
            ),
            Column("portrait", "Портрет для инфоповодов", longest=20_000, aliases=("портрет",)),
            Column("specifics", "Специфика деятельности", longest=20_000, aliases=("специфика",)),
            Column("competitor", "Конкурент", longest=200),
        ),
        write=loads.load_clients,
        touched=told,
    )
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
