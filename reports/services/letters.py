"""Letters about a new price: written once for the same figures, printed and packed in one run."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.models import IndexationCampaign, IndexationOffer
from core import audit, jobs, pdf
from core.clock import business_date
from core.enums import AuditAction, JobStatus
from core.policy import policy_for
from core.services import create
from reports import letter as paper
from reports.models import LetterBatch, LetterFile, PriceLetter
from reports.selectors.letters import (
    draw,
    letter_of,
    letters_of,
    look_of,
    offers_to_write,
    run_of,
    with_client,
)
from reports.selectors.reports import letterhead_in_force
from reports.services import archive
from reports.snapshot import as_json

LETTERS = "price_letters"
MOST = 2000
NOT_OFFERED = "Письмо пишут о предложении, которое сделано и ждёт ответа."
AT_ONCE = 20  # letters in memory while the zip is written


@transaction.atomic
def write_letter(*, actor: Any, offer: IndexationOffer, now: datetime) -> PriceLetter:
    """The letter of an offer at the stage «offered»: a new one, or the one that says the same.

    Raises ValidationError, Refused.
    """
    policy_for(PriceLetter).check(actor, "add")
    policy_for(IndexationOffer).check(actor, "change", offer)
    written, _ = _write(actor, [offer.pk], now)
    if not written:
        raise ValidationError(NOT_OFFERED)
    return written[0]


@transaction.atomic
def request_letters(
    *, actor: Any, campaign: IndexationCampaign, offers: Any, title: str, now: datetime
) -> LetterBatch:
    """Write a letter of each offer of a queryset that waits for an answer, and have them printed.

    Only offers of the campaign that the actor may see. What is written already with the same
    figures is taken into the order as it is. Raises ValidationError, Refused.
    """
    policy_for(LetterBatch).check(actor, "add")
    policy_for(IndexationOffer).check(actor, "change")
    chosen = offers_to_write(actor).filter(campaign=campaign, pk__in=offers.order_by().values("pk"))
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: MOST + 1])
    if not ids:
        raise ValidationError("Предложений, которые ждут ответа, среди этих строк нет.")
    if len(ids) > MOST:
        raise ValidationError(f"Больше {MOST} писем за раз: сузьте условия.")
    letters, new = _write(actor, ids, now)
    batch = create(
        LetterBatch(
            campaign=campaign, title=title[:300], size=len(letters), written=new,
            requested_by=actor, requested_at=now, on=business_date(now),
        ),
        actor=actor,
    )  # fmt: skip
    batch.letters.set(letters)
    jobs.request(LETTERS, batch.on, key=str(batch.pk), actor=actor)
    return batch


def _write(actor: Any, ids: list[int], now: datetime) -> tuple[list[PriceLetter], int]:
    """Letters of offers, in their order, and how many of them are new.

    The offers are locked: an answer that comes meanwhile waits, and two orders at once write
    each letter once.
    """
    rows = offers_to_write(actor).filter(pk__in=ids).order_by("pk")
    offers = list(rows.select_for_update(of=("self",)).select_related("client"))
    head = letterhead_in_force()
    look, on = look_of(head), business_date(now)
    contents = draw(offers, on)
    digests = {pk: paper.sealed(content, look) for pk, content in contents.items()}
    known = {
        (row.offer_id, row.digest): row
        for row in PriceLetter.objects.filter(offer__in=digests, digest__in=digests.values())
    }
    fresh = [
        PriceLetter(
            offer=offer, snapshot=as_json(contents[offer.pk]), letterhead=head,
            digest=digests[offer.pk], made_on=on, made_by=actor, made_at=now,
        )
        for offer in offers
        if offer.pk in digests and (offer.pk, digests[offer.pk]) not in known
    ]  # fmt: skip
    PriceLetter.objects.bulk_create(fresh)
    audit.record_many(
        actor=actor,
        written=[(AuditAction.CREATE, row, {}, audit.snapshot(row)) for row in fresh],
    )
    known |= {(row.offer_id, row.digest): row for row in fresh}
    found = [known[offer.pk, digests[offer.pk]] for offer in offers if offer.pk in digests]
    return found, len(fresh)


@transaction.atomic
def cancel_letters(*, actor: Any, batch: LetterBatch) -> None:
    """Stop the printing at the next letter; those printed stay. Raises ValidationError, Refused."""
    policy_for(LetterBatch).check(actor, "change", batch)
    run = run_of(batch, LETTERS)
    if run is None or run.status in JobStatus.ended():
        raise ValidationError("Останавливать нечего: печать уже закончилась.")
    jobs.cancel(run, actor=actor)


@transaction.atomic
def retry_letters(*, actor: Any, batch: LetterBatch) -> None:
    """Print again what failed or was stopped, and pack. Raises ValidationError, Refused."""
    policy_for(LetterBatch).check(actor, "change", batch)
    run = run_of(batch, LETTERS)
    if run is not None and run.status not in JobStatus.ended():
        raise ValidationError("Письма ещё печатаются.")
    jobs.request(LETTERS, batch.on, key=str(batch.pk), actor=actor)


def pdf_of_letter(row: PriceLetter) -> bytes:
    """The PDF of a letter: the one printed, or printed now. Raises core.pdf.Unprintable."""
    kept = LetterFile.objects.filter(letter=row, error="").first()
    return bytes(kept.content) if kept and kept.content is not None else _printed(row)


def _printed(row: PriceLetter) -> bytes:
    return paper.as_pdf(letter_of(row), look_of(row.letterhead), row.made_on, row.digest)


def letters_path(batch_id: int) -> Path:
    """Where the zip of a batch lies once it is made."""
    return Path(settings.MEDIA_ROOT) / "reports" / f"letters-{batch_id}.zip"


def print_letters(
    batch_id: int,
    *,
    now: datetime,
    step: Callable[[str, int], None],
    hold: Callable[[], None],
    stop: Callable[[], None],
) -> dict[str, int]:
    """Print what is not printed yet, each letter kept at once, then write the zip; counters.

    A letter that cannot be printed is noted and holds nobody up. Killed or stopped, the run goes
    on where it ended.
    """
    batch = LetterBatch.objects.get(pk=batch_id)
    done = batch.letters.filter(file__error="").values("pk")
    waiting = list(letters_of(batch).exclude(pk__in=done).values_list("pk", flat=True))
    failed = 0
    for number, pk in enumerate(waiting, 1):
        stop()
        step(f"Письмо {number} из {len(waiting)}", number * 90 // (len(waiting) + 1))
        row = PriceLetter.objects.select_related("letterhead").get(pk=pk)
        content, error = None, ""
        try:
            content = _printed(row)
        except pdf.Unprintable as refused:
            error, failed = str(refused)[:300], failed + 1
        with transaction.atomic():
            LetterFile.objects.update_or_create(
                letter=row, defaults={"content": content, "error": error, "drawn_at": now}
            )
            hold()
    packed = _pack(batch, hold, stop, step)
    return {"letters": len(waiting) - failed, "failed": failed, "packed": packed}


def _pack(
    batch: LetterBatch,
    hold: Callable[[], None],
    stop: Callable[[], None],
    step: Callable[[str, int], None],
) -> int:
    """Write the zip with its index, a few letters in memory at a time; how many are in it."""

    def entries() -> Iterator[archive.Entry]:
        rows = with_client(letters_of(batch)).select_related("file")
        for number, row in enumerate(rows.iterator(chunk_size=AT_ONCE), 1):
            if number % AT_ONCE == 1:
                stop()
                step("Архив", 90 + number * 10 // (batch.size + 1))
            said = letter_of(row)
            cells = [
                said.client, row.offer.client.inn, said.contract, said.price_before,
                said.percent, said.price_after, said.effective_on,
            ]  # fmt: skip
            kept = getattr(row, "file", None)
            if kept is None or kept.content is None:
                yield "", b"", cells
            else:
                name = archive.member(number, said.client, said.contract)
                yield name, bytes(kept.content), cells

    head = [
        "Файл", "Клиент", "ИНН", "Договор", "Цена до", "Предложено, %", "Новая цена",
        "С какого дня",
    ]  # fmt: skip
    return archive.write_zip(letters_path(batch.pk), head, entries(), hold)
