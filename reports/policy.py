"""Who may see, write, approve and hand over reports: whoever serves the client."""

from typing import Any

from accounts.policy import (
    EVERYONE,
    LEADING,
    OFFICE,
    SERVING,
    SPECIALIST,
    ClientRowPolicy,
    IndexationOfferPolicy,
    OpenPolicy,
)
from core.policy import Policy
from reports.models import (
    CooperationReport,
    LetterBatch,
    LetterFile,
    Letterhead,
    PriceLetter,
    ReportBatch,
    ReportFile,
    ReportLink,
    TextBlock,
)

REPORTING = LEADING | {SPECIALIST}


class CooperationReportPolicy(ClientRowPolicy):
    """Two people stand behind every report: its author, and a head who approves it."""

    model = CooperationReport
    grants = {
        "view": SERVING,
        "add": REPORTING,
        "change": REPORTING,
        "approve": LEADING,
        "present": REPORTING,
        "share": REPORTING,
    }

    def can_object(self, user: Any, action: str, obj: Any) -> bool:
        if action == "approve" and obj.author_id == user.pk:
            return False
        return super().can_object(user, action, obj)


class ReportFilePolicy(ClientRowPolicy):
    model = ReportFile
    path = "report__client__"
    grants = {"view": SERVING}


class ReportLinkPolicy(ClientRowPolicy):
    model = ReportLink
    path = "report__client__"
    grants = {"view": REPORTING, "add": REPORTING, "revoke": REPORTING}


class ReportBatchPolicy(Policy):
    """An order is seen by whoever gave it; its reports, by whoever serves their clients."""

    model = ReportBatch
    grants = {"view": REPORTING, "add": REPORTING, "change": REPORTING}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(requested_by=user.pk)


class LetterheadPolicy(OpenPolicy):
    model = Letterhead
    grants = {"view": EVERYONE, "add": OFFICE}


class TextBlockPolicy(OpenPolicy):
    model = TextBlock
    grants = {"view": OFFICE, "change": OFFICE}


class PriceLetterPolicy(ClientRowPolicy):
    """A letter is whoever's who may record the offer that it tells of."""

    model = PriceLetter
    path = "offer__client__"
    grants = {
        "view": IndexationOfferPolicy.grants["view"],
        "add": IndexationOfferPolicy.grants["change"],
    }


class LetterFilePolicy(ClientRowPolicy):
    model = LetterFile
    path = "letter__offer__client__"
    grants = {"view": PriceLetterPolicy.grants["view"]}


class LetterBatchPolicy(Policy):
    """An order is seen by whoever gave it; its letters, by whoever serves their clients."""

    model = LetterBatch
    grants = {name: PriceLetterPolicy.grants["add"] for name in ("view", "add", "change")}

    def scope(self, user: Any, queryset: Any) -> Any:
        return queryset.filter(requested_by=user.pk)
