"""What the КИС may send many rows at a time: clients, staff, facts, money."""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from accounts.enums import PositionKind, Segment
from accounts.models import (
    Churn,
    Client,
    Employee,
    Entitlement,
    GndRecord,
    Invoice,
    Payment,
    Training,
    Usage,
)
from accounts.services import loads
from accounts.services.reach import announce
from accounts.validators import validate_inn, validate_kpp, validate_ogrn
from core.bulk.resources import (
    CHOICE,
    CODE,
    DAY,
    FLAG,
    MONTH,
    NUMBER,
    WHOLE,
    Column,
    Resource,
    register,
)


def choices(enum: Any) -> dict[str, str]:
    """The values and labels of an enumeration."""
    return {str(value): str(label) for value, label in enum.choices}


def told(rows: Iterable[Any]) -> None:
    """Announce the clients of rows that an undo changed."""
    found = {row.audit_about() if hasattr(row, "audit_about") else row for row in rows}
    ids = [row.pk for row in found if isinstance(row, Client)]
    announce(*Client.objects.filter(pk__in=ids).values_list("pk", flat=True))


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
                earliest=date(1990, 1, 1),
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

CODE_IN_KIS = Column(
    "external_id",
    "Код в КИС",
    CODE,
    required=True,
    longest=64,
    aliases=("код", "id", "идентификатор", "код записи"),
)
UNTIL = Column(
    "valid_until",
    "По (включительно)",
    DAY,
    required=True,
    aliases=("по", "действует до", "срок", "окончание", "дата окончания"),
)


def amount(**given: Any) -> Column:
    """A sum of money, more than nothing."""
    return Column(
        "amount",
        "Сумма, ₽",
        NUMBER,
        low=Decimal("0.01"),
        high=Decimal("9999999999.99"),
        aliases=("сумма", "к оплате", "сумма руб"),
        **given,
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
register(
    Resource(
        code="invoices",
        label="Счета",
        model=Invoice,
        order=70,
        key="клиент, месяц и номер",
        columns=(
            *CLIENT,
            Column("number", "Номер", CODE, longest=40, aliases=("номер счёта", "счёт", "№")),
            Column("month", "Месяц", MONTH, required=True, aliases=("за месяц", "период")),
            amount(required=True),
            Column("due_on", "Оплатить до", DAY, required=True, aliases=("срок оплаты", "срок")),
        ),
        write=loads.load_invoices,
        touched=told,
    )
)
register(
    Resource(
        code="payments",
        label="Платежи",
        model=Payment,
        order=80,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            *CLIENT,
            Column(
                "invoice_month",
                "Месяц счёта",
                MONTH,
                required=True,
                aliases=("за месяц", "месяц", "период"),
            ),
            Column(
                "invoice_number", "Номер счёта", CODE, longest=40, aliases=("счёт", "номер", "№")
            ),
            Column(
                "paid_on",
                "Оплачено",
                DAY,
                required=True,
                aliases=("дата", "дата оплаты", "дата платежа"),
            ),
            amount(required=True),
        ),
        write=loads.load_payments,
        touched=told,
    )
)
register(
    Resource(
        code="churns",
        label="Отключения",
        model=Churn,
        order=90,
        key="клиент и день",
        columns=(
            *CLIENT,
            Column(
                "on", "Дата отключения", DAY, required=True, aliases=("дата", "отключён", "день")
            ),
            Column("reason", "Причина", required=True, aliases=("причина отключения",)),
            Column("competitor", "Конкурент", longest=200),
            Column(
                "lost_monthly",
                "Потеря в месяц, ₽",
                NUMBER,
                low=0,
                high=Decimal("9999999999.99"),
                aliases=("потеря", "потеря в месяц"),
            ),
        ),
        write=loads.load_churns,
        touched=told,
    )
)
