"""What lists may be narrowed by, in pages and the API alike."""

from typing import Any

import django_filters
from django import forms
from django.db.models import Q

from accounts.enums import FeedCode, PositionKind, Role, Segment, TargetKind, TargetSpan, UnitKind
from accounts.models import (
    ApiToken,
    Assignment,
    Churn,
    ChurnCause,
    Client,
    Employee,
    Entitlement,
    Feed,
    GndRecord,
    Invoice,
    Payment,
    Position,
    Service,
    Substitution,
    Target,
    Training,
    Unit,
    Usage,
    User,
)
from core import clock, events, text
from core.columns import filters_of
from core.enums import AuditAction
from core.filters import FilterSet, SearchFilter
from core.models import AuditEntry, CalendarDay, Event

ACTIVE, DISCONNECTED = "active", "disconnected"
EVERY = "all"
STATUSES = [(ACTIVE, "Подключён"), (DISCONNECTED, "Отключён"), (EVERY, "Все")]


class SubtreeFilter(django_filters.ModelChoiceFilter):
    """Rows of a unit and of all units below it; `field_name` leads to the unit."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Подразделение")
        super().__init__(queryset=Unit.objects.all(), **kwargs)

    def filter(self, qs: Any, value: Any) -> Any:
        if value is None:
            return qs
        if value == self.null_value:  # offered only where the filter has a `null_label`
            return qs.filter(**{f"{self.field_name}__isnull": True})
        below = Unit.objects.filter(path__startswith=value.path).values("pk")
        return qs.filter(**{f"{self.field_name}__in": below})


class NamesFilter(django_filters.CharFilter):
    """Every typed word must occur in one of the fields. For small tables without a search key."""

    def __init__(self, *fields: str, **kwargs: Any) -> None:
        kwargs.setdefault("label", "Поиск")
        super().__init__(max_length=100, **kwargs)
        self.fields_searched = fields

    def filter(self, qs: Any, value: str) -> Any:
        for word in text.key(value or "").split():
            # «е» in the key stands for both letters.
            pattern = _pattern(word)
            found = Q(pk__in=[])
            for name in self.fields_searched:
                found |= Q(**{f"{name}__iregex": pattern})
            qs = qs.filter(found)
        return qs


def _pattern(word: str) -> str:
    special = set(r"\.^$*+?{}[]|()")
    return "".join(f"\\{c}" if c in special else "[её]" if c == "е" else c for c in word)


class ClientFilter(FilterSet):
    """Clients by name or ИНН, segment, unit, specialist, status; and by what apps above add."""

    q = SearchFilter(field_name="search_key", label="Название или ИНН")
    segment = django_filters.ChoiceFilter(choices=Segment.choices, label="Сегмент")
    is_key = django_filters.BooleanFilter(label="Ключевой")
    unit = SubtreeFilter(field_name="unit")
    specialist = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Специалист"
    )
    status = django_filters.ChoiceFilter(choices=STATUSES, label="Статус", method="by_status")
    connected_on = django_filters.DateFromToRangeFilter(label="Клиент с")

    class Meta:
        model = Client
        fields: list[str] = []

    @classmethod
    def get_filters(cls) -> dict[str, Any]:
        return super().get_filters() | filters_of("client")

    def by_status(self, queryset: Any, name: str, value: str) -> Any:
        if value == ACTIVE:
            return queryset.filter(disconnected_on=None)
        return queryset.exclude(disconnected_on=None) if value == DISCONNECTED else queryset


class IdFilter(django_filters.Filter):
    """Rows of one parent by its id: a choice among a hundred thousand is no choice."""

    field_class = forms.IntegerField

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("widget", forms.HiddenInput)
        super().__init__(min_value=1, max_value=2**63 - 1, **kwargs)


class ClientRowFilter(FilterSet):
    """Rows that hang on a client."""

    client = IdFilter(field_name="client_id", label="Клиент")


class AssignmentFilter(ClientRowFilter):
    specialist = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Специалист"
    )
    unit = SubtreeFilter(field_name="unit")
    starts_on = django_filters.DateFromToRangeFilter(label="С")
    is_open = django_filters.BooleanFilter(field_name="ends_on", lookup_expr="isnull")

    class Meta:
        model = Assignment
        fields: list[str] = []


class ChurnFilter(ClientRowFilter):
    on = django_filters.DateFromToRangeFilter(label="Дата отключения")
    unit = SubtreeFilter(field_name="client__unit", null_label="Без отдела")
    segment = django_filters.ChoiceFilter(
        choices=Segment.choices, label="Сегмент", field_name="client__segment"
    )
    cause = django_filters.ModelChoiceFilter(
        queryset=ChurnCause.objects.all(), label="Причина", null_label="Не указана"
    )
    competitor = django_filters.CharFilter(label="Конкурент", max_length=200)

    class Meta:
        model = Churn
        fields: list[str] = []


class UnitFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=UnitKind.choices, label="Вид")
    parent = django_filters.ModelChoiceFilter(queryset=Unit.objects.all(), label="Входит в")
    is_active = django_filters.BooleanFilter(label="Действует")

    class Meta:
        model = Unit
        fields: list[str] = []


class EmployeeFilter(FilterSet):
    q = NamesFilter("last_name", "first_name", "middle_name", label="ФИО")
    unit = SubtreeFilter(method="in_unit")
    kind = django_filters.ChoiceFilter(
        choices=PositionKind.choices, label="Должность", method="of_kind"
    )
    working = django_filters.BooleanFilter(
        field_name="left_on", lookup_expr="isnull", label="Работает"
    )

    class Meta:
        model = Employee
        fields: list[str] = []

    def in_unit(self, queryset: Any, name: str, value: Unit) -> Any:
        held = Position.objects.current_on(clock.today()).filter(unit__path__startswith=value.path)
        return queryset.filter(pk__in=held.values("employee_id"))

    def of_kind(self, queryset: Any, name: str, value: str) -> Any:
        held = Position.objects.current_on(clock.today()).filter(kind=value)
        return queryset.filter(pk__in=held.values("employee_id"))


class PositionFilter(FilterSet):
    q = NamesFilter("employee__last_name", "employee__first_name", label="ФИО")
    employee = django_filters.ModelChoiceFilter(queryset=Employee.objects.all(), label="Сотрудник")
    unit = SubtreeFilter(field_name="unit")
    kind = django_filters.ChoiceFilter(choices=PositionKind.choices, label="Должность")
    is_open = django_filters.BooleanFilter(
        field_name="ends_on", lookup_expr="isnull", label="Действует"
    )

    class Meta:
        model = Position
        fields: list[str] = []


class SubstitutionFilter(FilterSet):
    q = NamesFilter("absent__last_name", "substitute__last_name", label="Фамилия")
    absent = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Кого замещают"
    )
    substitute = django_filters.ModelChoiceFilter(
        queryset=Employee.objects.all(), label="Кто замещает"
    )
    current = django_filters.BooleanFilter(label="Действует сегодня", method="by_today")

    class Meta:
        model = Substitution
        fields: list[str] = []

    def by_today(self, queryset: Any, name: str, value: bool) -> Any:
        now = Substitution.objects.current_on(clock.today()).values("pk")
        return queryset.filter(pk__in=now) if value else queryset.exclude(pk__in=now)


class TargetFilter(FilterSet):
    kind = django_filters.ChoiceFilter(choices=TargetKind.choices, label="Показатель")
    span = django_filters.ChoiceFilter(choices=TargetSpan.choices, label="На сколько")
    month = django_filters.DateFromToRangeFilter(label="Начало")
    unit = django_filters.ModelChoiceFilter(queryset=Unit.objects.all(), label="Отдел")
    employee = django_filters.ModelChoiceFilter(queryset=Employee.objects.all(), label="Сотрудник")

    class Meta:
        model = Target
        fields: list[str] = []


class ServiceFilter(FilterSet):
    code = django_filters.CharFilter(label="Код", max_length=20)

    class Meta:
        model = Service
        fields: list[str] = []


class FeedFilter(FilterSet):
    code = django_filters.ChoiceFilter(choices=FeedCode.choices, label="Поток")

    class Meta:
        model = Feed
        fields: list[str] = []


class UsageFilter(ClientRowFilter):
    service = django_filters.ModelChoiceFilter(queryset=Service.objects.all(), label="Сервис")
    day = django_filters.DateFromToRangeFilter(label="День")

    class Meta:
        model = Usage
        fields: list[str] = []


class EntitlementFilter(ClientRowFilter):
    service = django_filters.ModelChoiceFilter(queryset=Service.objects.all(), label="Сервис")
    valid_until = django_filters.DateFromToRangeFilter(label="Действует по")

    class Meta:
        model = Entitlement
        fields: list[str] = []


class TrainingFilter(ClientRowFilter):
    held_on = django_filters.DateFromToRangeFilter(label="Проведено")
    valid_until = django_filters.DateFromToRangeFilter(label="Действует по")

    class Meta:
        model = Training
        fields: list[str] = []


class GndRecordFilter(ClientRowFilter):
    opened_on = django_filters.DateFromToRangeFilter(label="Открыта")
    is_open = django_filters.BooleanFilter(
        field_name="closed_on", lookup_expr="isnull", label="Не закрыта"
    )

    class Meta:
        model = GndRecord
        fields: list[str] = []


class InvoiceFilter(ClientRowFilter):
    month = django_filters.DateFromToRangeFilter(label="Месяц")
    due_on = django_filters.DateFromToRangeFilter(label="Оплатить до")
    unsettled = django_filters.BooleanFilter(
        field_name="settled_on", lookup_expr="isnull", label="Не оплачен"
    )

    class Meta:
        model = Invoice
        fields: list[str] = []


class PaymentFilter(FilterSet):
    client = IdFilter(field_name="invoice__client_id", label="Клиент")
    invoice = IdFilter(field_name="invoice_id", label="Счёт")
    paid_on = django_filters.DateFromToRangeFilter(label="Оплачено")

    class Meta:
        model = Payment
        fields: list[str] = []


class UserFilter(FilterSet):
    q = NamesFilter("username", "last_name", "first_name", "email", label="Имя")
    role = django_filters.ChoiceFilter(choices=Role.choices, label="Роль")
    is_active = django_filters.BooleanFilter(label="Может входить")

    class Meta:
        model = User
        fields: list[str] = []


class ApiTokenFilter(FilterSet):
    user = django_filters.ModelChoiceFilter(
        queryset=User.objects.filter(role=Role.INTEGRATOR), label="Интеграция"
    )
    live = django_filters.BooleanFilter(
        field_name="revoked_at", lookup_expr="isnull", label="Не отозван"
    )

    class Meta:
        model = ApiToken
        fields: list[str] = []


class EventFilter(FilterSet):
    """The feed by what happened, with whom and when."""

    kind = django_filters.MultipleChoiceFilter(
        label="Что произошло",
        choices=lambda: [(kind.name, kind.label) for kind in events.kinds()],
    )
    client = django_filters.ModelChoiceFilter(
        queryset=Client.objects.all(), field_name="client_id", method="of_client", label="Клиент"
    )
    at = django_filters.IsoDateTimeFromToRangeFilter(label="Когда")

    class Meta:
        model = Event
        fields: list[str] = []

    def of_client(self, queryset: Any, name: str, value: Client) -> Any:
        return queryset.filter(client_id=value.pk)


class AuditFilter(FilterSet):
    """The audit log by who, when and what."""

    actor = django_filters.ModelChoiceFilter(queryset=User.objects.all(), label="Кто")
    at = django_filters.DateFromToRangeFilter(label="Когда")
    action = django_filters.ChoiceFilter(choices=AuditAction.choices, label="Действие")
    subject = django_filters.CharFilter(
        label="Что", method="by_subject", max_length=80, help_text="например accounts.client:15"
    )
    label = NamesFilter("label", label="Название")

    class Meta:
        model = AuditEntry
        fields: list[str] = []

    def by_subject(self, queryset: Any, name: str, value: str) -> Any:
        """A whole reference, or a model: everything of it."""
        typed = value.strip().lower()
        if ":" in typed:
            return queryset.filter(Q(subject=typed) | Q(about=typed))
        return queryset.filter(subject__startswith=f"{typed}:")


class CalendarDayFilter(FilterSet):
    """The centre's own days by period."""

    on = django_filters.DateFromToRangeFilter(label="День")
    is_working = django_filters.BooleanFilter(label="Рабочий")

    class Meta:
        model = CalendarDay
        fields: list[str] = []
