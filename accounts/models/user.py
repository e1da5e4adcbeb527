"""Who logs in: people and integrations."""

from django.contrib.auth.models import AbstractUser
from django.db import models

from accounts.enums import Role
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


class ApiToken(models.Model):
    """A key of an integration: shown once, kept as a keyed digest."""

    user = models.ForeignKey(User, models.CASCADE, verbose_name="от чьего имени")
    name = CharField("название", max_length=100)
    prefix = models.CharField("начало", max_length=12)
    digest = models.CharField("отпечаток", max_length=64, unique=True)
    writes = models.BooleanField("может записывать", default=False)
    created_at = models.DateTimeField("создан")
    expires_at = models.DateTimeField("действует до", null=True, blank=True)
    revoked_at = models.DateTimeField("отозван", null=True, blank=True)
    last_used_at = models.DateTimeField("использован", null=True, blank=True)

    objects = ScopedQuerySet.as_manager()
    audit_hidden = frozenset({"digest", "last_used_at"})

    class Meta:
        verbose_name = "ключ API"
        verbose_name_plural = "ключи API"
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"
