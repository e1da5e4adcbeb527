"""Phone numbers as people type them, brought to one form: «+7 495 123-45-67 доб. 12»."""

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

_EXTENSION = " доб. "


class WrongPhone(ValueError):
    """What was typed is not a phone number; the message says what to type."""


def normalise(typed: str) -> str:
    """Return the number in its one form; an empty text stays empty.

    A number without a country is Russian. Raises WrongPhone.
    """
    if not typed.strip():
        return ""
    try:
        number = phonenumbers.parse(typed, "RU")
    except NumberParseException as error:
        raise WrongPhone(
            "Это не похоже на номер телефона. Пример: +7 495 123-45-67 доб. 12."
        ) from error
    if not phonenumbers.is_possible_number(number):
        raise WrongPhone(
            "В номере лишние или недостающие цифры: после +7 их десять, добавочный пишется "
            "после «доб.»."
        )
    if not phonenumbers.is_valid_number(number):
        raise WrongPhone("Такого кода города или оператора нет: проверьте номер.")
    extension, number.extension = number.extension, None
    shown = phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)
    return f"{shown}{_EXTENSION}{extension}" if extension else shown


def dialable(shown: str) -> str:
    """The number for a «tel:» link: digits and plus, the extension after a comma's pause."""
    number, _, extension = shown.partition(_EXTENSION)
    digits = "+" + "".join(c for c in number if c.isdigit())
    return f"{digits},{extension}" if extension else digits
