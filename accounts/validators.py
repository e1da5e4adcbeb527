"""Check digits of Russian registration numbers, ASCII digits only; networks of addresses."""

import ipaddress
import re

from django.core.exceptions import ValidationError
from stdnum.ru import inn, ogrn


def validate_inn(value: str) -> None:
    """ИНН: 10 digits of a company or 12 of a person in business, with check digits."""
    if not re.fullmatch(r"[0-9]{10}|[0-9]{12}", value):
        raise ValidationError("ИНН — это 10 цифр организации или 12 цифр ИП.", "inn")
    if set(value) == {"0"} or not inn.is_valid(value):
        raise ValidationError("Контрольные цифры ИНН не сходятся.", "inn")


def validate_kpp(value: str) -> None:
    """КПП: 9 characters, four digits of the tax office, two of the reason, three of the number."""
    if not re.fullmatch(r"[0-9]{4}[0-9A-Z]{2}[0-9]{3}", value):
        raise ValidationError("КПП — это 9 знаков, например 770101001.", "kpp")


def validate_ogrn(value: str) -> None:
    """ОГРН (13 digits) or ОГРНИП (15 digits) with the check digit."""
    if not re.fullmatch(r"[0-9]{13}|[0-9]{15}", value) or not ogrn.is_valid(value):
        raise ValidationError(
            "ОГРН — 13 цифр (ОГРНИП — 15); контрольная цифра не сходится.", "ogrn"
        )


def validate_network(value: str) -> None:
    """An address or a network of addresses: 10.1.0.0/16, 2001:db8::/32."""
    try:
        ipaddress.ip_network(value)
    except ValueError as error:
        raise ValidationError(f"«{value}» — не адрес и не сеть вида 10.1.0.0/16.") from error
