"""What the preparation page says of a client: each function fills one section."""

from datetime import date, timedelta
from typing import Any

from django.db.models import F

from accounts.enums import Segment
from accounts.models import Client
from accounts.selectors.facts import monthly_use
from contacts.gaps import KEY_USERS
from contacts.selectors import role_codes, role_names, scheme
from core import preferences
from visits.enums import AgreementStatus, VisitLevel, VisitStatus
from visits.preferences import HINT_NETWORK, HINT_RETAIL
from visits.selectors.agreements import with_names
from visits.selectors.hooks import hooks_for
from visits.selectors.outcome import open_risks
from visits.selectors.visits import with_people

LAST_CONTACTS = 3
_HINTS = {Segment.RETAIL: HINT_RETAIL, Segment.NETWORK: HINT_NETWORK}
_SERVICES = ("cok", "co")


def scheme_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """Who decides and who uses, what is missing, whom nobody reached this month."""
    found = scheme(client, on)
    return {
        "gaps": found.gaps,
        "rows": [
            {
                "row": row,
                "roles": role_names(row),
                "is_key_user": bool(KEY_USERS & set(role_codes(row))),
                "is_reached": row.pk in found.reached,
            }
            for row in found.participants
        ],
    }


def participant_notes(section: dict[str, Any]) -> dict[int, str]:
    """What is worth knowing beside the tick of a participant: roles, not reached this month."""
    notes = {}
    for one in section["rows"]:
        waits = "в этом месяце ещё не охвачен" if one["is_key_user"] else ""
        said = [one["roles"], "" if one["is_reached"] else waits]
        notes[one["row"].pk] = ", ".join(filter(None, said))
    return notes


def contacts_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """The last К2У with its results, agreements still open, the last contacts."""
    held = with_people(client.visits.filter(status=VisitStatus.DONE)).order_by(
        F("held_on").desc(nulls_last=True), "-pk"
    )
    waiting = with_names(client.agreements.filter(status=AgreementStatus.OPEN))
    return {
        "k2": held.filter(level=VisitLevel.K2).first(),
        "agreements": list(waiting.order_by("due_on", "pk")[:10]),
        "last": list(held.filter(level=VisitLevel.K1)[:LAST_CONTACTS]),
        "today": on,
    }


def risks_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """What may lose the client."""
    return {"risks": open_risks(user, client)}


def portrait_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """The client's business, competitor, and how contacts of its segment go."""
    hint = _HINTS.get(Segment(client.segment))
    return {"hint": preferences.read()[hint] if hint else ""}


def hooks_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """News that suits the portrait."""
    return {"hooks": hooks_for(client, on)}


def usage_section(client: Client, user: Any, on: date) -> dict[str, Any]:
    """ЦОК and ЦО over twelve months, and until when the client may use them."""
    months, services = monthly_use(client, on, _SERVICES)
    return {"months": months, "services": services, "on": on, "soon": on + timedelta(days=30)}
