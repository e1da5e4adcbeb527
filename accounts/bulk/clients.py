"""What the КИС may send of clients: themselves, and that they left."""

from datetime import date
from decimal import Decimal

from accounts.bulk.columns import CLIENT, INN, KPP, choices, told
from accounts.enums import Segment
from accounts.models import Churn, Client
from accounts.services import loads
from accounts.validators import validate_inn, validate_ogrn
from core.bulk.resources import (
    CHOICE,
    CODE,
    DAY,
    FLAG,
    NUMBER,
    Column,
    Resource,
    register,
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
            Column(
                "cause",
                "Вид причины",
                longest=80,
                aliases=("вид причины отключения", "категория причины"),
                help="Из словаря «Причины отключений»",
            ),
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
