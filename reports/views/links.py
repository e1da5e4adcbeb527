"""Links to a report: made, mailed, revoked."""

from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from core import clock
from core.views import RowAction, add_errors
from reports import services
from reports.enums import LinkState
from reports.forms import LinkForm
from reports.models import ReportLink
from reports.selectors.links import link_state
from reports.views.reports import told
from reports.views.steps import ReportForms


class MakeLink(ReportForms):
    """Gives the link in the very answer, while it is open: no address leads to it again."""

    action = "share"
    form_class = LinkForm
    template_name = "reports/link_form.html"
    title = "Отправить отчёт"
    submit_label = "Создать ссылку"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "participants": self.participants(),
            "mail_is_on": settings.MAIL_IS_ON,
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mail_is_on=settings.MAIL_IS_ON, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        user, now = self.request.user, clock.now()
        participant = form.cleaned_data["participant"]
        try:
            link, secret = services.make_link(
                actor=user, report=self.report, participant=participant, now=now
            )
        except ValidationError as error:
            add_errors(form, error)
            return self.form_invalid(form)
        address = self.request.build_absolute_uri(reverse("report_download", args=[secret]))
        is_mailed = False
        if form.cleaned_data.get("by_mail"):
            try:
                services.mail_link(actor=user, link=link, address=address, now=now)
                is_mailed = True
            except ValidationError as error:
                told(self.request, error)
                # A letter that did not go out closes its link: no closed address is handed out.
                link.refresh_from_db(fields=["used_at", "revoked_at"])
                if link_state(link, now) != LinkState.OPEN:
                    words = "Ссылка из этого письма больше не действует: создайте новую."
                    messages.warning(self.request, words)
                    return HttpResponseRedirect(self.back_url())
        to, subject = quote(participant.person.email), quote("Отчёт о сотрудничестве")
        context = {
            "address": address,
            "link": link,
            "report": self.report,
            "is_mailed": is_mailed,
            "mail_url": f"mailto:{to}?subject={subject}&body={quote(address)}",
            "crumbs": self.get_context_data(form=form)["crumbs"],
            "back_url": self.back_url(),
        }
        response = render(self.request, "reports/link_made.html", context)
        response["Referrer-Policy"] = "strict-origin"
        return response


class RevokeLink(RowAction):
    model = ReportLink
    action = "revoke"
    done = "Ссылка отозвана."
    moved_on = "Со ссылкой уже что-то сделали: посмотрите, что с ней теперь, и решите снова."

    def page_of(self, row: ReportLink) -> str:
        return reverse("report", args=[row.report_id])

    def act(self, row: ReportLink, version: int | None) -> None:
        services.revoke_link(actor=self.request.user, link=row, now=clock.now(), version=version)
