"""Phone numbers in one form, and what is said of those that are none."""

import pytest

from contacts.phones import WrongPhone, dialable, normalise


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("84951234567", "+7 495 123-45-67"),
        ("+7 (495) 123-45-67 доб. 12", "+7 495 123-45-67 доб. 12"),
        ("8 495 123 45 67, доб 123", "+7 495 123-45-67 доб. 123"),
        ("+74951234567 x5", "+7 495 123-45-67 доб. 5"),
        ("8-800-555-35-35", "+7 800 555-35-35"),
        ("+375 29 123-45-67", "+375 29 123-45-67"),
        ("", ""),
        ("   ", ""),
    ],
)
def test_one_form(typed: str, shown: str) -> None:
    assert normalise(typed) == shown
    assert normalise(shown) == shown


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("позвоните мне", "не похоже на номер"),
        ("12", "лишние или недостающие цифры"),
        ("+7 495 123-45-6", "лишние или недостающие цифры"),
        ("+7 000 123-45-67", "кода города или оператора нет"),
    ],
)
def test_refused_with_what_to_do(typed: str, said: str) -> None:
    with pytest.raises(WrongPhone, match=said):
        normalise(typed)


def test_dialable() -> None:
    assert dialable("+7 495 123-45-67") == "+74951234567"
    assert dialable("+7 495 123-45-67 доб. 12") == "+74951234567,12"
