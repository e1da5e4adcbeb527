"""What contacts say at a review: the visits of the period, overdue tasks, whom nobody reached."""

from datetime import timedelta
from typing import Any

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum
from django.urls import reverse

from accounts.models import Client
from contacts import reach
from contacts.enums import ParticipantRole
from contacts.models import Participant, RolePeriod
from contacts.preferences import COVERAGE_KEY_USER, COVERAGE_MAIN_KEY_USER
from core import preferences
from core.russian import day, number, share
from visits.enums import K1_LABEL, K2_LABEL, AgreementStatus, VisitLevel, VisitStatus
from visits.models import Agreement, ControlPoint, Visit
from visits.review_sections import SHOWN, Fact, Pool, Row, Section
from visits.selectors.figures.sources import PREPARED

K2_AHEAD_DAYS = 30
_KEY_ROLES = (ParticipantRole.MAIN_KEY_USER, ParticipantRole.KEY_USER)


def contacts_section(pool: Pool) -> Section:
    """Contacts of the period against the plan, preparation, folders and bookmarks."""
    held = Q(status=VisitStatus.DONE, held_on__gte=pool.since, held_on__lt=pool.until)
    meant = Q(planned_for__gte=pool.since, planned_for__lt=pool.until)
    meant &= ~Q(status=VisitStatus.CANCELLED)
    late = Q(status=VisitStatus.PLANNED, planned_for__lt=pool.on)
    rows = Visit.objects.filter(pool.condition("client__")).filter(held | meant | late)
    found: dict[str, Any] = rows.order_by().aggregate(
        prepared=Count("pk", filter=held & PREPARED),
        done=Count("pk", filter=held),
        folders=Sum("materials", filter=held, default=0),
        covered=Count("client", distinct=True, filter=held & Q(materials__gt=0)),
        late=Count("pk", filter=late),
        **{
            f"{name}_{level}": Count("pk", filter=condition & Q(level=level))
            for name, condition in (("done", held), ("meant", meant))
            for level in VisitLevel.values
        },
    )
    clients = pool_clients(pool).count()
    facts = [
        Fact(
            label,
            number(found[f"done_{level}"]),
            f"запланировано {number(found[f'meant_{level}'])}",
            _visits_url(pool, level=level, status=VisitStatus.DONE),
            found[f"done_{level}"] < found[f"meant_{level}"],
        )
        for level, label in ((VisitLevel.K1, K1_LABEL), (VisitLevel.K2, K2_LABEL))
    ]
    facts += [
        Fact(
            "Подготовлено",
            share(found["prepared"], found["done"], 0),
            f"{number(found['prepared'])} из {number(found['done'])}",
            is_bad=found["prepared"] < found["done"],
        ),
        Fact(
            "Папок и закладок",
            number(found["folders"]),
            f"у {number(found['covered'])} из {number(clients)} клиентов",
            is_bad=bool(found["done"]) and not found["folders"],
        ),
        Fact(
            "Просроченных планов",
            number(found["late"]),
            url=_late_url(pool),
            is_bad=bool(found["late"]),
        ),
    ]
    return Section("Контакты за период", tuple(facts))


def k2_section(pool: Pool) -> Section:
    """К2У of the period, and those planned for the month ahead."""
    rows = Visit.objects.filter(pool.condition("client__"), level=VisitLevel.K2)
    held = Q(status=VisitStatus.DONE, held_on__gte=pool.since, held_on__lt=pool.until)
    last = pool.on + timedelta(days=K2_AHEAD_DAYS)
    meant = Q(status=VisitStatus.PLANNED, planned_for__lte=last)
    found = rows.filter(held | meant).select_related("client", "employee")
    found = found.order_by(F("held_on").asc(nulls_last=True), "planned_for", "pk")
    return _listed(
        f"{K2_LABEL}: прошедшие и запланированные",
        found,
        lambda row: Row(
            row.client.name,
            reverse("visit", args=[row.pk]),
            f"{_visit_word(row, pool)}, {row.employee.short_name}"
            + (f": {row.goal[:120]}" if row.goal else ""),
        ),
        empty=f"Ни прошедших, ни запланированных {K2_LABEL} на месяц вперёд нет.",
    )


def tasks_section(pool: Pool) -> Section:
    """Tasks of the pool that are overdue on the day."""
    late = Agreement.objects.filter(status=AgreementStatus.OPEN, due_on__lt=pool.on)
    own = late.filter(client=None)
    if pool.specialist_id is not None:
        own = own.filter(responsible=pool.specialist_id)
    else:
        own = own.filter(control_point__unit__path__startswith=pool.unit_path)
    about = late.filter(pool.condition("client__"), client__isnull=False)
    # Two halves, each by its index.
    both: Any = about.order_by().values("pk").union(own.order_by().values("pk"), all=True)
    rows = Agreement.objects.filter(pk__in=both)
    found = rows.select_related("client__specialist", "responsible").order_by("due_on", "pk")
    return _listed(
        "Просроченные задачи",
        found,
        lambda row: Row(
            row.what[:160],
            reverse("task", args=[row.pk]),
            f"срок {day(row.due_on)}" + (f", {row.client.name}" if row.client else ""),
        ),
        empty="Просроченных задач нет.",
        more_url=f"{reverse('tasks')}?state=overdue&{_employee_query(pool)}",
    )


def key_users_section(pool: Pool) -> Section:
    """Key users of the pool whom no useful contact of the month reached, by name."""
    month, after = reach.month_of(pool.on)
    reached = Exists(
        reach.reached_in(month, min(after, pool.on + timedelta(days=1))).filter(
            participant_id=OuterRef("participant_id")
        )
    )
    roles = RolePeriod.objects.current_on(pool.on).filter(role__in=_KEY_ROLES)
    roles = roles.filter(
        pool.condition("participant__client__"),
        participant__client__disconnected_on=None,
        participant__in=Participant.objects.current_on(pool.on),
    )
    roles = roles.annotate(is_reached=reached)
    counts = {
        row["role"]: row
        for row in roles.order_by()
        .values("role")
        .annotate(
            everybody=Count("participant", distinct=True),
            reached=Count("participant", distinct=True, filter=Q(is_reached=True)),
        )
    }
    norms = preferences.read()
    facts = []
    for role, norm in zip(_KEY_ROLES, (COVERAGE_MAIN_KEY_USER, COVERAGE_KEY_USER), strict=True):
        seen = counts.get(role, {"everybody": 0, "reached": 0})
        facts.append(
            Fact(
                f"Охват {role.label}",
                share(seen["reached"], seen["everybody"], 0),
                f"{number(seen['reached'])} из {number(seen['everybody'])}, норма {norms[norm]} %",
                is_bad=seen["reached"] * 100 < seen["everybody"] * norms[norm],
            )
        )
    missed = roles.filter(is_reached=False).select_related("participant__person")
    missed = missed.select_related("participant__client", "participant__person")
    return _listed(
        "Ключевые пользователи, охват месяца",
        missed.order_by("-role", "participant__client__sort_key", "pk"),
        lambda row: Row(
            str(row.participant),
            reverse("participant", args=[row.participant_id]),
            f"{row.get_role_display()}, {row.participant.client.name}",
        ),
        facts=tuple(facts),
        rows_label="Пока не охвачены",
        empty="Все охвачены." if counts else "Ключевые пользователи в схемах не отмечены.",
    )


def decisions_section(review: ControlPoint | None) -> Section | None:
    """What the last review decided, and what came of it."""
    if review is None:
        return None
    rows = review.decisions.select_related("client").order_by("due_on", "pk")
    return _listed(
        f"Решения прошлой ({review})",
        rows,
        lambda row: Row(
            row.what[:160],
            reverse("task", args=[row.pk]),
            f"{row.get_status_display().lower()}, срок {day(row.due_on)}"
            + (f", {row.client.name}" if row.client else ""),
        ),
        empty="Решений записано не было.",
    )


def pool_clients(pool: Pool) -> QuerySet[Client]:
    """The clients of the pool that are served now."""
    return Client.objects.filter(pool.condition(), disconnected_on=None)


def _listed(
    label: str,
    rows: QuerySet,
    say: Any,
    *,
    facts: tuple[Fact, ...] = (),
    rows_label: str = "",
    empty: str = "",
    more_url: str = "",
) -> Section:
    """A section of the first rows; counted only where there are more than are shown."""
    found = list(rows[: SHOWN + 1])
    count = len(found) if len(found) <= SHOWN else rows.count()
    shown = tuple(say(row) for row in found[:SHOWN])
    return Section(label, facts, shown, rows_label, count, more_url if count else "", empty)


def _visit_word(row: Visit, pool: Pool) -> str:
    if row.held_on:
        return f"состоялся {day(row.held_on)}"
    late = row.planned_for is not None and row.planned_for < pool.on
    return f"{'просрочен, план' if late else 'запланирован на'} {day(row.planned_for)}"


def _employee_query(pool: Pool) -> str:
    if pool.specialist_id is not None:
        return f"employee={pool.specialist_id}"
    return f"unit={pool.unit_id}"


def _visits_url(pool: Pool, *, level: str, status: str) -> str:
    last = pool.until - timedelta(days=1)
    return (
        f"{reverse('visits')}?level={level}&status={status}&period_after={pool.since}"
        f"&period_before={last}&{_employee_query(pool)}"
    )


def _late_url(pool: Pool) -> str:
    last = pool.on - timedelta(days=1)
    return f"{reverse('visits')}?status=planned&period_before={last}&{_employee_query(pool)}"
