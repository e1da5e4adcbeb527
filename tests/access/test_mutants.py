"""The control of the matrix: a guard taken away in one place at a time must be seen.

Each mutant walks the routes where its guard matters, with few personas, until the first wrong
cell. One that nobody notices would mean that the matrix promises more than it looks at.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.backends import ModelBackend
from django_filters import FilterSet as PlainFilterSet
from rest_framework import serializers
from rest_framework.exceptions import AuthenticationFailed

import accounts.policy as powers
import bonuses.policy as pay
import contacts.policy
import lamps.policy
import needs.policy
import reports.policy
import visits.policy
from accounts import tokens
from accounts.authentication import TokenAuthentication
from accounts.enums import Role
from accounts.models import ApiToken
from core import api, rest, views
from core.filters import FilterSet
from core.forms import ScopedFormMixin
from core.policy import Policy
from tests.access.walk import Walk
from tests.personas import World

pytestmark = pytest.mark.django_db
FEW = ("anna", "galina", "dmitry", "zhanna", "igor", "anonymous", "reader", "writer")
Patch = Callable[[pytest.MonkeyPatch], None]


@dataclass(frozen=True)
class Mutant:
    """A guard taken away, and the routes that stand behind it."""

    name: str
    patch: Patch
    pages: frozenset[str] = frozenset()
    api: frozenset[str] = frozenset()
    references: frozenset[str] = frozenset()


def everything(self: Any, user: Any, queryset: Any) -> Any:
    return queryset


def no_scope(policy: type[Policy]) -> Patch:
    return lambda patch: patch.setattr(policy, "scope", everything)


def scoped(policy: type[Policy], pages: str = "", api: str = "") -> Mutant:
    name = f"{policy.__name__}.scope returns everything"
    return Mutant(name, no_scope(policy), frozenset(pages.split()), frozenset(api.split()))


def granted(policy: type[Policy], action: str, pages: str = "", api: str = "") -> Mutant:
    def patch(mp: pytest.MonkeyPatch) -> None:
        mp.setattr(policy, "grants", {**policy.grants, action: frozenset(Role)})

    name = f"{policy.__name__} grants «{action}» to all"
    return Mutant(name, patch, frozenset(pages.split()), frozenset(api.split()))


def no_page_check(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(views.PolicyMixin, "dispatch", lambda self, r, *a, **k: views.View.dispatch(
        self, r, *a, **k))  # fmt: skip


def page_without_role(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(
        views.PolicyMixin,
        "dispatch",
        lambda self, r, *a, **k: (
            views.View.dispatch(self, r, *a, **k)
            if r.user.is_authenticated
            else self.handle_no_permission()
        ),
    )


def any_permission(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(rest.PolicyPermission, "has_permission", lambda *a: True)


def keys_that_read_write(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(ApiToken, "allows", lambda self, resource, write: True)


def lenient(skip: str) -> Patch:
    """Keys are found by digest alone, one check left out."""

    def authenticate(self: Any, request: Any) -> Any:
        from django.conf import settings

        from core import clock

        header = request.META.get("HTTP_AUTHORIZATION", "").split()
        if len(header) != 2:
            return None
        digest = tokens.digest(header[1], settings.TOKEN_PEPPER)
        token = ApiToken.objects.select_related("user").filter(digest=digest).first()
        wrong = {
            "unknown": token is None,
            "revoked": token is not None and token.revoked_at is not None,
            "expired": token is not None
            and token.expires_at is not None
            and token.expires_at <= clock.now(),
            "dormant": token is not None and not token.user.is_active,
        }
        if any(found for check, found in wrong.items() if check != skip) or token is None:
            raise AuthenticationFailed("Ключ не найден, отозван или истёк.")
        return token.user, token

    return lambda mp: mp.setattr(TokenAuthentication, "authenticate", authenticate)


def sessions_of_the_dismissed(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(ModelBackend, "user_can_authenticate", lambda self, user: True)


def wide_forms(mp: pytest.MonkeyPatch) -> None:
    def init(self: Any, *args: Any, user: Any, **kwargs: Any) -> None:
        self.user = user
        super(ScopedFormMixin, self).__init__(*args, **kwargs)

    mp.setattr(ScopedFormMixin, "__init__", init)


def wide_filters(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(FilterSet, "__init__", PlainFilterSet.__init__)


def wide_serializers(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(api.Serializer, "get_fields", serializers.ModelSerializer.get_fields)


def api_reads_all(mp: pytest.MonkeyPatch) -> None:
    def get_queryset(self: Any) -> Any:
        return self.model._default_manager.all()

    mp.setattr(api.ReadViewSet, "get_queryset", get_queryset)


def page_reads_all(mp: pytest.MonkeyPatch) -> None:
    def visible(self: Any, model: Any = None) -> Any:
        return (model or self.model)._default_manager.all()

    mp.setattr(views.PolicyMixin, "visible", visible)


def pool_of_everybody(mp: pytest.MonkeyPatch) -> None:
    from django.db.models import Q

    for module in (powers, lamps.policy):
        mp.setattr(module, "pool_condition", lambda user, prefix="": Q())


def reach_of_everything(mp: pytest.MonkeyPatch) -> None:
    mp.setattr(powers, "access_of", lambda user, on=None: powers.Access(everything=True))


def no_substitution(mp: pytest.MonkeyPatch) -> None:
    """Too little is a fault too: Зоя would not see whom she stands in for."""
    from accounts.models import Substitution

    mp.setattr(type(Substitution.objects.all()), "current_on", lambda self, on: self.none())


def every_head_leads_all(mp: pytest.MonkeyPatch) -> None:
    from datetime import date

    from accounts.models import Unit

    def led(user: Any) -> Any:
        units = frozenset(Unit.objects.values_list("pk", flat=True))
        return (pay.Held(units, "head", date.min, None),) if user.role == Role.HEAD else ()

    mp.setattr(pay, "led", led)


def pay_by_client(mp: pytest.MonkeyPatch) -> None:
    """Whoever stands in for somebody would see their pay too."""
    from django.db.models import Q

    from accounts.models import Substitution

    true = pay.sheet_condition

    def condition(user: Any, prefix: str = "") -> Any:
        absent = Substitution.objects.filter(substitute__user=user).values("absent")
        return true(user, prefix) | Q(**{f"{prefix}employee__in": absent})

    mp.setattr(pay, "sheet_condition", condition)


CLIENT_PAGES = frozenset({"clients", "client", "client_edit", "client_money"})
MUTANTS = [
    scoped(powers.ClientPolicy, "clients client client_edit", "clients"),
    scoped(powers.AssignmentPolicy, api="assignments"),
    scoped(powers.ChurnPolicy, "churns", "churns"),
    scoped(powers.UsagePolicy, api="usage"),
    scoped(powers.EntitlementPolicy, api="entitlements"),
    scoped(powers.TrainingPolicy, api="trainings"),
    scoped(powers.GndRecordPolicy, api="gnd-records"),
    scoped(powers.InvoicePolicy, api="invoices"),
    scoped(powers.PaymentPolicy, api="payments"),
    scoped(powers.ContractPolicy, "contract contracts", "contracts"),
    scoped(powers.ContractPricePolicy, "price_edit", "contract-prices"),
    scoped(powers.IndexationOfferPolicy, "offer offers offer_agree", "offers"),
    scoped(reports.policy.PriceLetterPolicy, "price_letter price_letters", "price-letters"),
    scoped(reports.policy.LetterBatchPolicy, "letter_batch", "letter-batches"),
    scoped(powers.EmployeePolicy, "employees employee", "employees"),
    scoped(powers.PositionPolicy, "positions", "positions"),
    scoped(powers.SubstitutionPolicy, "substitutions substitution_edit", "substitutions"),
    scoped(powers.SavedFilterPolicy, "saved_filter_delete"),
    scoped(contacts.policy.ParticipantPolicy, "participant participants", "participants"),
    scoped(visits.policy.VisitPolicy, "visit visits visit_cancel", "visits"),
    scoped(needs.policy.NeedPolicy, "need needs need_edit", "needs"),
    scoped(lamps.policy.LampPolicy, "lamps", "lamps"),
    scoped(lamps.policy.LampPeriodPolicy, api="lamp-periods"),
    scoped(lamps.policy.PoolDayPolicy, api="pool-days"),
    scoped(reports.policy.CooperationReportPolicy, "report report_pdf reports", "reports"),
    scoped(reports.policy.ReportLinkPolicy, "report_link_revoke", "report-links"),
    scoped(reports.policy.ReportBatchPolicy, "report_batch report_batches", "report-batches"),
    granted(reports.policy.CooperationReportPolicy, "approve", "report_approve", "reports"),
    granted(reports.policy.CooperationReportPolicy, "add", "report_add", "reports"),
    granted(reports.policy.CooperationReportPolicy, "share", "report_link"),
    granted(reports.policy.CooperationReportPolicy, "present", "report_present"),
    granted(reports.policy.ReportLinkPolicy, "add", api="report-links"),
    granted(reports.policy.ReportLinkPolicy, "revoke", "report_link_revoke"),
    granted(reports.policy.ReportBatchPolicy, "add", "report_batch_new", "report-batches"),
    granted(reports.policy.LetterheadPolicy, "add", "report_letterhead"),
    granted(reports.policy.TextBlockPolicy, "change", "report_block"),
    granted(powers.UserPolicy, "view", "users"),
    granted(powers.AuditEntryPolicy, "view", "audit"),
    granted(powers.ApiTokenPolicy, "add", "token_add"),
    granted(powers.ClientPolicy, "assign", "client_assign"),
    granted(powers.ClientPolicy, "add", "client_add", "clients"),
    granted(powers.InvoicePolicy, "add", api="invoices"),
    granted(powers.InvoicePolicy, "delete", api="invoices"),
    granted(visits.policy.VisitPolicy, "log_k2", "visit_edit"),
    granted(powers.ContractPolicy, "add", "contract_add", "contracts"),
    granted(powers.ContractPolicy, "change", "contract_edit", "contracts"),
    granted(powers.ContractPricePolicy, "delete", "price_delete", "contract-prices"),
    granted(powers.IndexationCampaignPolicy, "change", "campaign_start", "campaigns"),
    granted(powers.SegmentPlanPolicy, "add", "segment_plan_add", "segment-plans"),
    granted(powers.IndexationOfferPolicy, "change", "offer_agree", "offers"),
    granted(powers.IndexationOfferPolicy, "approve", "offer_approve", "offers"),
    granted(reports.policy.PriceLetterPolicy, "view", "price_letters"),
    granted(reports.policy.PriceLetterPolicy, "add", "offer_letter_make"),
    granted(lamps.policy.LampSchemePolicy, "publish", "lamp_scheme_publish"),
    granted(powers.JobRunPolicy, "run", "job_request", "job-runs"),
    scoped(pay.SheetPolicy, "pay_sheets pay_sheet pay_sheet_pdf", "bonus-sheets"),
    scoped(pay.SheetLinePolicy, "pay_line_rows pay_object"),
    scoped(pay.ObjectionPolicy, "pay_objections pay_answer", "bonus-objections"),
    scoped(pay.ManualFactPolicy, "manual_facts manual_fact_edit", "manual-facts"),
    scoped(pay.UpsellPolicy, "upsells upsell_edit", "upsells"),
    granted(pay.PayBasePolicy, "view", "pay_bases", "pay-bases"),
    granted(pay.PayrollExportPolicy, "view", api="payroll-exports"),
    granted(pay.SheetPolicy, "lead", "pay_month pay_recompute"),
    granted(pay.SheetPolicy, "assess", "pay_assess pay_month_assess"),
    granted(pay.SheetPolicy, "approve", "pay_approve pay_month_approve"),
    granted(pay.SheetPolicy, "compute", "pay_month_draft"),
    granted(pay.SheetPolicy, "close", "pay_month_close pay_month_export"),
    granted(pay.ManualFactPolicy, "add", "manual_fact_add", "bulk/manual-facts"),
    granted(pay.UpsellPolicy, "add", "upsell_add", "bulk/upsells"),
    granted(pay.BonusSchemePolicy, "publish", "bonus_scheme_publish"),
    Mutant("every head leads all", every_head_leads_all, frozenset({"pay_sheets", "pay_sheet"})),
    Mutant("a client's people see the pay", pay_by_client, frozenset({"pay_sheets"})),
    Mutant("pages ask no policy", no_page_check, CLIENT_PAGES),
    Mutant("pages ask for a session only", page_without_role, frozenset({"audit", "client_add"})),
    Mutant("pages read past the scope", page_reads_all, frozenset({"churns", "visits", "needs"})),
    Mutant("the API asks no policy", any_permission, api=frozenset({"clients"})),
    Mutant("the API reads past the scope", api_reads_all, api=frozenset({"clients"})),
    Mutant("reading keys write", keys_that_read_write, api=frozenset({"clients"})),
    Mutant("keys never expire", lenient("expired"), api=frozenset({"clients"})),
    Mutant("keys cannot be revoked", lenient("revoked"), api=frozenset({"clients"})),
    Mutant("keys outlive their person", lenient("dormant"), api=frozenset({"clients"})),
    Mutant("sessions outlive their person", sessions_of_the_dismissed, frozenset({"clients"})),
    Mutant("forms offer every row", wide_forms, frozenset({"client_assign", "visit_log"})),
    Mutant("filters offer every row", wide_filters, references=frozenset({"clients", "visits"})),
    Mutant("bodies reach every row", wide_serializers, references=frozenset({"visits", "needs"})),
    Mutant("every pool is one's own", pool_of_everybody, CLIENT_PAGES, frozenset({"lamps"})),
    Mutant("everybody reaches everything", reach_of_everything, CLIENT_PAGES),
    Mutant("nobody stands in for anybody", no_substitution, CLIENT_PAGES),
]


def walked(world: World, mutant: Mutant) -> Walk:
    walk = Walk(world, (*FEW, "zoya"), stop_at_first=True)
    for part in ("pages", "api", "references"):
        names = getattr(mutant, part)
        if names and not walk.verdict.wrong:
            getattr(walk, part)(only=lambda name, names=names: name in names)
    return walk


@pytest.fixture(autouse=True)
def _quiet() -> Any:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_guard_taken_away_is_seen(
    standing_world: World, mutant: Mutant, monkeypatch: pytest.MonkeyPatch
) -> None:
    for user in standing_world.users.values():
        user.__dict__.pop("_access", None)
    mutant.patch(monkeypatch)
    walk = walked(standing_world, mutant)
    assert walk.verdict.wrong, f"nobody noticed in {walk.verdict.cells} cells: {mutant.name}"


def test_there_are_mutants_enough() -> None:
    assert len(MUTANTS) >= 20
    assert len({mutant.name for mutant in MUTANTS}) == len(MUTANTS)
