"""Choices of the decision scheme."""

from django.db import models


class ParticipantRole(models.TextChoices):
    DECISION_MAKER = "decision_maker", "ЛПР"
    MAIN_KEY_USER = "main_key_user", "ГКлП"
    KEY_USER = "key_user", "КлП"


class Attitude(models.TextChoices):
    SUPPORTER = "supporter", "Сторонник"
    NEUTRAL = "neutral", "Нейтрален"
    OPPONENT = "opponent", "Противник"
    UNKNOWN = "unknown", "Неизвестно"


class Influence(models.IntegerChoices):
    LOW = 1, "Слабое"
    MIDDLE = 2, "Среднее"
    HIGH = 3, "Сильное"


class GapCode(models.TextChoices):
    """What may be missing in a scheme; the label is the sentence said to the user."""

    EMPTY = "empty", "Схема пуста: ни одного участника"
    NO_DECISION_MAKER = "no_decision_maker", "Нет ЛПР: неизвестно, кто решает"
    NO_KEY_USER = "no_key_user", "Нет ГКлП или КлП из бухгалтерии или юристов"
    DEPARTMENT_WITHOUT_KEY_USER = "department_without_key_user", "Нет ГКлП или КлП в отделах"
    ONE_CONTACT = "one_contact", "Известен только один контакт"
    NOT_VERIFIED = "not_verified", "Давно не проверяли"


class Trouble(models.TextChoices):
    """What is wrong with what is known of a participant; a filter of the list."""

    WITHOUT_ROLE = "without_role", "Без роли"
    NOT_VERIFIED = "not_verified", "Давно не проверяли"
    NOT_REACHED = "not_reached", "Не охвачен в этом месяце"


class Likeness(models.TextChoices):
    """In what two cards agree that may be of one human being."""

    NAME = "name", "Имя"
    PHONE = "phone", "Телефон"
    EMAIL = "email", "E-mail"
