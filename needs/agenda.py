"""What needs add to the plan of a contact: needs to touch, advantages of К+ to show."""

from collections.abc import Collection, Sequence
from typing import Any

from django.urls import reverse

from accounts.models import Client
from core.services import create, update
from needs.enums import NeedStatus
from needs.models import ProductAdvantage, VisitAgenda
from visits.agenda import Choice, Part, register
from visits.models import Visit


def _offered_needs(client: Client, user: Any) -> list[Choice]:
    """The client's needs in work, the key one and the weightiest first."""
    rows = client.needs.filter(status=NeedStatus.OPEN).select_related("stage")
    return [_need(row) for row in rows.order_by("-is_key", "priority", "-pk")]


def _need(row: Any) -> Choice:
    stage = row.stage or "ещё не выявлена"
    key = ", ключевая" if row.is_key else ""
    return Choice(row.pk, f"{row.title} ({stage}{key})", reverse("need", args=[row.pk]))


def _offered_advantages(client: Client, user: Any) -> list[Choice]:
    return [Choice(row.pk, str(row)) for row in ProductAdvantage.objects.filter(is_active=True)]


def _chosen_needs(visit_ids: Collection[int]) -> dict[int, list[Choice]]:
    rows = VisitAgenda.needs.through._default_manager.filter(visitagenda__visit__in=visit_ids)
    found: dict[int, list[Choice]] = {}
    for row in rows.select_related("visitagenda", "need__stage").order_by("need_id"):
        found.setdefault(row.visitagenda.visit_id, []).append(_need(row.need))
    return found


def _chosen_advantages(visit_ids: Collection[int]) -> dict[int, list[Choice]]:
    rows = VisitAgenda.advantages.through._default_manager.filter(visitagenda__visit__in=visit_ids)
    found: dict[int, list[Choice]] = {}
    for row in rows.select_related("visitagenda", "productadvantage").order_by(
        "productadvantage__name"
    ):
        choice = Choice(row.productadvantage_id, str(row.productadvantage))
        found.setdefault(row.visitagenda.visit_id, []).append(choice)
    return found


def _save(name: str, visit: Visit, ids: Sequence[int], actor: Any) -> None:
    """Both parts share a row, which comes with the first thing that is taken along."""
    row = VisitAgenda.objects.filter(visit=visit).first()
    if row is not None:
        update(row, {name: ids}, actor=actor)
    elif ids:
        create(VisitAgenda(visit=visit), actor=actor, many={name: ids})


def _save_needs(visit: Visit, ids: Sequence[int], actor: Any) -> None:
    _save("needs", visit, ids, actor)


def _save_advantages(visit: Visit, ids: Sequence[int], actor: Any) -> None:
    _save("advantages", visit, ids, actor)


def register_parts() -> None:
    """Tell the plan of a contact; called once, when all apps are ready."""
    register(
        Part(
            "needs",
            "Потребности, которых коснуться",
            _offered_needs,
            _chosen_needs,
            _save_needs,
            order=10,
        )
    )
    register(
        Part(
            "advantages",
            "Превосходные отличия К+, которые показать",
            _offered_advantages,
            _chosen_advantages,
            _save_advantages,
            order=20,
        )
    )
