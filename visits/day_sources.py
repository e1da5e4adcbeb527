"""What contacts, tasks and the decision scheme put into my day."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Window
from django.urls import reverse

from accounts.models import Client
from contacts.models import Participant
from contacts.selectors import role_names, with_scheme
from core.policy import policy_for
from core.russian import age_days, day
from visits.cadence import Priority
from visits.day import MINE, POOL, UNIT, Action, Asker, Found, Row, Source, register
from visits.enums import K1_LABEL, K2_LABEL, AgreementStatus, VisitLevel, VisitStatus
from visits.models import Agreement, Visit
from visits.policy import VisitPolicy
from visits.preferences import K1_EVERY_DAYS, K2_EVERY_DAYS
from visits.selectors import waiting
from visits.selectors.agreements import with_names
from visits.selectors.visits import with_people

_EVERYBODY = frozenset({POOL, MINE, UNIT})
_POOLS = frozenset({POOL, UNIT})
# A pool of more clients than this is looked for by its conditions, not by a list of its ids.
LARGEST = 5_000


def counted_rows(queryset: Any, limit: int, whole: Callable[[Any], Any]) -> tuple[list[Any], int]:
    """The first rows of an ordered queryset and how many there are, in two queries.

    All are counted and ordered by their ids alone; only those shown are read, with what `whole`
    joins to them: a unit's thousands would otherwise be carried through the sort in full.
    """
    counted = queryset.annotate(of_all=Window(Count("pk"))).values_list("pk", "of_all")
    found = list(counted[:limit])
    if not found:
        return [], 0
    shown = whole(queryset.model._default_manager.filter(pk__in=[pk for pk, _ in found]))
    by_pk = {row.pk: row for row in shown}
    return [by_pk[pk] for pk, _ in found], found[0][1]


def of_pool(asker: Asker, rows: Any, path: str = "client__pk") -> Any:
    """The rows of clients in the user's scope, these named by their ids.

    The scope is asked by the caller; the ids lead the database to a pool's rows by their index,
    where it would else read every need or contact of the centre that is in the wanted state.
    """
    if asker.whose == MINE:
        return rows
    ids = asker.once("pool", lambda: _pool(asker))
    return rows.filter(**{f"{path}__any_of": ids}) if len(ids) <= LARGEST else rows


def _pool(asker: Asker) -> list[int]:
    rows = policy_for(Client).visible_to(asker.user).order_by()
    return list(rows.values_list("pk", flat=True)[: LARGEST + 1])


def address(url_name: str, **query: Any) -> str:
    """The address of a list narrowed by its filters."""
    return f"{reverse(url_name)}?{urlencode(query, doseq=True)}"


def client_actions(client_id: int) -> list[Action]:
    """What may be done about a client at once."""
    return [
        Action("Запланировать", reverse("visit_plan", args=[client_id])),
        Action("Подготовиться", reverse("client_prepare", args=[client_id])),
        Action("Записать", reverse("visit_log", args=[client_id])),
    ]


def served_by(asker: Asker, client: Client) -> str:
    """In a unit's day, whose client it is."""
    if asker.whose != UNIT:
        return ""
    return client.specialist.short_name if client.specialist else "не закреплён"


# --- tasks ----------------------------------------------------------------------------------
def _tasks(asker: Asker, limit: int, state: str) -> Found:
    """Open tasks: one's own and of those one stands in for; in a unit's day, all in sight."""
    due = asker.once("tasks due", lambda: _tasks_due(asker))
    ids = [pk for pk, due_on in due if (due_on < asker.on) == (state == "overdue")]
    rows = with_names(Agreement.objects.filter(pk__in=ids[:limit]))
    by_pk = {row.pk: row for row in rows}
    query = {"state": state} if asker.whose == UNIT else {"state": state, "whose": "mine"}
    found = [_task(asker, by_pk[pk]) for pk in ids[:limit]]
    return Found(found, len(ids), address("tasks", **query))


def _tasks_due(asker: Asker) -> list[tuple[int, date]]:
    """The ids and days of tasks due by today, the earliest first: two halves, each by its index."""
    rows = policy_for(Agreement).visible_to(asker.user)
    rows = rows.filter(status=AgreementStatus.OPEN, due_on__lte=asker.on)
    if asker.whose == UNIT:
        halves = of_pool(asker, rows.exclude(client=None)), rows.filter(client=None)
    else:
        halves = (
            rows.filter(responsible__in=asker.employees),
            rows.filter(responsible=None, client__specialist__in=asker.employees),
        )
    one, two = (half.order_by().values_list("pk", "due_on") for half in halves)
    return list(one.union(two, all=True).order_by("due_on", "pk"))


def _task(asker: Asker, row: Agreement) -> Row:
    late = row.due_on < asker.on
    said = [row.client.name if row.client else "без клиента"]
    if row.participant:
        said.append(str(row.participant))
    doer = row.responsible or (row.client.specialist if row.client else None)
    return Row(
        title=str(row),
        url=reverse("task", args=[row.pk]),
        why=", ".join(said),
        note=(doer.short_name if doer else "никто: клиент не закреплён")
        if asker.whose == UNIT
        else "",
        warning=f"срок был {day(row.due_on)}, просрочена на {_days(row.due_on, asker.on)}"
        if late
        else "",
        actions=[Action("Выполнена", reverse("task_close", args=[row.pk]))],
    )


def _days(since: date, on: date) -> str:
    return age_days((on - since).days)


def overdue_tasks(asker: Asker, limit: int) -> Found:
    return _tasks(asker, limit, "overdue")


def today_tasks(asker: Asker, limit: int) -> Found:
    return _tasks(asker, limit, "today")


# --- contacts -------------------------------------------------------------------------------
def _contacts(asker: Asker, limit: int, query: dict[str, Any], **planned: date) -> Found:
    rows = policy_for(Visit).visible_to(asker.user)
    rows = of_pool(asker, rows.filter(status=VisitStatus.PLANNED, **planned))
    if asker.whose != UNIT:
        rows = waiting.of_people(rows, asker.employees, pool=asker.whose == POOL)
        query = query | {"whose": "mine"}
    found, total = counted_rows(rows.order_by("planned_for", "pk"), limit, with_people)
    url = address("visits", status=VisitStatus.PLANNED.value, **query)
    return Found([_contact(asker, row) for row in found], total, url)


def _contact(asker: Asker, row: Visit) -> Row:
    policy = policy_for(Visit)
    assert isinstance(policy, VisitPolicy)
    actions = []
    if row.level in policy.levels(asker.user):
        actions = [
            Action("Подготовиться", reverse("visit_prepare", args=[row.pk])),
            Action("Записать", reverse("visit_complete", args=[row.pk])),
        ]
    people = ", ".join(map(str, row.participants.all()))
    said = [str(row), people, f"цель: {row.goal[:120]}" if row.goal else ""]
    assert row.planned_for is not None  # a planned contact has a day
    joined = [row.employee, *row.companions.all()]
    return Row(
        title=row.client.name,
        url=reverse("visit", args=[row.pk]),
        why=" · ".join(filter(None, said)),
        note=", ".join(one.short_name for one in joined)
        if asker.whose == UNIT or len(joined) > 1
        else "",
        warning=f"просрочен на {_days(row.planned_for, asker.on)}"
        if row.planned_for < asker.on
        else "",
        remark="" if row.is_prepared else "плана нет",
        actions=actions,
    )


def overdue_contacts(asker: Asker, limit: int) -> Found:
    until = asker.on - timedelta(days=1)
    return _contacts(asker, limit, {"period_before": until}, planned_for__lte=until)


def today_contacts(asker: Asker, limit: int) -> Found:
    query = {"period_after": asker.on, "period_before": asker.on}
    return _contacts(asker, limit, query, planned_for=asker.on)


# --- clients and key users that wait ---------------------------------------------------------
def _waiting(asker: Asker, limit: int, level: str, every_days: int) -> Found:
    def whole(rows: Any) -> Any:
        return waiting.with_last_contact(rows.select_related("specialist"), level)

    seen = of_pool(asker, policy_for(Client).visible_to(asker.user), "pk")
    late = waiting.without_contact(seen, level, asker.on, every_days)
    rows = waiting.with_last_contact(late, level).order_by("waits_since", "sort_key", "pk")
    found, total = counted_rows(rows, limit, whole)
    return Found(
        [_client(asker, row, level) for row in found], total, address("clients", waits=level)
    )


def _client(asker: Asker, row: Any, level: str) -> Row:
    label = VisitLevel(level).label
    last = f"последний {label} {day(row.last_on)}" if row.last_on else f"{label} ещё не было"
    return Row(
        title=row.name,
        url=reverse("client", args=[row.pk]),
        why=f"{last}, ждёт {_days(row.waits_since, asker.on)}",
        note=served_by(asker, row),
        since=row.waits_since,
        actions=client_actions(row.pk),
    )


def without_k1(asker: Asker, limit: int) -> Found:
    return _waiting(asker, limit, VisitLevel.K1, asker.settings[K1_EVERY_DAYS])


def without_k2(asker: Asker, limit: int) -> Found:
    return _waiting(asker, limit, VisitLevel.K2, asker.settings[K2_EVERY_DAYS])


def key_users(asker: Asker, limit: int) -> Found:
    seen = of_pool(asker, policy_for(Participant).visible_to(asker.user))
    ids = waiting.key_users_not_reached(seen, asker.on)
    rows = with_scheme(Participant.objects.filter(pk__in=ids[:limit]), asker.on)
    by_pk = {row.pk: row for row in rows.select_related("client__specialist", "person")}
    found = [by_pk[pk] for pk in ids[:limit]]
    url = address(
        "participants",
        role=["main_key_user", "key_user"],
        trouble="not_reached",
        is_served="true",
    )
    return Found([_participant(asker, row) for row in found], len(ids), url)


def _participant(asker: Asker, row: Any) -> Row:
    said = [role_names(row), row.job_title, row.client.name]
    return Row(
        title=str(row),
        url=reverse("participant", args=[row.pk]),
        why=", ".join(filter(None, said)),
        note=served_by(asker, row.client),
        actions=client_actions(row.client_id),
    )


SOURCES = (
    Source(
        "overdue_tasks",
        Priority.OVERDUE_TASKS,
        "Просроченные договорённости",
        _EVERYBODY,
        overdue_tasks,
    ),
    Source(
        "overdue_contacts",
        Priority.OVERDUE_CONTACTS,
        "Просроченные контакты",
        _EVERYBODY,
        overdue_contacts,
    ),
    Source(
        "today_contacts",
        Priority.TODAY_CONTACTS,
        "Контакты на сегодня",
        _EVERYBODY,
        today_contacts,
    ),
    Source(
        "today_tasks", Priority.TODAY_TASKS, "Договорённости на сегодня", _EVERYBODY, today_tasks
    ),
    Source("without_k1", Priority.K1_DUE, f"Давно без {K1_LABEL}", _POOLS, without_k1),
    Source(
        "without_k2",
        Priority.K2_DUE,
        f"Ключевые клиенты давно без {K2_LABEL}",
        frozenset({UNIT}),
        without_k2,
    ),
    Source(
        "key_users",
        Priority.KEY_USERS,
        "Ключевые пользователи, не охваченные в этом месяце",
        _POOLS,
        key_users,
    ),
)


def register_sources() -> None:
    """Tell my day; called once, when all apps are ready."""
    for source in SOURCES:
        register(source)
