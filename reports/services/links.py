"""Links by which a participant fetches a report once: made, mailed, revoked, used."""

import secrets
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db import transaction

from accounts.tokens import digest
from contacts.models import Participant
from core import preferences
from core.clock import business_date
from core.errors import Conflict
from core.policy import policy_for
from core.services import create, update
from reports.enums import LinkState
from reports.models import CooperationReport, ReportLink
from reports.preferences import LINK_DAYS
from reports.selectors.links import by_secret, link_state

_BYTES = 32
_LETTER = (
    "Здравствуйте!\n\nОтчёт о нашем сотрудничестве готов. Скачать его можно один раз:\n{address}\n"
    "\nСсылка действует до {until:%d.%m.%Y}.\n{centre}\n"
)


class LinkClosed(Exception):
    """A link that opens nothing; `state` says why."""

    def __init__(self, state: LinkState) -> None:
        super().__init__(state.label)
        self.state = state


@transaction.atomic
def make_link(
    *, actor: Any, report: CooperationReport, participant: Participant, now: datetime
) -> tuple[ReportLink, str]:
    """A link to an approved report; its secret is returned here and never again.

    Raises ValidationError by field, Refused.
    """
    row = CooperationReport.objects.select_for_update(of=("self",)).get(pk=report.pk)
    policy_for(CooperationReport).check(actor, "share", row)
    if not row.is_closed:
        raise ValidationError("Отправляют утверждённый отчёт.")
    if participant.client_id != row.client_id:
        raise ValidationError({"participant": "Это участник другого клиента."})
    if not participant.stands_on(business_date(now)):
        raise ValidationError({"participant": "Его больше нет в СПР."})
    secret = secrets.token_urlsafe(_BYTES)
    link = ReportLink(
        report=row,
        participant=participant,
        digest=digest(secret, settings.TOKEN_PEPPER),
        created_by=actor,
        created_at=now,
        expires_at=now + timedelta(days=preferences.read()[LINK_DAYS]),
    )
    return create(link, actor=actor), secret


def mail_link(*, actor: Any, link: ReportLink, address: str, now: datetime) -> ReportLink:
    """Send the address to the participant; a letter that does not go out revokes its link.

    Raises ValidationError where mail is not set up, there is no address, or the server refuses.
    """
    to = link.participant.person.email
    if not settings.MAIL_IS_ON:
        raise ValidationError("Почта не настроена: отправьте ссылку сами.")
    if not to:
        raise ValidationError("У участника не указан e-mail.")
    head = link.report.letterhead
    letter = EmailMessage(
        "Отчёт о сотрудничестве",
        _LETTER.format(
            address=address, until=business_date(link.expires_at), centre=head.name if head else ""
        ),
        to=[to],
    )
    try:
        letter.send()
    except OSError as error:  # what smtplib raises, timeouts included
        revoke_link(actor=actor, link=link, now=now)
        raise ValidationError("Письмо не ушло: почтовый сервер не ответил.") from error
    return update(link, {"mailed_at": now}, actor=actor)


@transaction.atomic
def revoke_link(
    *, actor: Any, link: ReportLink, now: datetime, version: int | None = None
) -> ReportLink:
    """Close a link that was not used; it opens nothing from this moment.

    Raises ValidationError, Refused, Conflict.
    """
    row = ReportLink.objects.select_for_update(of=("self",)).get(pk=link.pk)
    policy_for(ReportLink).check(actor, "revoke", row)
    if version is not None and row.version != version:
        raise Conflict(current=row, typed={})
    if row.used_at or row.revoked_at:
        raise ValidationError("Эта ссылка уже не действует.")
    return update(row, {"revoked_at": now}, actor=actor)


@transaction.atomic
def use_link(*, secret: str, now: datetime) -> CooperationReport:
    """Spend a link: the report it leads to. Raises LinkClosed."""
    found = by_secret(secret)
    if found is None:
        raise LinkClosed(LinkState.UNKNOWN)
    row = ReportLink.objects.select_for_update(of=("self",)).get(pk=found.pk)
    row.participant, row.report = found.participant, found.report
    state = link_state(row, now)
    if state != LinkState.OPEN:
        raise LinkClosed(state)
    update(row, {"used_at": now}, actor=None)
    return found.report
