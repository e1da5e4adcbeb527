"""The goals of a year and where each stands: every figure by the selector that its page reads.

Nothing is counted by a rule of this module's own, and nothing is kept: a board is read anew. The
number of queries does not depend on the number of rows.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.urls import reverse

from accounts.enums import OfferStage, TargetKind, TargetSpan
from accounts.selectors.campaigns import campaigns_for, offers_for, summarise_by
from accounts.selectors.payments import Share as Money
from accounts.selectors.payments import month_shares
from core import preferences
from core.russian import percent
from core.shares import percent_of
from lamps import selectors as lamps
from lamps.enums import Colour
from lamps.health import COLOURED
from needs.funnel import CONFIRMED, EFFECT, IDENTIFIED, IMPLEMENTED
from needs.models import NeedStage, NeedStep
from needs.selectors.levels import total
from needs.selectors.plan import KINDS as NEED_KINDS
from needs.selectors.plan import stepped
from reports.director.goals import Goal, Section, Unit, cut
from reports.director.selectors.churn import ChurnYear, read_churn
from reports.director.selectors.targets import YearTargets, year_targets
from reports.director.years import Year, year_before
from visits.figures.catalogue import COVERAGE_KEY, COVERAGE_MAIN, QUALITY, SATISFACTION, Figure
from visits.figures.periods import Period, PeriodKind
from visits.figures.shares import Share
from visits.selectors.figures import MonthScores, coverage, month_scores, norm_of, reach_of

STAGES = {
    IDENTIFIED: "Клиенты с выявленной потребностью",
    IMPLEMENTED: "Клиенты с внедрением",
    EFFECT: "Клиенты с эффектом",
    CONFIRMED: "Клиенты с подтверждённым эффектом",
}
TREND_MONTHS = 12


@dataclass(frozen=True)
class Board:
    """The year's goals, by section."""

    year: Year
    sections: list[Section]


def read_board(user: Any, number: int, today: date) -> Board:
    """Where the goals of a year stand for whoever sees the whole centre."""
    return _Reading(user, Year(number, today)).board()


class _Reading:
    """One reading of the board."""

    def __init__(self, user: Any, year: Year) -> None:
        self.user, self.year = user, year
        self.reach = reach_of(user)

    @cached_property
    def targets(self) -> YearTargets:
        return year_targets(self.year.number, self.reach)

    @cached_property
    def settings(self) -> preferences.Values:
        return preferences.read()

    def board(self) -> Board:
        """Everything, in the order of the page."""
        return Board(
            self.year,
            [
                Section("Клиенты и деньги", [*self.churn(), self.indexation(), self.payments()]),
                Section("Пул", [self.pools(), *self.coverages()]),
                Section("Потребности", self.needs()),
                Section("Контакты", self.contacts()),
            ],
        )

    # --- what goals have in common ------------------------------------------------------------
    def days(self, period: Period | None = None) -> dict[str, str]:
        """A period as parts of a query."""
        found = period or self.year.so_far
        return {"since": found.since.isoformat(), "until": found.until.isoformat()}

    def target_url(self, kind: TargetKind) -> str:
        """Where the goal of the year is set."""
        asked = {
            "kind": kind.value,
            "span": TargetSpan.YEAR.value,
            "month": self.year.whole.since.isoformat(),
        }
        return f"{reverse('target_add')}?{urlencode(asked)}"

    def period_words(self) -> str:
        """«с начала года» or «за год»."""
        return "с начала года" if self.year.is_running else "за год"

    # --- clients and money --------------------------------------------------------------------
    def churn(self) -> list[Goal]:
        """Clients lost, by how many per cent fewer, what they paid."""
        found: ChurnYear = read_churn(self.user, self.reach, self.year)
        now, before = found.total.now, found.total.before
        days = self.days()
        rows = urlencode({"on_after": days["since"], "on_before": days["until"]})
        churns = f"{reverse('churns')}?{rows}"
        plan = f"{reverse('churn_plan')}?{urlencode({'year': self.year.number})}"
        months = [found.total.months.get(month) for month in self.year.months]
        shared: dict[str, Any] = {
            "at_most": True,
            "grows": True,
            "gone": self.year.gone,
            "period": self.period_words(),
            "trend_label": "по месяцам года",
        }
        return [
            Goal(
                "churn",
                "Отключения клиентов",
                Unit.COUNT,
                Decimal(now.clients),
                self.targets.of(TargetKind.DISCONNECTED),
                Decimal(before.clients),
                trend=[Decimal(lost.clients if lost else 0) for lost in months],
                rows_url=churns,
                target_url=self.target_url(TargetKind.DISCONNECTED),
                **shared,
            ),
            Goal(
                "churn_cut",
                "Отключений меньше, чем год назад",
                Unit.PERCENT,
                cut(now.clients, before.clients),
                found.goal_cut,
                period=self.period_words(),
                note=f"{now.clients} против {before.clients} к тому же дню",
                rows_url=plan,
                target_url=self.target_url(TargetKind.CHURN_CUT),
            ),
            Goal(
                "lost_revenue",
                "Потеря от отключений в месяц",
                Unit.ROUBLES,
                now.monthly,
                self.targets.of(TargetKind.LOST_REVENUE),
                before.monthly,
                trend=[lost.monthly if lost else Decimal(0) for lost in months],
                rows_url=churns,
                target_url=self.target_url(TargetKind.LOST_REVENUE),
                **shared,
            ),
        ]

    def indexation(self) -> Goal:
        """The weighted per cent agreed in the campaign of the year against the goal set for it,
        without one, against the weighted plan of its segments."""
        campaigns = {row.year: row for row in campaigns_for(self.user).exclude(status="draft")}
        sums = summarise_by(
            offers_for(self.user).filter(campaign__in=campaigns.values()), "campaign"
        )
        found = {year: sums.get((row.pk,)) for year, row in campaigns.items()}
        own, last = found.get(self.year.number), found.get(self.year.number - 1)
        campaign = campaigns.get(self.year.number)
        goal = self.targets.alone(TargetKind.INDEXATION)
        url = reverse("campaigns")
        if campaign is not None:
            asked = {"campaign": campaign.pk, "stage": OfferStage.AGREED.value}
            url = f"{reverse('offers')}?{urlencode(asked)}"
        return Goal(
            "indexation",
            "Индексация",
            Unit.PERCENT,
            own.fact_percent if own else None,
            goal if goal is not None else own.plan_percent if own else None,
            last.fact_percent if last else None,
            period=f"кампания {self.year.number} года",
            note=f"согласовано {own.agreed} из {own.offers}" if own else "кампании этого года нет",
            trend=[s.fact_percent if s else None for _, s in sorted(found.items())],
            trend_label="по кампаниям",
            rows_url=url,
            target_url=self.target_url(TargetKind.INDEXATION),
        )

    def payments(self) -> Goal:
        """Paid ÷ billed over the closed months of the year."""
        last = self.year.closed_month.since
        found = self._shares(self.year.whole.since, last, self.year.until)
        before = self._shares(
            year_before(self.year.whole.since), year_before(last), year_before(self.year.until)
        )
        months = [month for month in self.year.whole.months() if month <= last]
        return Goal(
            "payments",
            "% оплат",
            Unit.PERCENT,
            _summed(found).percent,
            self.targets.alone(TargetKind.PAYMENTS),
            _summed(before).percent,
            period="закрытые месяцы года",
            trend=[found[m].percent if m in found else None for m in months],
            trend_label="по месяцам года",
            rows_url=f"{reverse('payment_shares')}?{urlencode({'year': self.year.number})}",
            target_url=self.target_url(TargetKind.PAYMENTS),
        )

    def _shares(self, since: date, until: date, on: date) -> dict[date, Money]:
        return month_shares(self.user, since, until, on) if since <= until else {}

    # --- the pool -----------------------------------------------------------------------------
    def pools(self) -> Goal:
        """The share of green against the norm; held only where every colour is in norm."""
        until = self.year.until
        board = lamps.board(self.user, until, near=True)
        pool, norm = board.total.now, board.norm
        last = lamps.pool_as_of(year_before(until), user=self.user)
        units = [
            row
            for row in (board.roots[0].children if len(board.roots) == 1 else board.roots)
            if row.specialist is None and row.unit is not None
        ]
        kept = sum(all(row.now.in_norm(c, norm) for c in COLOURED) for row in units)
        asked = {} if until >= self.year.today else {"on": until.isoformat()}
        points = lamps.trend(self.user, until, months=TREND_MONTHS)
        return Goal(
            "pools",
            "Пул в норме: зелёные",
            Unit.PERCENT,
            percent_of(pool.green, pool.coloured),
            norm.green if board.on else None,
            percent_of(last.green, last.coloured) if last else None,
            holds=all(pool.in_norm(c, norm) for c in COLOURED) if pool.coloured else None,
            period="на сегодня" if not asked else "на конец года",
            note=(
                f"красных {_tenths(pool.share(Colour.RED))}, "
                f"жёлтых {_tenths(pool.share(Colour.YELLOW))}; "
                f"отделов в норме {kept} из {len(units)}"
                if pool.coloured
                else ""
            ),
            trend=[percent_of(p.pool.green, p.pool.coloured) for p in points],
            trend_label="за 12 месяцев",
            rows_url=f"{reverse('board')}?{urlencode(asked)}" if asked else reverse("board"),
            target_url=reverse("lamp_schemes"),
        )

    def coverages(self) -> list[Goal]:
        """Coverage of the last closed month, with the same month a year before."""
        month = self.year.closed_month
        then = Period.of(PeriodKind.MONTH, year_before(month.since))
        now, last = coverage(self.reach, month), coverage(self.reach, then)
        return [self._coverage(f, now, last, month) for f in (COVERAGE_MAIN, COVERAGE_KEY)]

    def _coverage(
        self, figure: Figure, now: Mapping[str, Share], last: Mapping[str, Share], month: Period
    ) -> Goal:
        share, before = now[figure.code], last[figure.code]
        norm = norm_of(figure, self.settings)
        return Goal(
            figure.code,
            figure.label,
            Unit.PERCENT,
            percent_of(share.part, share.whole),
            None if norm is None else Decimal(norm),
            percent_of(before.part, before.whole),
            period=month.label.lower(),
            note=f"{share.part} из {share.whole}",
            rows_url=self._figure(figure, month),
            target_url=reverse("settings"),
        )

    def _figure(self, figure: Figure, period: Period) -> str:
        asked = {"figure": figure.code, "which": "whole"} | self.days(period)
        return f"{reverse('figure_rows')}?{urlencode(asked)}"

    # --- needs --------------------------------------------------------------------------------
    def needs(self) -> list[Goal]:
        """Distinct clients that made each step in the year."""
        stages = list(NeedStage.objects.filter(is_on=True, code__in=STAGES).order_by("code"))
        now = total(stepped(self.reach, self.year.so_far, stages)).reached
        before = total(stepped(self.reach, self.year.before, stages))
        months = self._steps(stages)
        return [
            Goal(
                f"needs_{stage.code}",
                STAGES[stage.code],
                Unit.COUNT,
                Decimal(now[n].clients),
                self.targets.of(NEED_KINDS[stage.code][1]),
                # A year without a single step was not written down here.
                Decimal(before.reached[n].clients) if before.whole.needs else None,
                grows=True,
                gone=self.year.gone,
                period=self.period_words(),
                note=f"потребностей {now[n].needs}",
                trend=[Decimal(months.get((m, stage.pk), 0)) for m in self.year.months],
                trend_label="по месяцам года",
                rows_url=self._need_rows(stage),
                target_url=self.target_url(NEED_KINDS[stage.code][1]),
            )
            for n, stage in enumerate(stages)
        ]

    def _steps(self, stages: list[NeedStage]) -> dict[tuple[date, int], int]:
        """Clients that made a step in each month: those of a year are fewer than their sum."""
        period = self.year.so_far
        rows = NeedStep.objects.filter(on__range=(period.since, period.until), stage__in=stages)
        if not self.reach.everything:
            rows = rows.filter(self.reach.condition("need__unit", "need__author"))
        counted = rows.order_by().annotate(of_month=TruncMonth("on"))
        return {
            (month, stage): number
            for month, stage, number in counted.values_list("of_month", "stage_id").annotate(
                number=Count("need__client_id", distinct=True)
            )
        }

    def _need_rows(self, stage: NeedStage) -> str:
        asked = {"count": "stepped", "stage": stage.code, "clients": "1"} | self.days()
        return f"{reverse('need_rows')}?{urlencode(asked)}"

    # --- contacts -----------------------------------------------------------------------------
    def contacts(self) -> list[Goal]:
        """What clients say, and how well К2У are made."""
        months = month_scores(self.reach, self.year.so_far)
        before = _together(month_scores(self.reach, self.year.before))
        whole = _together(months)
        found = []
        for figure, kind, label in (
            (SATISFACTION, TargetKind.SATISFACTION, "Индекс удовлетворённости"),
            (QUALITY, TargetKind.K2_QUALITY, "Качество К2У"),
        ):
            name = "satisfaction" if figure is SATISFACTION else "quality"
            own = self.targets.alone(kind)
            norm = norm_of(figure, self.settings)
            share: Share = getattr(whole, name)
            last: Share = getattr(before, name)
            by_month = [
                getattr(months[m], name) if m in months else Share() for m in self.year.months
            ]
            found.append(
                Goal(
                    figure.code,
                    label,
                    Unit.PERCENT,
                    percent_of(share.part, share.whole),
                    own if own is not None else None if norm is None else Decimal(norm),
                    percent_of(last.part, last.whole),
                    period=self.period_words(),
                    note=f"К2У {whole.k2}" if figure is QUALITY else "",
                    trend=[percent_of(s.part, s.whole) for s in by_month],
                    trend_label="по месяцам года",
                    rows_url=self._figure(figure, self.year.so_far),
                    target_url=self.target_url(kind),
                )
            )
        return found


def _summed(shares: Mapping[date, Money]) -> Money:
    whole = Money()
    for share in shares.values():
        whole.add(share)
    return whole


def _together(months: Mapping[date, MonthScores]) -> MonthScores:
    return sum(months.values(), MonthScores())


def _tenths(value: Decimal | None) -> str:
    return percent(value)
