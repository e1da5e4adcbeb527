"""Reads of letters: what one would say of an offer, batches and how far they are."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q

from accounts import indexation
from accounts.enums import OfferStage, Segment
from accounts.models import Employee, IndexationCampaign, IndexationOffer, Unit
from contacts.models import Participant
from core.enums import JobStatus
from core.models import JobRun
from core.policy import policy_for
from needs.enums import NeedStatus
from needs.funnel import CONFIRMED
from needs.models import NeedStep
from reports.enums import LETTER
from reports.letter import Letter, Told, summed
from reports.models import LetterBatch, Letterhead, PriceLetter, TextBlock
from reports.printing import Look
from reports.selectors.batches import Progress
from reports.snapshot import from_json

YEAR = timedelta(days=365)


def offers_to_write(user: Any) -> Any:
    """Offers that a letter may tell of: made to the client, not answered yet, in the scope."""
    rows = policy_for(IndexationOffer).visible_to(user)
    return rows.filter(stage=OfferStage.OFFERED, campaign__status="running")


def counted_offers(user: Any, campaign: IndexationCampaign) -> dict[str, int]:
    """How many `offers` of a campaign wait for an answer, and how many have a letter `written`."""
    written = Exists(PriceLetter.objects.filter(offer=OuterRef("pk")))
    waiting = offers_to_write(user).filter(campaign=campaign).order_by()
    return waiting.aggregate(offers=Count("pk"), written=Count("pk", filter=written))


def offers_for_letters(
    user: Any,
    segment: str = "",
    unit: Unit | None = None,
    specialist: Employee | None = None,
) -> Any:
    """Those of them of a segment, of a unit with all below it, of a specialist."""
    rows = offers_to_write(user)
    if segment:
        rows = rows.filter(segment=segment)
    if unit:
        rows = rows.filter(client__unit__path__startswith=unit.path)
    if specialist:
        rows = rows.filter(client__specialist=specialist)
    return rows


def title_of(
    segment: str = "", unit: Unit | None = None, specialist: Employee | None = None
) -> str:
    """What such an order is called."""
    words = [
        str(Segment(segment).label) if segment else "",
        str(unit or ""),
        specialist.short_name if specialist else "",
    ]
    return ", ".join(filter(None, words)) or "Все мои клиенты"


def draw(offers: Iterable[IndexationOffer], on: date) -> dict[int, Letter]:
    """What a letter of a day would say of each offer at the stage «offered», by its id.

    Four queries however many there are. Effects count from a year before the campaign began.
    """
    rows = list(
        IndexationOffer.objects.filter(pk__in=[offer.pk for offer in offers]).select_related(
            "campaign", "client__specialist", "contract"
        )
    )
    texts = dict(TextBlock.objects.filter(section=LETTER).values_list("segment", "text"))
    since = {row.campaign_id: row.campaign.starts_on - YEAR for row in rows}
    effects = _effects({row.client_id for row in rows}, min(since.values(), default=on), on)
    found = {}
    for row in rows:
        if row.offered_percent is None:
            continue
        first = since[row.campaign_id]
        mine = [told for told in effects[row.client_id] if told.confirmed_on >= first]
        tasks, hours, roubles, told = summed(mine)
        found[row.pk] = Letter(
            client=row.client.name,
            contract=row.contract.number,
            kit=row.contract.kit,
            price_before=row.price_before,
            percent=row.offered_percent,
            price_after=indexation.raised(row.price_before, row.offered_percent),
            effective_on=indexation.takes_effect(on, row.campaign.effective_on),
            text=texts.get(row.segment, ""),
            specialist=str(row.client.specialist) if row.client.specialist else "",
            since=first,
            tasks=tasks,
            hours=hours,
            roubles=roubles,
            told=told,
        )
    return found


def _effects(clients: set[int], since: date, until: date) -> dict[int, list[Told]]:
    """Confirmed effects by client; a need that was dropped since is none."""
    steps = (
        NeedStep.objects.filter(
            need__client__in=clients, stage__code=CONFIRMED, on__range=(since, until)
        )
        .exclude(need__status=NeedStatus.DROPPED)
        .select_related("need", "participant__person")
        .order_by("pk")
    )
    found: dict[int, list[Told]] = defaultdict(list)
    for step in steps:
        need = step.need
        found[need.client_id].append(
            Told(
                title=need.title,
                words=need.effect,
                hours=need.effect_hours,
                roubles=need.effect_roubles,
                confirmed_on=step.on,
                confirmed_by=_named(step.participant),
            )
        )
    return found


def _named(participant: Participant | None) -> str:
    if participant is None:
        return ""
    return ", ".join(filter(None, [str(participant.person), participant.job_title]))


def look_of(head: Letterhead) -> Look:
    """A letterhead as values."""
    return Look(head.name, head.requisites, head.colour, bytes(head.logo or b""))


def letter_of(row: PriceLetter) -> Letter:
    """What a letter says: from its own figures, never from the tables."""
    return from_json(Letter, row.snapshot)


def with_client(queryset: Any) -> Any:
    """Letters with what a row of a list shows; figures of the snapshot come with them."""
    return queryset.select_related(
        "offer__client__specialist", "offer__campaign", "offer__contract", "made_by"
    )


def letters_of_offer(offer: IndexationOffer) -> list[PriceLetter]:
    """The letters written of an offer, the newest first."""
    return list(offer.letters.select_related("made_by").order_by("-pk"))


def letters_of(batch: LetterBatch) -> Any:
    """The letters of a batch, in the order of their clients."""
    return batch.letters.order_by("offer__client__sort_key", "pk")


def progress_of(batch: LetterBatch, run: JobRun | None) -> Progress:
    """How far the printing is; one query. Where its run has ended, what is left was stopped."""
    found = batch.letters.order_by().aggregate(
        printed=Count("pk", filter=Q(file__error="")),
        failed=Count("pk", filter=Q(file__isnull=False) & ~Q(file__error="")),
    )
    rest = batch.size - found["printed"] - found["failed"]
    stopped = rest if run is None or run.status in JobStatus.ended() else 0
    return Progress(batch.size, found["printed"], found["failed"], stopped)


def run_of(batch: LetterBatch, kind: str) -> JobRun | None:
    """The run that prints it."""
    return JobRun.objects.filter(kind=kind, key=str(batch.pk)).first()
