"""Indexation campaigns: prepared, started, closed. A start freezes prices and plans."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction

from accounts.enums import CampaignStatus
from accounts.models import IndexationCampaign, SegmentPlan
from accounts.selectors.contracts import PRICED
from core import audit
from core.enums import AuditAction
from core.policy import policy_for
from core.services import create, update

# Contracts whose price is fixed on the campaign's day are left out of it.
_OFFERS = f"""
    INSERT INTO accounts_indexationoffer
        (version, campaign_id, client_id, contract_id, segment, price_before, planned_percent,
         floor, ceiling, stage, is_exception, exception_reason, refusal_reason)
    SELECT 1, %s, priced.client_id, priced.contract_id, c.segment, priced.monthly, p.percent,
           p.floor, p.ceiling, 'planned', false, '', ''
    FROM ({PRICED}) priced
    JOIN accounts_contract k ON k.id = priced.contract_id
    JOIN accounts_client c ON c.id = priced.client_id
    JOIN accounts_segmentplan p ON p.campaign_id = %s AND p.segment = c.segment
    WHERE priced.monthly > 0 AND c.disconnected_on IS NULL
      AND (k.ends_on IS NULL OR k.ends_on > %s)
      AND NOT (k.fixed_until IS NOT NULL AND k.fixed_from < %s AND k.fixed_until >= %s)
    ORDER BY priced.client_id, priced.contract_id
    ON CONFLICT DO NOTHING
"""  # noqa: S608 (our own words)


@transaction.atomic
def save_campaign(
    *,
    actor: Any,
    values: dict[str, Any],
    campaign: IndexationCampaign | None = None,
    version: int | None = None,
) -> IndexationCampaign:
    """Prepare a campaign, or change one that has not started. Raises ValidationError, Refused."""
    policy_for(IndexationCampaign).check(actor, "change" if campaign else "add", campaign)
    if campaign is None:
        return create(IndexationCampaign(**values), actor=actor)
    _draft(_lock(campaign))
    return update(campaign, values, actor=actor, version=version)


@transaction.atomic
def save_plan(
    *,
    actor: Any,
    values: dict[str, Any],
    plan: SegmentPlan | None = None,
    version: int | None = None,
) -> SegmentPlan:
    """Set what is planned for a segment, or change it, while the campaign has not started."""
    policy_for(SegmentPlan).check(actor, "change" if plan else "add", plan)
    _draft(_lock(plan.campaign if plan else values["campaign"]))
    if plan is None:
        return create(SegmentPlan(**values), actor=actor)
    if "campaign" in values and values["campaign"].pk != plan.campaign_id:
        raise ValidationError({"campaign": "Кампания плана не меняется."})
    return update(plan, values, actor=actor, version=version)


@transaction.atomic
def start_campaign(
    *, actor: Any, campaign: IndexationCampaign, version: int | None = None
) -> IndexationCampaign:
    """Begin the negotiations: every contract in force gets a row with its price of the first day.

    Contracts without a price and those whose price is fixed are left out. One statement whatever
    the number of contracts. Raises ValidationError where nothing is planned.
    """
    policy_for(IndexationCampaign).check(actor, "change", campaign)
    fresh = _draft(_lock(campaign))
    if not fresh.plans.exists():
        raise ValidationError("Сначала задайте план хотя бы одного сегмента.")
    started = update(fresh, {"status": CampaignStatus.RUNNING}, actor=actor, version=version)
    first, effective = fresh.starts_on, fresh.effective_on
    with connection.cursor() as cursor:
        cursor.execute(
            _OFFERS, [fresh.pk, first, first, first, fresh.pk, effective, effective, effective]
        )
        offers = cursor.rowcount
    if not offers:
        raise ValidationError("Нет договоров с ценой: начинать не с чем.")
    audit.record(actor=actor, action=AuditAction.EVENT, subject=started, after={"offers": offers})
    return started


@transaction.atomic
def close_campaign(
    *, actor: Any, campaign: IndexationCampaign, version: int | None = None
) -> IndexationCampaign:
    """End the negotiations: offers then stay as they are. Raises ValidationError, Refused."""
    policy_for(IndexationCampaign).check(actor, "change", campaign)
    fresh = _lock(campaign)
    if fresh.status != CampaignStatus.RUNNING:
        raise ValidationError("Завершить можно только кампанию, которая идёт.")
    return update(fresh, {"status": CampaignStatus.CLOSED}, actor=actor, version=version)


def _lock(campaign: IndexationCampaign) -> IndexationCampaign:
    return IndexationCampaign.objects.select_for_update(of=("self",)).get(pk=campaign.pk)


def _draft(campaign: IndexationCampaign) -> IndexationCampaign:
    if campaign.status != CampaignStatus.DRAFT:
        raise ValidationError("Кампания уже началась: её планы не меняются.")
    return campaign
