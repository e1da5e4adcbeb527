"""Who may what, written down a second time: not read from the policies but set against them.

One line for each route. A page names those who may enter it (`get`), those who may send it a
form (`post`; the rest is 405) and the row its address names (`of`). The statuses follow:

    a stranger or a deactivated user        to the log-in page (pages), 401 (API)
    a role without the power                403, whatever the row
    a row out of scope, and a missing one   404, the same answer
    otherwise                               what `ok` and `done` say
"""

from dataclasses import dataclass, field

from tests.personas import SEES

SPECIALISTS = frozenset({"anna", "boris", "vera", "zoya"})
HEADS = frozenset({"galina", "dmitry"})
DIRECTOR = frozenset({"elena"})
ADMIN = frozenset({"zhanna"})
READER, WRITER = frozenset({"reader"}), frozenset({"writer"})
INTEGRATIONS = READER | WRITER

LEADERS = HEADS | DIRECTOR
SERVING = SPECIALISTS | LEADERS
OFFICE = DIRECTOR | ADMIN
STAFF = SERVING | ADMIN  # everybody who works here
NOBODY: frozenset[str] = frozenset()

# --- whose rows each persona sees ------------------------------------------------------------
NOIO1 = frozenset({"own", "colleague"})
EVERY = frozenset({"own", "colleague", "foreign", "nobody", "office"})
SEES_STAFF = {name: NOIO1 for name in ("anna", "boris", "zoya", "galina")} | {
    "vera": frozenset({"foreign"}),
    "dmitry": frozenset({"foreign"}),
} | {name: EVERY for name in ("elena", "zhanna", "reader", "writer")}  # fmt: skip
SEES_OWN_THINGS = {
    "anna": frozenset({"own"}),
    "boris": frozenset({"colleague"}),
    "vera": frozenset({"foreign"}),
}
# A plan is its employee's and their heads': whoever substitutes sees clients, not plans.
SEES_TARGETS = SEES_OWN_THINGS | {
    "galina": NOIO1,
    "dmitry": frozenset({"foreign"}),
} | {name: EVERY for name in ("elena", "reader", "writer")}  # fmt: skip
# Pay is one's own, of the departments one leads, or a manager's to see. A substitute sees none;
# an integration, closed sheets alone, and those of the centre are drafts.
SEES_PAY = SEES_OWN_THINGS | {
    "galina": NOIO1,
    "dmitry": frozenset({"foreign"}),
    "elena": EVERY,
}
_PAY_ROWS = {"bonuses.sheet", "bonuses.sheetline", "bonuses.objection"}
_OFFICE_ROWS = {
    "bonuses.bonusscheme", "bonuses.bonusblock", "bonuses.bonuskpi", "bonuses.paybase",
    "bonuses.payrollexport",
    "core.jobrun", "core.auditentry", "core.calendarday", "core.webhook", "core.delivery",
    "visits.controlpointkind", "lamps.lampscheme", "lamps.schemeindicator", "accounts.unit",
    "accounts.user", "accounts.apitoken", "accounts.service", "accounts.feed", "lamps.indicator",
    "contacts.clientdepartment", "visits.newshook", "needs.needstage", "needs.tool",
    "needs.productadvantage", "reports.letterhead", "reports.textblock", "visits.visitcriterion",
    "accounts.churncause", "accounts.indexationcampaign", "accounts.segmentplan",
}  # fmt: skip
_STAFF_ROWS = {"accounts.employee", "accounts.position", "accounts.substitution"}


def scope(label: str, persona: str) -> frozenset[str]:
    """Whose rows of a model the persona sees."""
    if label == "bulk.import":  # an integration sees the files it sent itself
        return EVERY if persona == "elena" else frozenset()
    if label in _OFFICE_ROWS:
        return EVERY
    if label in _STAFF_ROWS:
        return SEES_STAFF.get(persona, frozenset())
    if label in _PAY_ROWS:
        return SEES_PAY.get(persona, frozenset())
    if label in {"accounts.target", "bonuses.manualfact"}:
        return SEES_TARGETS.get(persona, frozenset())
    if label in {"core.savedfilter", "reports.reportbatch", "reports.letterbatch"}:
        return SEES_OWN_THINGS.get(persona, frozenset())
    return SEES[persona]


@dataclass(frozen=True)
class Page:
    """A route of pages."""

    get: frozenset[str] = NOBODY
    post: frozenset[str] | None = None
    of: str = ""  # the row that the address names
    ok: tuple[int, ...] = (200,)
    done: tuple[int, ...] = (302, 422)  # an empty form is saved or refused at its fields
    enter: frozenset[str] = NOBODY  # who has the power the page asks for; `get` | `post` else
    shows_all: bool = False  # the log, which only administrators read

    @property
    def powers(self) -> frozenset[str]:
        """Who may enter at all."""
        return self.enter or self.get | (self.post or NOBODY)


def client_tab(who: frozenset[str] = SERVING) -> Page:
    return Page(who, of="accounts.client")


def form(who: frozenset[str], of: str = "") -> Page:
    return Page(who, who, of)


def button(who: frozenset[str], of: str = "", done: tuple[int, ...] = (302,)) -> Page:
    return Page(post=who, of=of, done=done)


EARNING = SPECIALISTS | HEADS
PAGES: dict[str, Page] = {
    # the kernel
    "home": Page(STAFF),
    "help": Page(STAFF),
    "jobs": Page(OFFICE),
    "job_request": form(OFFICE),
    "job_run": Page(OFFICE, of="core.jobrun"),
    "job_rerun": button(OFFICE, "core.jobrun"),
    "saved_filter_add": button(STAFF),
    "saved_filter_delete": button(STAFF, "core.savedfilter"),
    "imports": Page(DIRECTOR),
    "import_new": form(DIRECTOR),
    "import": Page(DIRECTOR, of="bulk.import"),
    "import_columns": form(DIRECTOR, "bulk.import"),
    "import_progress": Page(DIRECTOR, of="bulk.import", ok=(302,)),
    "import_confirm": button(DIRECTOR, "bulk.import"),
    "import_stop": button(DIRECTOR, "bulk.import"),
    "import_again": button(DIRECTOR, "bulk.import"),
    "import_undo": button(DIRECTOR, "bulk.import"),
    "import_refused": Page(DIRECTOR, of="bulk.import"),
    "settings": form(OFFICE),
    "setting_reset": button(OFFICE),
    "work_calendar": Page(STAFF),
    "calendar_day_add": form(OFFICE),
    "calendar_day_edit": form(OFFICE, "core.calendarday"),
    "calendar_day_delete": button(OFFICE, "core.calendarday"),
    # clients
    "clients": Page(SERVING),
    "client": client_tab(),
    "client_overview": client_tab(),
    "client_money": client_tab(),
    "client_usage": client_tab(),
    "client_history": client_tab(),
    "client_add": form(LEADERS),
    "client_transfer": form(LEADERS),
    "client_edit": form(SERVING, "accounts.client"),
    "client_assign": form(LEADERS, "accounts.client"),
    "client_disconnect": form(LEADERS, "accounts.client"),
    "client_reconnect": form(LEADERS, "accounts.client"),
    "churns": Page(SERVING),
    "churn_plan": Page(SERVING),
    "director": Page(DIRECTOR),
    "director_pdf": Page(DIRECTOR),
    # contracts and payments
    "contracts": Page(SERVING),
    "contract": Page(SERVING, of="accounts.contract"),
    "contract_add": form(DIRECTOR, "accounts.client"),
    "contract_edit": form(DIRECTOR, "accounts.contract"),
    "price_add": form(DIRECTOR, "accounts.contract"),
    "price_edit": form(DIRECTOR, "accounts.contractprice"),
    "price_delete": button(DIRECTOR, "accounts.contractprice"),
    "payment_shares": Page(SERVING),
    "churn_causes": Page(OFFICE),
    "churn_cause_add": form(OFFICE),
    "churn_cause_edit": form(OFFICE, "accounts.churncause"),
    # the indexation
    "campaigns": Page(SERVING),
    "campaign": Page(SERVING, of="accounts.indexationcampaign"),
    "campaign_add": form(DIRECTOR),
    "campaign_edit": form(DIRECTOR, "accounts.indexationcampaign"),
    "campaign_start": button(DIRECTOR, "accounts.indexationcampaign"),
    "campaign_close": button(DIRECTOR, "accounts.indexationcampaign"),
    "segment_plan_add": form(DIRECTOR, "accounts.indexationcampaign"),
    "segment_plan_edit": form(DIRECTOR, "accounts.segmentplan"),
    "offers": Page(SERVING),
    "offers_make": form(SERVING),
    "offer": Page(SERVING, of="accounts.indexationoffer"),
    "offer_make": form(SERVING, "accounts.indexationoffer"),
    "offer_agree": form(SERVING, "accounts.indexationoffer"),
    "offer_except": form(SERVING, "accounts.indexationoffer"),
    "offer_refuse": form(SERVING, "accounts.indexationoffer"),
    "offer_approve": button(LEADERS, "accounts.indexationoffer"),
    "offer_decline": button(LEADERS, "accounts.indexationoffer"),
    "offer_reopen": button(SERVING, "accounts.indexationoffer"),
    # units and staff
    "units": Page(STAFF),
    "unit_add": form(OFFICE),
    "unit_edit": form(OFFICE, "accounts.unit"),
    "employees": Page(STAFF),
    "employee": Page(STAFF, of="accounts.employee"),
    "employee_add": form(OFFICE),
    "employee_edit": form(OFFICE, "accounts.employee"),
    "positions": Page(STAFF),
    "position_add": form(OFFICE),
    "position_edit": form(OFFICE, "accounts.position"),
    "substitutions": Page(STAFF),
    "substitution_add": form(LEADERS | ADMIN),
    "substitution_edit": form(LEADERS | ADMIN, "accounts.substitution"),
    # plan figures
    "targets": Page(SERVING),
    "target_add": form(LEADERS),
    "target_edit": form(LEADERS, "accounts.target"),
    "target_delete": button(LEADERS, "accounts.target"),
    # settings
    "services": Page(OFFICE),
    "service_add": form(OFFICE),
    "service_edit": form(OFFICE, "accounts.service"),
    "feeds": Page(STAFF),  # how fresh the facts are concerns everybody
    "feed_edit": form(DIRECTOR, "accounts.feed"),
    "users": Page(ADMIN),
    "user_add": form(ADMIN),
    "user_edit": form(ADMIN, "accounts.user"),
    "tokens": Page(ADMIN),
    "token_add": form(ADMIN),
    "token_edit": form(ADMIN, "accounts.apitoken"),
    "token_rotate": form(ADMIN, "accounts.apitoken"),
    "token_revoke": form(ADMIN, "accounts.apitoken"),
    "events": Page(SERVING),
    "webhooks": Page(ADMIN),
    "webhook_add": form(ADMIN),
    "webhook": Page(ADMIN, of="core.webhook"),
    "webhook_edit": form(ADMIN, "core.webhook"),
    "webhook_secret": button(ADMIN, "core.webhook", done=(200,)),
    "webhook_ping": button(ADMIN, "core.webhook"),
    "webhook_switch": button(ADMIN, "core.webhook"),
    "delivery": Page(ADMIN, of="core.delivery"),
    "delivery_replay": button(ADMIN, "core.delivery"),
    "delivery_skip": button(ADMIN, "core.delivery"),
    "panel_webhooks": Page(ADMIN),
    "audit": Page(ADMIN, shows_all=True),
    "audit_entry": Page(ADMIN, of="core.auditentry", shows_all=True),
    # panels of the start page
    "panel_new_clients": Page(SERVING),
    "panel_substitutions": Page(STAFF),
    "panel_churn": Page(SERVING),
    "panel_feeds": Page(DIRECTOR),
    "panel_settings": Page(ADMIN),
    "panel_visits": Page(SERVING),
    "panel_needs": Page(SERVING),
    "panel_my_lamps": Page(SERVING),
    "panel_expiring": Page(SERVING),
    "panel_pools": Page(SERVING),
    "panel_changes": Page(SERVING),
    # the decision scheme
    "participants": Page(SERVING),
    "duplicates": Page(SERVING),
    "participant_merge": form(SERVING, "contacts.participant"),
    "participant": Page(SERVING, of="contacts.participant"),
    "participant_edit": form(SERVING, "contacts.participant"),
    "participant_close": form(SERVING, "contacts.participant"),
    "participant_verify": button(SERVING, "contacts.participant"),
    "client_scheme": client_tab(),
    "scheme_picture": client_tab(),
    "participant_add": form(SERVING, "accounts.client"),
    # visits
    "visits": Page(SERVING),
    "visit_new": Page(SERVING),  # asks whose visit it is and leads to that client's form
    "visit": Page(SERVING, of="visits.visit"),
    "visit_edit": form(SERVING, "visits.visit"),
    "visit_edit#k2": Page(LEADERS, LEADERS, "k2", enter=SERVING),
    "visit_complete": form(SERVING, "planned"),
    "visit_cancel": form(SERVING, "planned"),
    "visit_prepare": form(SERVING, "planned"),
    "client_prepare": form(SERVING, "accounts.client"),
    "day": Page(SERVING),
    "panel_day": Page(SERVING),
    "hooks": Page(SERVING),
    "hook": Page(SERVING, of="visits.newshook"),
    "hook_add": form(LEADERS),
    "hook_edit": form(LEADERS, "visits.newshook"),
    "hook_archive": button(LEADERS, "visits.newshook"),
    "client_visits": client_tab(),
    "visit_log": form(SERVING, "accounts.client"),
    "visit_plan": form(SERVING, "accounts.client"),
    # the calendar
    "calendar": Page(SERVING),
    "calendar_feed_issue": button(SERVING, done=(200,)),
    "calendar_feed_revoke": button(SERVING),
    # risks
    "risks": Page(SERVING),
    "risk_close": form(SERVING, "visits.risk"),
    "risk_add": form(SERVING, "accounts.client"),
    # tasks
    "tasks": Page(SERVING),
    "task_new": Page(SERVING),
    "task_add": form(SERVING),
    "panel_tasks": Page(SERVING),
    "task_reminders": Page(SERVING),
    "task": Page(SERVING, of="visits.agreement"),
    "task_edit": form(SERVING, "visits.agreement"),
    "task_close": form(SERVING, "visits.agreement"),
    "task_drop": form(SERVING, "visits.agreement"),
    "task_reopen": button(SERVING, "visits.agreement"),
    "client_tasks": client_tab(),
    "client_task_add": form(SERVING, "accounts.client"),
    # figures
    "figures": Page(SERVING),
    "figures_k2": Page(SERVING),
    "figure_rows": Page(SERVING),
    # control points and training
    "reviews": Page(SERVING),
    "reviews_due": Page(LEADERS),
    "reviews_plan": button(LEADERS),
    "review_add": form(LEADERS),
    "review": Page(SERVING, of="visits.controlpoint"),
    "review_edit": form(LEADERS, "visits.controlpoint"),
    "review_hold": Page(LEADERS, LEADERS, "visits.controlpoint"),
    "review_decide": form(LEADERS, "visits.controlpoint"),
    "review_drop": form(LEADERS, "visits.controlpoint"),
    "staff_trainings": Page(SERVING),
    "staff_training_add": form(LEADERS),
    "staff_training": Page(SERVING, of="visits.stafftraining"),
    "staff_training_edit": form(LEADERS, "visits.stafftraining"),
    "staff_training_invite": form(LEADERS, "visits.stafftraining"),
    "staff_training_attendance": form(LEADERS, "visits.stafftraining"),
    "attendance_drop": button(LEADERS, "visits.attendance"),
    # cooperation reports
    "reports": Page(SERVING),
    "panel_reports": Page(SERVING),
    "report_batches": Page(SERVING),
    "report_batch_new": form(SERVING),
    "report_batch": Page(SERVING, of="reports.reportbatch"),
    "report_batch_progress": Page(SERVING, of="reports.reportbatch", ok=(302,)),
    "report_batch_stop": button(SERVING, "reports.reportbatch"),
    "report_batch_retry": button(SERVING, "reports.reportbatch"),
    "report_batch_pack": button(SERVING, "reports.reportbatch"),
    "report_batch_zip": Page(SERVING, of="reports.reportbatch", ok=(404,)),  # not packed yet
    "report_letterhead": form(OFFICE),
    "report_logo": Page(STAFF, of="reports.letterhead", ok=(404,)),  # the first has none
    "report_colour": Page(STAFF, of="reports.letterhead"),
    "report_blocks": Page(OFFICE),
    "report_block": form(OFFICE, "reports.textblock"),
    "report_link_revoke": button(SERVING, "reports.reportlink"),
    "report": Page(SERVING, of="reports.cooperationreport"),
    "report_progress": Page(SERVING, of="reports.cooperationreport", ok=(302,)),
    "report_preview": Page(SERVING, of="reports.cooperationreport"),
    "report_pdf": Page(SERVING, of="reports.cooperationreport"),
    "report_printing": Page(SERVING, of="reports.cooperationreport"),
    "report_print": button(SERVING, "reports.cooperationreport"),
    "report_edit": form(SERVING, "reports.cooperationreport"),
    "report_build": button(SERVING, "reports.cooperationreport"),
    "report_submit": button(SERVING, "reports.cooperationreport"),
    "report_approve": button(LEADERS, "reports.cooperationreport"),
    "report_return": form(LEADERS, "reports.cooperationreport"),
    "report_present": form(SERVING, "reports.cooperationreport"),
    "report_link": form(SERVING, "reports.cooperationreport"),
    "report_edition": button(SERVING, "reports.cooperationreport"),
    # letters about a new price
    "price_letters": Page(SERVING),
    "price_letter": Page(SERVING, of="reports.priceletter"),
    "price_letter_pdf": Page(SERVING, of="reports.priceletter"),
    "letter_batches": Page(SERVING),
    "letter_batch": Page(SERVING, of="reports.letterbatch"),
    "letter_batch_progress": Page(SERVING, of="reports.letterbatch", ok=(302,)),
    "letters_stop": button(SERVING, "reports.letterbatch"),
    "letters_retry": button(SERVING, "reports.letterbatch"),
    "letters_zip": Page(SERVING, of="reports.letterbatch", ok=(404,)),  # not packed yet
    "campaign_letters": Page(SERVING, of="accounts.indexationcampaign"),
    "letters_new": form(SERVING, "accounts.indexationcampaign"),
    "offer_letters": Page(SERVING, of="accounts.indexationoffer"),
    "offer_letter": Page(SERVING, of="accounts.indexationoffer", ok=(302,)),  # not offered yet
    "offer_letter_make": button(SERVING, "accounts.indexationoffer"),
    "client_reports": client_tab(),
    "report_add": form(SERVING, "accounts.client"),
    # needs
    "needs": Page(SERVING),
    "need_almost": Page(SERVING),
    "need_similar": Page(SERVING, of="needs.need"),
    "need_funnel": Page(SERVING),
    "need_months": Page(SERVING),
    "need_plan": Page(SERVING),
    "impact": Page(SERVING),
    "need_effects": Page(SERVING),
    "need_rows": Page(SERVING),
    "need_new": Page(SERVING),
    "need": Page(SERVING, of="needs.need"),
    "need_edit": form(SERVING, "needs.need"),
    "need_advance": form(SERVING, "needs.need"),
    "need_back": form(SERVING, "needs.need"),
    "need_drop": form(SERVING, "needs.need"),
    "need_reopen": button(SERVING, "needs.need"),
    "needs_board": Page(SERVING),
    "need_stages": Page(STAFF),
    "need_ask_person": form(SERVING, "needs.need"),
    "need_ask_link": form(SERVING, "needs.need"),
    "need_file_add": form(SERVING, "needs.need"),
    "need_file": Page(SERVING, of="needs.needfile"),
    "need_file_remove": button(SERVING, "needs.needfile"),
    "confirmations": Page(SERVING),
    "panel_confirmations": Page(SERVING),
    "confirmation": form(SERVING, "needs.confirmation"),
    "confirmation_withdraw": button(SERVING, "needs.confirmation"),
    "client_needs": client_tab(),
    "need_add": form(SERVING, "accounts.client"),
    # bonuses
    "pay_sheets": Page(SERVING),
    "pay_estimate": Page(EARNING),
    "pay_sheet": Page(SERVING, of="bonuses.sheet"),
    "pay_sheet_pdf": Page(SERVING, of="bonuses.sheet"),
    "pay_agree": Page(post=SPECIALISTS, of="bonuses.sheet", done=(302,), enter=EARNING),
    "pay_recompute": button(LEADERS, "bonuses.sheet"),
    "pay_assess": button(LEADERS, "bonuses.sheet"),
    "pay_give_back": button(LEADERS, "bonuses.sheet"),
    "pay_approve": button(DIRECTOR, "bonuses.sheet"),
    "pay_line_rows": Page(SERVING, of="bonuses.sheetline"),
    "pay_object": Page(SPECIALISTS, SPECIALISTS, "bonuses.sheetline", enter=EARNING),
    "pay_objections": Page(SERVING),
    "pay_answer": form(LEADERS, "bonuses.objection"),
    "pay_month": Page(LEADERS),
    "pay_month_draft": button(DIRECTOR),
    "pay_month_assess": button(LEADERS),
    "pay_month_approve": button(DIRECTOR),
    "pay_month_close": button(DIRECTOR),
    "pay_month_export": button(DIRECTOR),
    "bonus_schemes": Page(SERVING),
    "bonus_scheme_add": form(DIRECTOR),
    "bonus_scheme": Page(SERVING, of="bonuses.bonusscheme"),
    "bonus_scheme_edit": form(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_scheme_copy": button(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_scheme_what_if": Page(DIRECTOR, of="bonuses.bonusscheme"),
    "bonus_scheme_publish": button(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_scheme_withdraw": button(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_scheme_delete": button(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_block_add": form(DIRECTOR, "bonuses.bonusscheme"),
    "bonus_block_edit": form(DIRECTOR, "bonuses.bonusblock"),
    "bonus_block_delete": button(DIRECTOR, "bonuses.bonusblock"),
    "bonus_kpi_add": form(DIRECTOR, "bonuses.bonusblock"),
    "bonus_kpi_edit": form(DIRECTOR, "bonuses.bonuskpi"),
    "bonus_kpi_delete": button(DIRECTOR, "bonuses.bonuskpi"),
    "pay_bases": Page(DIRECTOR),
    "pay_base_add": form(DIRECTOR),
    "pay_base_edit": form(DIRECTOR, "bonuses.paybase"),
    "pay_base_delete": button(DIRECTOR, "bonuses.paybase"),
    "upsells": Page(SERVING),
    "upsell_add": form(LEADERS),
    "upsell_edit": form(LEADERS, "bonuses.upsell"),
    "upsell_delete": button(LEADERS, "bonuses.upsell"),
    "manual_facts": Page(SERVING),
    "manual_fact_add": form(LEADERS),
    "manual_fact_edit": form(LEADERS, "bonuses.manualfact"),
    "manual_fact_delete": button(LEADERS, "bonuses.manualfact"),
    "panel_pay_estimate": Page(EARNING),
    "panel_pay_waiting": Page(LEADERS),
    # lamps
    "board": Page(SERVING),
    "board_changes": Page(SERVING),
    "lamps": Page(SERVING),
    "churn_risk": Page(SERVING),
    "client_risk": client_tab(),
    "client_lamp": client_tab(),
    "lamp_schemes": Page(OFFICE),
    "lamp_scheme_add": form(OFFICE),
    "lamp_scheme": Page(OFFICE, of="lamps.lampscheme"),
    "lamp_scheme_edit": form(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_copy": button(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_preview": Page(OFFICE, of="lamps.lampscheme"),
    "lamp_scheme_publish": button(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_withdraw": button(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_delete": button(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_indicator_add": form(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_indicator_edit": form(OFFICE, "lamps.lampscheme"),
    "lamp_scheme_indicator_delete": button(OFFICE, "lamps.lampscheme"),
}

# Routes of libraries and of nobody in particular: status for a stranger, for a signed-in person.
OPEN: dict[str, tuple[int, int]] = {
    "healthz": (200, 200),
    "readyz": (200, 200),
    "not_here": (404, 404),
    "calendar_file": (404, 404),  # opens by its secret alone
    "confirm_link": (404, 403),  # the same, and not for who works here
    "report_download": (404, 403),
    "account_login": (200, 302),
    "account_logout": (302, 200),
    "account_inactive": (404, 404),
    "account_signup": (404, 404),
    "account_reauthenticate": (302, 200),
    "account_email": (404, 404),
    "account_email_verification_sent": (404, 404),
    "account_change_password": (302, 200),
    "account_set_password": (404, 404),
    "account_reset_password": (404, 404),
    "account_confirm_login_code": (404, 404),
    "account_confirm_email": (404, 404),
    "account_reset_password_from_key_done": (404, 404),
    "account_reset_password_from_key": (404, 404),
    "account_reset_password_done": (404, 404),
    "mfa_index": (302, 200),
    "mfa_authenticate": (302, 302),
    "mfa_reauthenticate": (302, 302),
    "mfa_activate_totp": (302, 302),
    "mfa_deactivate_totp": (302, 404),
    "mfa_view_recovery_codes": (302, 404),
    "mfa_generate_recovery_codes": (302, 302),
    "mfa_download_recovery_codes": (302, 404),
    "usersessions_list": (302, 200),
    "api-schema": (401, 200),
    "api-docs": (401, 200),
}

# --- the API ---------------------------------------------------------------------------------
READS = SERVING | INTEGRATIONS
ANYONE = STAFF | INTEGRATIONS


@dataclass(frozen=True)
class Route:
    """A resource: who may take each action. Reading keys write nothing, whatever stands here."""

    of: str
    actions: dict[str, frozenset[str]]
    # Who has the power an action asks for; `actions` else. What they may not do to a row they
    # see is 403, and a row they do not see is 404.
    enter: dict[str, frozenset[str]] = field(default_factory=dict)
    # What an action answers to whoever may take it, where that is not the usual.
    answers: dict[str, tuple[int, ...]] = field(default_factory=dict)

    def powers(self, action: str) -> frozenset[str]:
        """Who may ask for an action at all."""
        return self.enter.get(action) or self.actions.get(action, NOBODY)


def _reads(of: str, who: frozenset[str], **more: frozenset[str]) -> Route:
    return Route(of, {"list": who, "retrieve": who} | more)


def _writes(of: str, who: frozenset[str], writers: frozenset[str], **more: frozenset[str]) -> Route:
    return _reads(of, who, **({"create": writers, "partial_update": writers} | more))


FEEDING = DIRECTOR | WRITER
API: dict[str, Route] = {
    "clients": _writes("accounts.client", READS, SERVING | WRITER, create=LEADERS | WRITER),
    "assignments": _reads("accounts.assignment", READS),
    "churns": _writes("accounts.churn", READS, LEADERS | WRITER),
    "units": _writes("accounts.unit", ANYONE, OFFICE | WRITER),
    "employees": _writes("accounts.employee", ANYONE, OFFICE | WRITER),
    "positions": _writes("accounts.position", ANYONE, OFFICE | WRITER),
    "substitutions": _writes("accounts.substitution", ANYONE, LEADERS | ADMIN),
    "services": _writes("accounts.service", ANYONE, OFFICE),
    "feeds": _reads("accounts.feed", ANYONE, create=FEEDING),
    "usage": _reads("accounts.usage", READS, create=FEEDING, batch=FEEDING),
    "entitlements": _writes("accounts.entitlement", READS, FEEDING, destroy=FEEDING),
    "trainings": _writes("accounts.training", READS, SERVING | WRITER, destroy=FEEDING | HEADS),
    "gnd-records": _writes("accounts.gndrecord", READS, FEEDING, destroy=FEEDING),
    "invoices": _writes("accounts.invoice", READS, FEEDING, destroy=FEEDING),
    "payments": _writes("accounts.payment", READS, FEEDING, destroy=FEEDING),
    "events": Route("", {"list": READS}),
    "contracts": _writes("accounts.contract", READS, FEEDING),
    "contract-prices": _writes("accounts.contractprice", READS, FEEDING, destroy=FEEDING),
    "churn-causes": _writes("accounts.churncause", ANYONE, OFFICE),
    "campaigns": _writes(
        "accounts.indexationcampaign", READS, DIRECTOR, start=DIRECTOR, close=DIRECTOR
    ),
    "segment-plans": _writes("accounts.segmentplan", READS, DIRECTOR),
    "offers": _reads(
        "accounts.indexationoffer",
        READS,
        summary=READS,
        offer=SERVING | WRITER,
        agree=SERVING | WRITER,
        ask=SERVING | WRITER,
        refuse=SERVING | WRITER,
        reopen=SERVING | WRITER,
        approve=LEADERS,
        decline=LEADERS,
    ),
    "director-board": Route("", {"list": DIRECTOR | INTEGRATIONS}),
    "targets": _writes("accounts.target", READS, LEADERS, destroy=LEADERS),
    "calendar-days": _writes("core.calendarday", ANYONE, OFFICE | WRITER, destroy=OFFICE | WRITER),
    "participants": _writes(
        "contacts.participant", READS, SERVING | WRITER, merge=SERVING | WRITER
    ),
    "client-departments": _reads("contacts.clientdepartment", ANYONE),
    "visits": _writes("visits.visit", READS, SERVING | WRITER),
    "agreements": _writes("visits.agreement", READS, SERVING | WRITER),
    "risks": _writes("visits.risk", READS, SERVING | WRITER),
    "figures": Route("", {"list": READS}),
    "need-funnel": Route("", {"list": READS}),
    "need-effects": Route("", {"list": READS}),
    "need-impact": Route("", {"list": READS}),
    "control-point-kinds": _reads("visits.controlpointkind", ANYONE),
    "control-points": _writes("visits.controlpoint", READS, LEADERS, destroy=LEADERS, hold=LEADERS),
    "staff-trainings": _writes("visits.stafftraining", READS, LEADERS),
    "attendance": _writes("visits.attendance", READS, LEADERS, destroy=LEADERS),
    "news-hooks": _writes("visits.newshook", READS, LEADERS | WRITER),
    "needs": _writes("needs.need", READS, SERVING | WRITER, advance=SERVING | WRITER),
    "need-files": _reads(
        "needs.needfile", READS, create=SERVING | WRITER, destroy=SERVING | WRITER, content=READS
    ),
    "confirmations": _reads(
        "needs.confirmation",
        READS,
        create=SERVING | WRITER,
        withdraw=SERVING | WRITER,
        decide=SERVING | WRITER,
    ),
    "reports": _reads(
        "reports.cooperationreport",
        READS,
        create=SERVING,
        partial_update=SERVING,
        rebuild=SERVING,
        submit=SERVING,
        give_back=LEADERS,
        approve=LEADERS,
        edition=SERVING,
        present=SERVING,
        print_pdf=SERVING,
        content=READS,
    ),
    "report-blocks": _reads("reports.textblock", OFFICE),
    "visit-criteria": _reads("visits.visitcriterion", ANYONE),
    "imports": _reads("bulk.import", FEEDING | INTEGRATIONS),
    "price-letters": _reads("reports.priceletter", READS, content=READS),
    "letter-batches": _reads("reports.letterbatch", READS, create=SERVING | WRITER),
    "report-links": _reads("reports.reportlink", SERVING, create=SERVING, revoke=SERVING),
    "report-batches": Route(
        "reports.reportbatch",
        dict.fromkeys(
            ["list", "retrieve", "create", "progress", "cancel", "retry", "pack", "content"],
            SERVING,
        ),
        answers={"content": (404,)},  # not packed yet
    ),
    "need-stages": _reads("needs.needstage", ANYONE),
    "tools": _reads("needs.tool", ANYONE),
    "product-advantages": _reads("needs.productadvantage", ANYONE),
    "bonus-sheets": Route(
        "bonuses.sheet",
        {
            "list": READS,
            "retrieve": READS,
            "agree": SPECIALISTS,
            "assess": LEADERS,
            "approve": DIRECTOR,
            "give_back": LEADERS,
        },
        enter={"agree": EARNING},  # heads are paid too; to another's sheet nobody agrees
    ),
    "bonus-objections": _reads("bonuses.objection", SERVING, create=EARNING, answer_to=LEADERS),
    "bonus-schemes": _reads("bonuses.bonusscheme", READS),
    "pay-bases": _writes("bonuses.paybase", DIRECTOR | INTEGRATIONS, FEEDING, destroy=DIRECTOR),
    "upsells": _writes("bonuses.upsell", READS, LEADERS | WRITER, destroy=LEADERS | WRITER),
    "manual-facts": _writes(
        "bonuses.manualfact", READS, LEADERS | WRITER, destroy=LEADERS | WRITER
    ),
    "payroll-exports": _reads(
        "bonuses.payrollexport",
        DIRECTOR | INTEGRATIONS,
        create=DIRECTOR,
        rows=DIRECTOR | INTEGRATIONS,
        as_csv=DIRECTOR | INTEGRATIONS,
    ),
    "lamps": _reads("lamps.lamp", READS, explanation=READS),
    "churn-risks": Route("", {"list": READS}),
    "lamp-periods": _reads("lamps.lampperiod", READS),
    "pool-days": _reads("lamps.poolday", READS),
    "lamp-schemes": _reads("lamps.lampscheme", READS | ADMIN),
    "indicators": _reads("lamps.indicator", READS | ADMIN),
    "bulk/clients": Route("", {"create": LEADERS | WRITER}),
    "bulk/staff": Route("", {"create": OFFICE | WRITER}),
    "bulk/usage": Route("", {"create": FEEDING}),
    "bulk/entitlements": Route("", {"create": FEEDING}),
    "bulk/trainings": Route("", {"create": SERVING | WRITER}),
    "bulk/gnd": Route("", {"create": FEEDING}),
    "bulk/contracts": Route("", {"create": FEEDING}),
    "bulk/contract-prices": Route("", {"create": FEEDING}),
    "bulk/invoices": Route("", {"create": FEEDING}),
    "bulk/payments": Route("", {"create": FEEDING}),
    "bulk/churns": Route("", {"create": LEADERS | WRITER}),
    "bulk/participants": Route("", {"create": SERVING | WRITER}),
    "bulk/visits": Route("", {"create": SERVING | WRITER}),
    "bulk/upsells": Route("", {"create": LEADERS | WRITER}),
    "bulk/manual-facts": Route("", {"create": LEADERS | WRITER}),
    "job-runs": _reads("core.jobrun", OFFICE, create=OFFICE),
}
