"""What may be sent many rows at a time: additional sales, facts of KPIs by hand."""

from decimal import Decimal

from accounts.bulk import CLIENT, CODE_IN_KIS
from bonuses.models import ManualFact, Upsell
from bonuses.services import loads
from core.bulk.resources import DAY, MONTH, NUMBER, Column, Resource, register

EMPLOYEE = Column(
    "employee",
    "Сотрудник",
    longest=310,
    required=True,
    aliases=("специалист", "кто продал", "фио", "код сотрудника"),
    help="Код сотрудника в КИС или ФИО полностью",
)
DOCUMENT = Column(
    "document", "Документ", longest=200, required=True, aliases=("основание", "номер документа")
)

register(
    Resource(
        code="upsells",
        label="Допродажи ВКСП",
        model=Upsell,
        order=200,
        key="код в КИС",
        columns=(
            CODE_IN_KIS,
            EMPLOYEE,
            *CLIENT,
            Column("on", "Дата", DAY, required=True, aliases=("дата продажи", "день")),
            Column(
                "product", "Что продано", longest=200, required=True, aliases=("товар", "продукт")
            ),
            Column(
                "amount",
                "Сумма, ₽",
                NUMBER,
                required=True,
                low=Decimal("-9999999999.99"),
                high=Decimal("9999999999.99"),
                aliases=("сумма", "сумма руб"),
                help="Возврат — со знаком минус",
            ),
            DOCUMENT,
        ),
        write=loads.load_upsells,
    )
)
register(
    Resource(
        code="manual-facts",
        label="Показатели вручную",
        model=ManualFact,
        order=210,
        key="сотрудник, показатель и месяц",
        columns=(
            EMPLOYEE,
            Column(
                "kpi",
                "Показатель",
                longest=80,
                required=True,
                aliases=("название показателя", "номер показателя"),
                help="Название из схемы, действующей в этом месяце, или номер",
            ),
            Column("month", "Месяц", MONTH, required=True, aliases=("за месяц", "период")),
            Column(
                "value",
                "Факт",
                NUMBER,
                required=True,
                low=Decimal("-999999999999.99"),
                high=Decimal("999999999999.99"),
                aliases=("значение", "выполнено"),
            ),
            DOCUMENT,
        ),
        write=loads.load_manual_facts,
    )
)
