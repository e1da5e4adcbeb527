"""Columns of clients, staff, accounts and the audit log."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import (
    ApiToken,
    Churn,
    Client,
    Employee,
    Feed,
    Position,
    Service,
    Substitution,
    Target,
    User,
)
from core import events
from core.columns import RegisteredColumns
from core.models import AuditEntry, Event
from core.russian import day, number, roubles

TITLE = {"td": {"class": "cell-title"}}
NUM = {"th": {"class": "num"}, "td": {"class": "num"}}


def badge(text: str, kind: str = "") -> SafeString:
    """A small mark with a word in it."""
    return format_html('<span class="badge {}">{}</span>', kind, text)


class DayColumn(tables.Column):
    """A date as ДД.ММ.ГГГГ; a date in a file."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", NUM)
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return day(value)

    def value(self, value: Any) -> Any:
        return value


class ClientTable(RegisteredColumns, tables.Table):
    columns_target = "client"
    columns_after = "name"

    name = tables.Column(linkify=("client", {"pk": tables.A("pk")}), attrs=TITLE)
    inn = tables.Column(attrs={"td": {"class": "nowrap"}})
    segment = tables.Column()
    is_key = tables.Column(verbose_name="Ключевой")
    specialist = tables.Column(empty_values=())
    unit = tables.Column()
    connected_on = DayColumn()
    status = tables.Column(verbose_name="Статус", accessor="disconnected_on", empty_values=())

    class Meta:
        empty_text = "Клиентов пока нет"
        model = Client
        fields = ("name", "inn", "segment", "is_key", "specialist", "unit", "connected_on")
        order_by = "name"

    def order_name(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}sort_key", f"{sign}id"), True

    def order_specialist(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        names = ("last_name", "first_name", "id")
        order = [f"{sign}specialist__{name}" for name in names]
        return queryset.order_by(*order, "sort_key", "id"), True

    def order_unit(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}unit__path", "sort_key", "id"), True

    def render_is_key(self, value: bool) -> Any:
        return badge("ключевой", "badge-key") if value else ""

    def value_is_key(self, value: bool) -> str:
        return "да" if value else "нет"

    def render_specialist(self, record: Client) -> Any:
        if record.specialist is None:
            return format_html('<span class="text-secondary">не закреплён</span>')
        return record.specialist.short_name

    def value_specialist(self, record: Client) -> str:
        return str(record.specialist or "")

    def render_status(self, record: Client) -> Any:
        if record.is_active:
            return "подключён"
        return format_html(
            '<span class="text-danger">отключён {}</span>', day(record.disconnected_on)
        )

    def value_status(self, record: Client) -> str:
        return "подключён" if record.is_active else f"отключён {day(record.disconnected_on)}"


class ChurnTable(tables.Table):
    on = DayColumn()
    client = tables.Column(linkify=("client", {"pk": tables.A("client_id")}), attrs=TITLE)
    unit = tables.Column(accessor="client__unit", verbose_name="Отдел")
    cause = tables.Column(verbose_name="Причина", orderable=False)
    reason = tables.Column(verbose_name="Подробности")
    competitor = tables.Column()
    lost_monthly = tables.Column(attrs=NUM)

    class Meta:
        empty_text = "Отключений нет"
        model = Churn
        fields = ("client", "unit", "on", "cause", "reason", "competitor", "lost_monthly")
        order_by = "-on"

    def render_lost_monthly(self, value: Any) -> str:
        return roubles(value)

    def value_lost_monthly(self, value: Any) -> Any:
        return value


class EmployeeTable(tables.Table):
    last_name = tables.Column(
        verbose_name="Сотрудник",
        linkify=("employee", {"pk": tables.A("pk")}),
        attrs=TITLE,
    )
    position = tables.Column(verbose_name="Должность", accessor="pk", orderable=False)
    unit = tables.Column(verbose_name="Подразделение", accessor="pk", orderable=False)
    user = tables.Column(verbose_name="Вход")
    hired_on = DayColumn()
    left_on = DayColumn()

    class Meta:
        empty_text = "Сотрудников пока нет"
        model = Employee
        fields = ("last_name", "position", "unit", "user", "hired_on", "left_on")
        order_by = "last_name"

    def render_last_name(self, record: Employee) -> str:
        return str(record)

    def order_last_name(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        names = ("last_name", "first_name", "middle_name", "id")
        return queryset.order_by(*(f"{sign}{n}" for n in names)), True

    def render_position(self, record: Any) -> str:
        return record.now[0].get_kind_display() if record.now else "–"

    def render_unit(self, record: Any) -> str:
        return record.now[0].unit.name if record.now else "–"

    def render_user(self, value: User) -> str:
        return value.username


class PositionTable(tables.Table):
    employee = tables.Column(linkify=("employee", {"pk": tables.A("employee_id")}), attrs=TITLE)
    kind = tables.Column()
    unit = tables.Column()
    starts_on = DayColumn()
    ends_on = DayColumn(verbose_name="До")

    class Meta:
        empty_text = "Должностей пока нет"
        model = Position
        fields = ("employee", "kind", "unit", "starts_on", "ends_on")
        order_by = "-starts_on"

    def order_employee(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        sign = "-" if is_descending else ""
        return queryset.order_by(f"{sign}employee__last_name", "employee_id", "-starts_on"), True


class SubstitutionTable(tables.Table):
    absent = tables.Column(attrs=TITLE)
    substitute = tables.Column()
    starts_on = DayColumn()
    ends_on = DayColumn(verbose_name="До (не включая)")
    reason = tables.Column()

    class Meta:
        empty_text = "Замещений пока нет"
        model = Substitution
        fields = ("absent", "substitute", "starts_on", "ends_on", "reason")
        order_by = "-starts_on"

    def __init__(self, *args: Any, may_change: bool = False, **kwargs: Any) -> None:
        self.may_change = may_change
        super().__init__(*args, **kwargs)

    def render_absent(self, record: Substitution) -> Any:
        if not self.may_change:
            return str(record.absent)
        address = reverse("substitution_edit", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, record.absent)

    def value_absent(self, record: Substitution) -> str:
        return str(record.absent)


class TargetTable(tables.Table):
    month = DayColumn(attrs={"td": {"class": "cell-title tabular"}})
    kind = tables.Column()
    whose = tables.Column(verbose_name="Чей план", accessor="pk", orderable=False)
    value = tables.Column(attrs=NUM)

    class Meta:
        empty_text = "Планов пока нет"
        model = Target
        fields = ("month", "span", "kind", "whose", "value")
        order_by = "-month"

    def __init__(self, *args: Any, may_change: bool = False, **kwargs: Any) -> None:
        self.may_change = may_change
        super().__init__(*args, **kwargs)

    def render_month(self, record: Target) -> Any:
        words = record.when
        if not self.may_change:
            return words
        return format_html('<a href="{}">{}</a>', reverse("target_edit", args=[record.pk]), words)

    def value_month(self, record: Target) -> Any:
        return record.month

    def render_whose(self, record: Target) -> str:
        return str(record.employee or record.unit or "Весь центр")

    def render_value(self, value: Any) -> str:
        return number(value)

    def value_value(self, value: Any) -> Any:
        return value


class ServiceTable(tables.Table):
    label = tables.Column(linkify=("service_edit", {"pk": tables.A("pk")}), attrs=TITLE)

    class Meta:
        empty_text = "Сервисов пока нет"
        model = Service
        fields = ("label", "code", "long_label", "order")


class FeedTable(tables.Table):
    """Feeds with their age; the rows are states, known feeds and never received ones alike."""

    label = tables.Column(verbose_name="Поток", attrs=TITLE)
    fresh_through = DayColumn(verbose_name="Данные по дату")
    age = tables.Column(verbose_name="Давность", attrs=NUM)
    received_at = tables.DateTimeColumn(verbose_name="Получено", format="d.m.Y H:i")

    class Meta:
        model = Feed
        fields = ("label", "fresh_through", "age", "received_at")
        orderable = False


class UserTable(tables.Table):
    last_name = tables.Column(
        verbose_name="Имя", linkify=("user_edit", {"pk": tables.A("pk")}), attrs=TITLE
    )
    username = tables.Column(verbose_name="Имя для входа")
    role = tables.Column()
    employee = tables.Column(verbose_name="Сотрудник", orderable=False)
    is_active = tables.Column(verbose_name="Может входить")
    last_login = tables.DateTimeColumn(verbose_name="Последний вход", format="d.m.Y H:i")

    class Meta:
        empty_text = "Учётных записей пока нет"
        model = User
        fields = ("last_name", "username", "role", "employee", "is_active", "last_login")
        order_by = "last_name"

    def render_last_name(self, record: User) -> str:
        return str(record)

    def render_is_active(self, value: bool) -> Any:
        return "да" if value else badge("отключён")

    def value_is_active(self, value: bool) -> str:
        return "да" if value else "нет"


_SCOPES_SHOWN = 3


class ApiTokenTable(tables.Table):
    name = tables.Column(attrs=TITLE)
    user = tables.Column()
    prefix = tables.Column(verbose_name="Начало ключа")
    scopes = tables.Column(orderable=False)
    networks = tables.Column(orderable=False)
    per_minute = tables.Column(attrs=NUM)
    created_at = tables.DateTimeColumn(format="d.m.Y H:i")
    expires_at = tables.DateTimeColumn(format="d.m.Y H:i")
    last_used_at = tables.DateTimeColumn(format="d.m.Y H:i")
    state = tables.Column(verbose_name="Состояние", accessor="pk", orderable=False)

    class Meta:
        empty_text = "Ключей пока нет: выдайте первый"
        model = ApiToken
        fields = (
            "name",
            "user",
            "prefix",
            "scopes",
            "networks",
            "per_minute",
            "created_at",
            "expires_at",
            "last_used_at",
        )
        order_by = "-created_at"

    def __init__(self, *args: Any, now: Any = None, **kwargs: Any) -> None:
        self.now = now
        super().__init__(*args, **kwargs)

    def value_scopes(self, value: list[str]) -> str:
        return ", ".join(value)

    def render_scopes(self, value: list[str]) -> str:
        everything = {
            "*:read": "всё читать",
            "*:write": "всё записывать",
        }
        shown = [everything.get(scope, scope) for scope in value]
        more = len(shown) - _SCOPES_SHOWN
        return ", ".join(shown[:_SCOPES_SHOWN]) + (f" и ещё {more}" if more > 0 else "")

    def render_networks(self, value: list[str]) -> str:
        return ", ".join(value) or "любые"

    def value_state(self, record: ApiToken) -> str:
        if record.revoked_at:
            return f"отозван {day(record.revoked_at)}"
        if record.expires_at and self.now and record.expires_at <= self.now:
            return "истёк"
        return "действует"

    def render_state(self, record: ApiToken) -> Any:
        state = self.value_state(record)
        if record.revoked_at:
            return format_html('<span class="text-secondary">{}</span>', state)
        links = [("token_revoke", "отозвать")]
        if state == "действует":
            links = [("token_edit", "изменить"), ("token_rotate", "заменить"), *links]
        return format_html(
            "{} · {}",
            state,
            format_html_join(
                " · ",
                '<a class="underlined" href="{}">{}</a>',
                [(reverse(name, args=[record.pk]), label) for name, label in links],
            ),
        )


class EventTable(tables.Table):
    """The feed, the newest first."""

    position = tables.Column(attrs=NUM)
    at = tables.DateTimeColumn(format="d.m.Y H:i:s", orderable=False)
    kind = tables.Column()
    client_name = tables.Column(
        verbose_name="Клиент",
        linkify=lambda record: reverse("client", args=[record.client_id]),
        attrs=TITLE,
        orderable=False,
    )
    data = tables.Column(orderable=False)

    class Meta:
        empty_text = "Событий пока нет: они появляются с изменениями"
        model = Event
        fields = ("position", "at", "kind", "client_name", "data")
        order_by = "-position"

    def render_kind(self, value: str) -> str:
        return events.label_of(value)

    def render_data(self, value: dict[str, Any]) -> str:
        return ", ".join(f"{name}: {told}" for name, told in value.items() if told is not None)


class AuditTable(tables.Table):
    at = tables.DateTimeColumn(verbose_name="Когда", format="d.m.Y H:i:s")
    actor = tables.Column(verbose_name="Кто", default="система")
    via = tables.Column()
    action = tables.Column()
    label = tables.Column(
        verbose_name="Что", linkify=("audit_entry", {"pk": tables.A("pk")}), attrs=TITLE
    )
    subject = tables.Column(verbose_name="Запись")
    request_id = tables.Column(verbose_name="Запрос", visible=False)

    class Meta:
        empty_text = "Журнал пуст"
        model = AuditEntry
        fields = ("at", "actor", "via", "action", "label", "subject", "request_id")
        order_by = "-at"

    # Rows are numbered as they are written: the number sorts by an index, the moment would not.
    def order_at(self, queryset: Any, is_descending: bool) -> tuple[Any, bool]:
        return queryset.order_by("-id" if is_descending else "id"), True
