"""A snapshot drawn from the tables: what the nine sections say of a client and a period.

Only what the client may read is asked for at all: nothing here touches lamps, risks, attitudes,
competitors, specifics, notes, feedback or bonuses. The number of queries does not grow with rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Count, Q, Sum
from django.db.models.functions import TruncMonth

from accounts.models import Client, Entitlement, Invoice, Service, Training, Usage
from contacts.models import Participant
from core import preferences
from needs.enums import NeedStatus
from needs.funnel import CONFIRMED, EFFECT, IMPLEMENTED
from needs.models import Need, NeedStep
from reports.preferences import EXPIRING_DAYS
from reports.selectors.prices import contracts_within, deals_of, next_prices_of
from reports.snapshot import (
    Billed,
    Case,
    Entitled,
    Group,
    Included,
    Lesson,
    Needs,
    News,
    NextYear,
    Right,
    ServiceUse,
    Snapshot,
    Span,
    spans_of,
)
from reports.snapshot import (
    Usage as UsageSection,
)
from visits.enums import VisitStatus
from visits.selectors.hooks import hooks_for

KPLUS, COK, CO, CABINET = "kplus", "cok", "co", "pe"
_NEWS, _FAR = 8, 200
_NO_DEPARTMENT = "Отдел не указан"


def draw(client: Client, since: date, until: date, on: date) -> Snapshot:
    """Everything that a report of a period (both days inclusive) says, as of a business date."""
    months = months_between(since, until)
    services = list(Service.objects.all())
    used = _usage(client, since, until, months, services)
    rights = _rights(client, since, until)
    contracts = contracts_within(client, since, until, on)
    billed = Billed(_spans(client, months), deals_of(contracts, since, until))
    warn_until = until + timedelta(days=preferences.read()[EXPIRING_DAYS])

    def entitled(code: str) -> Entitled:
        mine = rights[code]
        return Entitled(
            used[code],
            tuple(_allowed(mine, min(_last_day(month), until)) for month in months),
            tuple(mine),
            tuple(right for right in mine if until <= right.valid_until <= warn_until),
        )

    return Snapshot(
        client=client.name,
        inn=client.inn,
        segment=client.segment,
        connected_on=client.connected_on,
        since=since,
        until=until,
        drawn_on=on,
        specialist=str(client.specialist) if client.specialist else "",
        months=tuple(months),
        usage=UsageSection(
            used[KPLUS],
            _before(client, since, len(months)),
            _groups(client, since, until),
            _lessons(client, since, until),
        ),
        needs=Needs(_cases(client, since, until)),
        services=tuple(used[s.code] for s in services if s.code != KPLUS and used[s.code].total),
        prices=billed,
        news=tuple(
            News(hook.title, hook.text, hook.published_on)
            for hook in hooks_for(client, until, _FAR)
            if hook.published_on >= since
        )[:_NEWS],
        cok=entitled(COK),
        co=entitled(CO),
        cabinet=used[CABINET],
        next_year=NextYear(
            billed.spans[-1].amount if billed.spans else None,
            tuple(
                Included(service.label, right.valid_until, right.quota)
                for service in services
                for right in rights[service.code]
                if right.starts_on <= until <= right.valid_until
            ),
            next_prices_of(contracts, until),
        ),
    )


def months_between(since: date, until: date) -> list[date]:
    """The first days of the months that a period touches."""
    first, last = since.year * 12 + since.month - 1, until.year * 12 + until.month - 1
    return [date(index // 12, index % 12 + 1, 1) for index in range(first, last + 1)]


def _last_day(month: date) -> date:
    return (month + timedelta(days=31)).replace(day=1) - timedelta(days=1)


def _usage(
    client: Client, since: date, until: date, months: Sequence[date], services: Iterable[Service]
) -> dict[str, ServiceUse]:
    rows = (
        Usage.objects.filter(client=client, day__range=(since, until))
        .order_by()
        .values("service__code", month=TruncMonth("day"))
        .annotate(quantity=Sum("quantity"))
    )
    found = {(row["service__code"], row["month"]): row["quantity"] for row in rows}
    labels = {service.code: service.label for service in services}
    return {
        code: ServiceUse(
            labels.get(code, code), tuple(found.get((code, month), 0) for month in months)
        )
        for code in {*labels, KPLUS, COK, CO, CABINET}
    }


def _before(client: Client, since: date, months: int) -> int | None:
    """К+ in as many months before; None where the client's facts do not reach back that far."""
    index = since.year * 12 + since.month - 1 - months
    begin = date(index // 12, index % 12 + 1, 1)
    rows = Usage.objects.filter(client=client, service__code=KPLUS)
    if client.connected_on > begin or not rows.filter(day__lte=begin + timedelta(days=30)).exists():
        return None
    return rows.filter(day__gte=begin, day__lt=since).aggregate(n=Sum("quantity"))["n"] or 0


def _groups(client: Client, since: date, until: date) -> tuple[Group, ...]:
    """People of the scheme within the period and contacts with them, by department."""
    held = Q(visits__status=VisitStatus.DONE, visits__held_on__range=(since, until))
    rows = (
        Participant.objects.filter(client=client, merged_into=None, starts_on__lte=until)
        .filter(Q(ends_on=None) | Q(ends_on__gt=since))
        .order_by()
        .values("department__name")
        .annotate(
            people=Count("pk", distinct=True), contacts=Count("visits", filter=held, distinct=True)
        )
    )
    found = [
        Group(row["department__name"] or _NO_DEPARTMENT, row["people"], row["contacts"])
        for row in rows
    ]
    return tuple(sorted(found, key=lambda group: (-group.people, group.department)))


def _lessons(client: Client, since: date, until: date) -> tuple[Lesson, ...]:
    rows = Training.objects.filter(client=client, held_on__range=(since, until))
    return tuple(
        Lesson(row.topic, row.held_on, row.people) for row in rows.order_by("held_on", "pk")
    )


def _cases(client: Client, since: date, until: date) -> tuple[Case, ...]:
    """Needs implemented, with an effect or confirmed within the period; confirmed first."""
    within = NeedStep.objects.filter(
        need__client=client, on__range=(since, until), stage__code__gte=IMPLEMENTED
    )
    needs = list(
        Need.objects.filter(pk__in=within.order_by().values("need"))
        .exclude(status=NeedStatus.DROPPED)
        .select_related("participant__person", "department")
        .prefetch_related("tools")
        .order_by("pk")
    )
    steps: dict[int, dict[str, NeedStep]] = defaultdict(dict)
    for step in NeedStep.objects.filter(need__in=needs, on__lte=until).select_related(
        "stage", "participant__person"
    ):
        steps[step.need_id][step.stage.code] = step
    cases = [_case(need, steps[need.pk]) for need in needs]
    return tuple(
        sorted(
            cases,
            key=lambda case: (
                not case.is_confirmed,
                -(case.roubles or Decimal()),
                -(case.hours or Decimal()),
                case.need_id,
            ),
        )
    )


def _case(need: Need, steps: dict[str, NeedStep]) -> Case:
    confirmed = steps.get(CONFIRMED)
    has_effect = EFFECT in steps
    who = confirmed.participant if confirmed else None
    return Case(
        need_id=need.pk,
        title=need.title,
        wanted=need.key_need,
        solution=need.solution,
        tools=tuple(sorted(str(tool) for tool in need.tools.all())),
        asset=need.client_asset,
        effect=need.effect if has_effect else "",
        hours=need.effect_hours if has_effect else None,
        roubles=need.effect_roubles if has_effect else None,
        who=_named(need.participant),
        department=need.department.name if need.department else "",
        confirmed_on=confirmed.on if confirmed else None,
        confirmed_by=_named(who),
    )


def _named(participant: Participant | None) -> str:
    if participant is None:
        return ""
    return ", ".join(filter(None, [str(participant.person), participant.job_title]))


def _spans(client: Client, months: Sequence[date]) -> tuple[Span, ...]:
    rows = (
        Invoice.objects.filter(client=client, month__in=months)
        .values("month")
        .annotate(amount=Sum("amount"))
        .order_by("month")
    )
    return spans_of((row["month"], row["amount"]) for row in rows)


def _rights(client: Client, since: date, until: date) -> dict[str, list[Right]]:
    found: dict[str, list[Right]] = defaultdict(list)
    rows = Entitlement.objects.filter(
        client=client, starts_on__lte=until, valid_until__gte=since
    ).select_related("service")
    for row in rows.order_by("starts_on", "pk"):
        found[row.service.code].append(Right(row.starts_on, row.valid_until, row.quota))
    return found


def _allowed(rights: Iterable[Right], on: date) -> int | None:
    """How many a month the rights in force on a day allow: 0 without a right, None unlimited."""
    quotas = [right.quota for right in rights if right.starts_on <= on <= right.valid_until]
    known = [quota for quota in quotas if quota is not None]
    return sum(known) if len(known) == len(quotas) else None
