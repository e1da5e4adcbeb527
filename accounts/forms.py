"""Forms of clients, staff and accounts. What a form accepts a service still judges."""

from typing import Any

from django import forms
from django.contrib.auth.forms import UsernameField
from django.db.models import Q

from accounts import tokens
from accounts.enums import Role, TargetSpan
from accounts.models import (
    ApiToken,
    ChurnCause,
    Client,
    Employee,
    Feed,
    Position,
    Service,
    Substitution,
    Target,
    Unit,
    User,
)
from accounts.selectors import staff
from accounts.validators import validate_network
from core import clock, resources
from core.forms import Form, ModelForm
from core.widgets import RightsTable


class SpecialistField(forms.ModelChoiceField):
    """Whoever may be given clients by this user; shown with the unit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Специалист")
        super().__init__(queryset=Employee.objects.all(), **kwargs)

    def label_from_instance(self, obj: Any) -> str:
        now = getattr(obj, "now", None)
        return f"{obj} · {now[0].unit}" if now else str(obj)


def _choice(form: forms.BaseForm, name: str) -> Any:
    """A field of a form that is a choice of rows."""
    return form.fields[name]


def _offer(field: Any, user: Any) -> None:
    on = clock.today()
    wanted = staff.servants_for(user, on).values("pk")
    field.queryset = staff.employees_for(user, on).filter(pk__in=wanted)


class OwnClientForm(ModelForm):
    """What whoever serves a client may write."""

    class Meta:
        model = Client
        fields = ["portrait", "specifics", "competitor"]
        widgets = {
            "portrait": forms.Textarea(attrs={"rows": 4}),
            "specifics": forms.Textarea(attrs={"rows": 4}),
        }


class ClientForm(OwnClientForm):
    """The whole of a client."""

    class Meta(OwnClientForm.Meta):
        fields = [
            "name",
            "inn",
            "kpp",
            "ogrn",
            "segment",
            "is_key",
            "connected_on",
            "external_id",
            "portrait",
            "specifics",
            "competitor",
        ]


class NewClientForm(ClientForm):
    """A new client, with who will serve it."""

    specialist = SpecialistField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["specialist"], self.user)
        self.fields["specialist"].required = self.user.role == Role.HEAD
        self.fields["connected_on"].initial = clock.today()
        self.order_fields(["name", "inn", "kpp", "ogrn", "segment", "is_key", "specialist"])


class VersionedForm(Form):
    """A form about a row it is not the form of: carries the version that the user saw."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=1)


class AssignForm(VersionedForm):
    specialist = SpecialistField()
    on = forms.DateField(label="С какого дня")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["specialist"], self.user)


class PoolForm(Form):
    """Handing clients of one specialist to another."""

    specialist = SpecialistField(label="Кому")
    on = forms.DateField(label="С какого дня")
    whole = forms.BooleanField(label="Весь пул", required=False)
    clients = forms.ModelMultipleChoiceField(
        queryset=Client.objects.all(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label="Клиенты",
        error_messages={"invalid_choice": "Клиента уже нет в этом пуле: обновите страницу."},
    )

    def __init__(self, *args: Any, pool: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["specialist"], self.user)
        self.pool = pool
        _choice(self, "clients").queryset = pool

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not cleaned.get("whole") and not cleaned.get("clients") and "clients" not in self.errors:
            self.add_error("clients", "Отметьте клиентов или выберите весь пул.")
        return cleaned

    def client_ids(self) -> list[int]:
        """The ids chosen."""
        if self.cleaned_data["whole"]:
            return list(self.pool.values_list("pk", flat=True))
        return [client.pk for client in self.cleaned_data["clients"]]


class DisconnectForm(VersionedForm):
    on = forms.DateField(label="Дата отключения")
    cause = forms.ModelChoiceField(
        label="Вид причины", queryset=ChurnCause.objects.filter(is_active=True), required=False
    )
    reason = forms.CharField(label="Причина", max_length=300)
    competitor = forms.CharField(label="К какому конкуренту", max_length=200, required=False)
    lost_monthly = forms.DecimalField(
        label="Потеря в месяц, ₽",
        max_digits=12,
        decimal_places=2,
        min_value=0,
        required=False,
        localize=True,  # a comma, as people type it
        help_text="Пусто — цена договоров на этот день.",
    )

    def values(self) -> dict[str, Any]:
        """What was typed, for the service."""
        return {k: v for k, v in self.cleaned_data.items() if k != "version"}


class ReconnectForm(VersionedForm):
    on = forms.DateField(label="С какого дня")
    specialist = SpecialistField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["specialist"], self.user)


class UnitForm(ModelForm):
    class Meta:
        model = Unit
        fields = ["name", "kind", "parent", "is_active", "external_id"]


class EmployeeForm(ModelForm):
    class Meta:
        model = Employee
        fields = [
            "last_name",
            "first_name",
            "middle_name",
            "hired_on",
            "left_on",
            "external_id",
        ]


class PositionForm(ModelForm):
    class Meta:
        model = Position
        fields = ["employee", "unit", "kind", "starts_on", "ends_on"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance.pk:
            # A new position closes the former one: its end is nobody's to type.
            del self.fields["ends_on"]
        unit, employee = _choice(self, "unit"), _choice(self, "employee")
        unit.queryset = unit.queryset.filter(is_active=True)
        employee.queryset = employee.queryset.filter(left_on=None)

    # The service closes the former position first; the form must not refuse for its sake.
    def _get_validation_exclusions(self) -> set[str]:
        return super()._get_validation_exclusions() | {"employee", "ends_on"}  # type: ignore[misc]


class SubstitutionForm(ModelForm):
    class Meta:
        model = Substitution
        fields = ["absent", "substitute", "starts_on", "ends_on", "reason"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        _offer(self.fields["absent"], self.user)
        substitute = _choice(self, "substitute")
        substitute.queryset = substitute.queryset.filter(left_on=None)
        self.fields["ends_on"].help_text = "Первый день, когда замещение уже не действует."


class MonthField(forms.DateField):
    """A month, kept as its first day; any day of it will do."""

    widget = forms.DateInput(format="%Y-%m", attrs={"type": "month", "placeholder": "2026-11"})

    def __init__(self, **kwargs: Any) -> None:
        formats = ["%Y-%m", "%Y-%m-%d", "%m.%Y", "%d.%m.%Y"]
        super().__init__(input_formats=formats, **kwargs)

    def to_python(self, value: Any) -> Any:
        found = super().to_python(value)
        return found and found.replace(day=1)


class TargetForm(ModelForm):
    month = MonthField(label="Месяц", help_text="Для квартала и года — любой их месяц.")

    class Meta:
        model = Target
        fields = ["kind", "span", "month", "employee", "unit", "value"]
        localized_fields = ("value",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        unit, employee = _choice(self, "unit"), _choice(self, "employee")
        employee.help_text = "Пусто — план ставится отделу."
        unit.help_text = (
            "Отделу план нужен, только если он не равен сумме планов сотрудников."
            if self.user.role == Role.HEAD
            else "Пусты и сотрудник, и отдел — план всего центра."
        )
        if self.user.role == Role.HEAD:
            unit.queryset = unit.queryset.filter(pk__in=staff.units_led_by(self.user).values("pk"))
            people = staff.servants_for(self.user, clock.today()).values("pk")
            if self.instance.employee_id:  # who left or moved since keeps the plan of the month
                people = Employee.objects.filter(
                    Q(pk__in=people) | Q(pk=self.instance.employee_id)
                ).values("pk")
            employee.queryset = employee.queryset.filter(pk__in=people)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("month") and cleaned.get("span"):
            cleaned["month"] = TargetSpan(cleaned["span"]).begins(cleaned["month"])
        return cleaned


class ServiceForm(ModelForm):
    class Meta:
        model = Service
        fields = ["code", "label", "long_label", "order"]


class FeedForm(Form):
    fresh_through = forms.DateField(label="Данные загружены по дату")

    def __init__(self, *args: Any, instance: Feed | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if instance is not None:
            self.fields["fresh_through"].initial = instance.fresh_through


class UserForm(ModelForm):
    """An account. The password is asked only where it changes."""

    password = forms.CharField(
        label="Пароль",
        required=False,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text="Не короче 10 знаков. Интеграции пароль не нужен: она входит по ключу.",
    )
    employee = forms.ModelChoiceField(
        label="Сотрудник",
        queryset=Employee.objects.filter(left_on=None),
        required=False,
        help_text="Чьи клиенты видит учётная запись.",
    )

    class Meta:
        model = User
        fields = [
            "username",
            "last_name",
            "first_name",
            "middle_name",
            "email",
            "role",
            "is_active",
        ]
        field_classes = {"username": UsernameField}
        labels = {
            "username": "Имя для входа",
            "email": "Электронная почта",
            "is_active": "Может входить",
        }
        help_texts = {"username": "Латинские буквы, цифры и знаки @ . + - _", "is_active": ""}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields([*self.Meta.fields[:6], "employee", "password", "is_active"])
        if self.instance.pk:
            self.fields["password"].label = "Новый пароль"
            self.fields["employee"].initial = Employee.objects.filter(user=self.instance).first()

    def values(self) -> dict[str, Any]:
        """The fields of the account itself."""
        return {k: v for k, v in super().values().items() if k not in {"password", "employee"}}


class NetworksField(forms.CharField):
    """Networks of addresses, one a line."""

    widget = forms.Textarea(attrs={"rows": 3})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def to_python(self, value: Any) -> Any:
        return [line.strip() for line in (value or "").splitlines() if line.strip()]

    def validate(self, value: Any) -> None:
        for network in value:
            validate_network(network)


class TokenRotateForm(Form):
    """Until when the old key stays good."""

    until = forms.DateTimeField(
        label="Прежний ключ действует до",
        help_text="За это время замените ключ в программе, которая им пользуется.",
    )

    def values(self) -> dict[str, Any]:
        """What was typed, for the service."""
        return dict(self.cleaned_data)


class TokenForm(ModelForm):
    class Meta:
        model = ApiToken
        fields = ["user", "name", "expires_at", "per_minute", "networks", "scopes"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        named = {"*": "всё, и то, что появится потом"} | resources.served()
        self.fields["scopes"] = forms.MultipleChoiceField(
            label="Права",
            choices=[
                (tokens.scope(name, write=write), label)
                for name, label in named.items()
                for write in (False, True)
            ],
            widget=RightsTable,
            error_messages={"required": "Отметьте, что ключ читает или записывает."},
        )
        self.fields["networks"] = NetworksField(
            label="Адреса",
            required=False,
            help_text="По одному в строке, например 10.1.0.0/16. Пусто: с любого адреса.",
        )
        self.fields["per_minute"].help_text = "Сверх этого ключ получает ответ 429."
        if self.instance.pk:  # a key never changes hands
            del self.fields["user"]
            return
        integrations = User.objects.filter(role=Role.INTEGRATOR, is_active=True)
        _choice(self, "user").queryset = integrations
        self.fields["user"].help_text = "Учётная запись с ролью «Интеграция»."
