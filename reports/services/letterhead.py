"""How reports look, and the texts that sections begin with."""

import io
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from core.policy import policy_for
from core.services import create, update
from reports.models import Letterhead, TextBlock
from reports.selectors.reports import letterhead_in_force

LARGEST_LOGO = 512 * 1024
_LARGEST_SIDE = 3000


@transaction.atomic
def save_letterhead(
    *,
    actor: Any,
    values: dict[str, Any],
    logo: bytes | None,
    now: datetime,
    drop_logo: bool = False,
) -> Letterhead:
    """A new letterhead in place of the present one; reports already approved keep theirs.

    Without `logo` the present one stays, unless dropped. Raises ValidationError by field.
    """
    policy_for(Letterhead).check(actor, "add")
    before = letterhead_in_force()
    row = Letterhead(**values, created_at=now)
    if logo is not None:
        row.logo, row.logo_kind = logo, _kind_of(logo)
    elif not drop_logo:
        row.logo, row.logo_kind = before.logo, before.logo_kind
    if contrast_with_white(row.colour) < 4.5:
        raise ValidationError({"colour": "Слишком светлый: на белой бумаге его не прочесть."})
    return create(row, actor=actor)


def contrast_with_white(colour: str) -> float:
    """The contrast ratio of #rrggbb with white (WCAG 2.2); 21 for what is no colour."""
    try:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    except ValueError:
        return 21.0  # the field's own check names it
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def _kind_of(logo: bytes) -> str:
    """PNG or JPEG, judged by what is inside; whatever else is refused at its field."""
    from PIL import Image, UnidentifiedImageError

    if len(logo) > LARGEST_LOGO:
        raise ValidationError({"logo": "Логотип больше 512 КБ."})
    try:
        with Image.open(io.BytesIO(logo), formats=["PNG", "JPEG"]) as picture:
            if max(picture.size) > _LARGEST_SIDE:
                raise ValidationError({"logo": f"Логотип шире или выше {_LARGEST_SIDE} точек."})
            picture.verify()
            return f"image/{str(picture.format).lower()}"
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise ValidationError({"logo": "Нужна картинка PNG или JPEG."}) from None


@transaction.atomic
def save_block(*, actor: Any, block: TextBlock, text: str, version: int | None = None) -> TextBlock:
    """Change the text with which a section of new reports begins."""
    policy_for(TextBlock).check(actor, "change", block)
    return update(block, {"text": text}, actor=actor, version=version)
