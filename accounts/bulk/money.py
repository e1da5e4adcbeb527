"""What the КИС may send of money: bills and payments, contracts and their prices."""

from datetime import date
from decimal import Decimal

from accounts.bulk.columns import CLIENT, CODE_IN_KIS, amount, told
from accounts.models import Contract, ContractPrice, Invoice, Payment
from accounts.services import loads
from core.bulk.resources import (
    CODE,
    DAY,
    MONTH,
    NUMBER,
    Column,
    Resource,
    register,
)

register(
    Resource(
        code="contracts",
        label="Договоры",
        model=Contract,
        order=64,
        key="номер договора",
        same=(("number",),),
        columns=(
            Column(
                "number",
                "Номер договора",
                CODE,
                required=True,
                longest=60,
                aliases=("номер", "договор", "№", "№ договора"),
            ),
            *CLIENT,
            Column(
                "kit", "Комплект", required=True, longest=200, aliases=("состав", "комплект к+")
            ),
            Column(
                "starts_on",
                "Действует с",
                DAY,
                required=True,
                earliest=date(1990, 1, 1),
                aliases=("начало", "дата начала", "дата договора", "с"),
            ),
            Column(
                "ends_on",
                "Действует до (не включая)",
                DAY,
                aliases=("окончание", "дата окончания", "до"),
            ),
            Column(
                "fixed_from",
                "Цена зафиксирована с",
                DAY,
                earliest=date(1990, 1, 1),
                aliases=("фиксация с", "начало фиксации"),
            ),
            Column(
                "fixed_until",
                "Цена зафиксирована по (включительно)",
                DAY,
                aliases=("фиксация по", "конец фиксации", "цена зафиксирована по"),
            ),
            Column("external_id", "Код в КИС", CODE, longest=64, aliases=("код договора",)),
        ),
        write=loads.load_contracts,
        touched=told,
    )
)
register(
    Resource(
        code="contract-prices",
        label="Цены договоров",
        model=ContractPrice,
        order=66,
        key="номер договора и первый день цены",
        columns=(
            Column(
                "contract",
                "Номер договора",
                CODE,
                required=True,
                longest=60,
                aliases=("номер", "договор", "№", "№ договора"),
            ),
            Column(
                "effective_on",
                "Цена с",
                DAY,
                required=True,
                earliest=date(1990, 1, 1),
                aliases=("действует с", "с", "дата"),
            ),
            Column(
                "monthly",
                "Цена в месяц, ₽",
                NUMBER,
                required=True,
                low=0,
                high=Decimal("9999999999.99"),
                aliases=("цена", "цена в месяц", "стоимость", "абонплата"),
            ),
        ),
        write=loads.load_prices,
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
