"""Who logs in: people and integrations."""

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from accounts import tokens
from accounts.enums import Role
from accounts.validators import validate_network
from core.models import CharField, Versioned
from core.policy import ScopedQuerySet


class User(Versioned, AbstractUser):
    """An account. The role says what it may do; the employee's positions say over whom."""

    role = models.CharField("роль", max_length=12, choices=Role, default=Role.SPECIALIST)
    middle_name = CharField("отчество", max_length=100, blank=True)

    REQUIRED_FIELDS = ["role"]
    audit_hidden = frozenset({"password", "last_login"})

    class Meta:
        verbose_name = "пользователь"
        verbose_name_plural = "пользователи"
        ordering = ["last_name", "first_name", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(role__in=Role.values), name="user_role_known")
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        return " ".join(filter(None, [self.last_name, self.first_name, self.middle_name]))


class ApiToken(Versioned):
    """A key of an integration: shown once, kept as a keyed digest.

    `scopes` says which resources it reads and writes ("clients:read", "*:write"); `networks`,
    from which addresses, any where empty. A key renewed lives on beside its successor until
    `expires_at`.
    """

    user = models.ForeignKey(User, models.CASCADE, verbose_name="от чьего имени")
    name = CharField("название", max_length=100)
    prefix = models.CharField("начало", max_length=12)
    digest = models.CharField("отпечаток", max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=60), verbose_name="права", default=list)
    networks = ArrayField(
        models.CharField(max_length=43, validators=[validate_network]),
        verbose_name="адреса",
        default=list,
        blank=True,
    )
    per_minute = models.PositiveIntegerField("вызовов в минуту", default=600)
    follows = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, editable=False, verbose_name="вместо"
    )
    created_at = models.DateTimeField("создан")
    expires_at = models.DateTimeField("действует до", null=True, blank=True)
    revoked_at = models.DateTimeField("отозван", null=True, blank=True)
    last_used_at = models.DateTimeField("использован", null=True, blank=True)

    # Calls of the present minute, counted in the statement that finds the key still good.
    minute = models.BigIntegerField(default=0, editable=False)
    calls = models.PositiveIntegerField(default=0, editable=False)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"digest", "last_used_at", "minute", "calls"})

    class Meta:
        verbose_name = "ключ API"
        verbose_name_plural = "ключи API"
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(per_minute__range=(1, 100_000)),
                name="token_per_minute",
                violation_error_message="Вызовов в минуту — от 1 до 100 000.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    def allows(self, resource: str, *, write: bool) -> bool:
        """Whether the key reads or writes a resource of the API."""
        return tokens.allows(self.scopes, resource, write=write)
