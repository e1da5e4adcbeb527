"""Columns that many resources share: whom a row is about, its code, its sums."""

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from accounts.models import Client
from accounts.services.reach import announce
from accounts.validators import validate_inn, validate_kpp
from core.bulk.resources import CODE, DAY, NUMBER, WHOLE, Column


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
CODE_IN_KIS = Column(
    "external_id",
    "Код в КИС",
    CODE,
    required=True,
    longest=64,
    aliases=("код", "id", "идентификатор", "код записи"),
)
SERVICE = Column(
    "service", "Сервис", longest=200, required=True, aliases=("услуга", "код сервиса", "вид")
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
