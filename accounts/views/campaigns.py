"""Indexation campaigns: the list, the board, plans of segments, start and end."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import services
from accounts.enums import CampaignStatus, Segment, TargetKind, TargetSpan
from accounts.filters_money import CampaignFilter
from accounts.forms_money import CampaignForm, SegmentPlanForm
from accounts.models import IndexationCampaign, SegmentPlan, Target
from accounts.preferences import INDEXATION_LIMIT
from accounts.selectors import campaigns
from accounts.tables_money import CampaignTable
from accounts.views.base import SavingPage
from core import preferences
from core.policy import policy_for
from core.views import CardPage, ListPage, RowAction, TableFile


class CampaignList(ListPage):
    model = IndexationCampaign
    action = "view"
    table_class = CampaignTable
    filterset_class = CampaignFilter
    title = "Индексация"
    page_key = "campaigns"
    add_url_name = "campaign_add"
    add_label = "Новая кампания"

    def get_queryset(self) -> Any:
        return campaigns.campaigns_for(self.request.user)


def _columns(summary: Any, url: str, goal: Decimal | None = None) -> dict[str, Any]:
    """A row's numbers with the addresses of their rows; beside the fact, the goal of the year."""

    def to(**asked: Any) -> str:
        return f"{url}&{urlencode(asked)}" if asked else url

    return {
        "summary": summary,
        "goal": goal,
        "ahead": summary.fact_percent - goal
        if goal is not None and summary.fact_percent is not None
        else None,
        "url": to(),
        "stages": [
            (label, getattr(summary, code), to(stage=code))
            for code, label in (
                ("planned", "В плане"),
                ("offered", "Предложено"),
                ("agreed", "Согласовано"),
                ("refused", "Отказ"),
                ("exception", "Исключения ждут"),
            )
        ],
        "above_url": to(above_plan="true"),
    }


class CampaignBoard(TableFile, CardPage):
    """Where a campaign stands: by segment, by unit; each number opens its rows."""

    model = IndexationCampaign
    action = "view"
    template_name = "accounts/campaign.html"
    context_object_name = "campaign"

    file_title = "Ход индексации"

    def get_queryset(self) -> Any:
        return campaigns.campaigns_for(self.request.user)

    def file_rows(self) -> Iterator[list[Any]]:
        self.object = self.get_object()
        shown = self.get_context_data()
        stages = [label for label, *_ in shown["total"]["stages"]]
        yield [
            "Сегмент, подразделение", "Договоров", "План, %", "Факт, %", "Цель года, %",
            "Прогноз, %", *stages, "Выше плана", "Дней до согласия",
        ]  # fmt: skip
        total = [("Всего", shown["total"])]
        for label, row in [(r.label, c) for r, c in shown["segments"] + shown["units"]] + total:
            found = row["summary"]
            yield [
                label, found.offers, found.plan_percent, found.fact_percent, row["goal"],
                found.forecast_percent, *(count for _, count, _ in row["stages"]),
                found.above_plan, found.mean_days,
            ]  # fmt: skip

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign, user = self.object, self.request.user
        offers = campaigns.offers_for(user).filter(campaign=campaign)
        board = campaigns.read_board(offers, Segment.choices)
        listed = f"{reverse('offers')}?campaign={campaign.pk}"
        limit = preferences.read()[INDEXATION_LIMIT]
        goals = campaigns.goals_of(user, campaign.year)
        may = policy_for(IndexationCampaign).can(user, "change")
        return super().get_context_data(**kwargs) | {
            "board": board,
            "total": _columns(board.total, listed, goals.get(None)),
            "segments": [
                (row, _columns(row.summary, f"{listed}&segment={row.segment}"))
                for row in board.segments
            ],
            "units": [
                (
                    row,
                    _columns(
                        row.summary,
                        f"{listed}&unit={row.unit.pk}" if row.unit else listed,
                        goals.get(row.unit.pk) if row.unit else None,
                    ),
                )
                for row in board.units
            ],
            "limit": limit,
            "below_url": f"{listed}&below={limit}",
            "below": campaigns.below(offers, limit),
            "listed_url": listed,
            "has_goals": bool(goals),
            "goal_url": f"{reverse('target_add')}?"
            + urlencode(
                {
                    "kind": TargetKind.INDEXATION.value,
                    "span": TargetSpan.YEAR.value,
                    "month": f"{campaign.year}-01-01",
                }
            )
            if policy_for(Target).can(user, "add")
            else "",
            "may_change": may,
            "may_offer": campaign.status == CampaignStatus.RUNNING,
            "is_draft": campaign.status == CampaignStatus.DRAFT,
            "crumbs": [("Индексация", reverse("campaigns"))],
        }


class CampaignForms(SavingPage):
    """Forms that lead back to a campaign."""

    @property
    def campaign(self) -> IndexationCampaign | None:
        if "pk" not in self.kwargs:
            return None
        if not hasattr(self, "_campaign"):
            self._campaign = self.seen(IndexationCampaign, self.kwargs["pk"])
        return self._campaign

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Индексация", reverse("campaigns"))]
        if self.campaign:
            crumbs.append((str(self.campaign), reverse("campaign", args=[self.campaign.pk])))
        return super().get_context_data(**kwargs) | {"crumbs": crumbs}

    def back_url(self) -> str:
        if self.campaign:
            return reverse("campaign", args=[self.campaign.pk])
        return reverse("campaigns")


class CampaignAdd(CampaignForms):
    model = IndexationCampaign
    action = "add"
    form_class = CampaignForm
    title = "Новая кампания индексации"

    def save(self, form: Any) -> IndexationCampaign:
        return services.save_campaign(actor=self.request.user, values=form.values())

    def done_url(self, obj: IndexationCampaign) -> str:
        return reverse("campaign", args=[obj.pk])


class CampaignEdit(CampaignForms):
    model = IndexationCampaign
    action = "change"
    form_class = CampaignForm
    title = "Кампания индексации"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.campaign}

    def save(self, form: Any) -> IndexationCampaign:
        return services.save_campaign(
            actor=self.request.user,
            campaign=self.campaign,
            values=form.values(),
            version=form.seen_version,
        )

    def done_url(self, obj: IndexationCampaign) -> str:
        return self.back_url()


class PlanAdd(CampaignForms):
    model = SegmentPlan
    action = "add"
    form_class = SegmentPlanForm
    title = "План сегмента"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": SegmentPlan(campaign=self.campaign)}

    def save(self, form: Any) -> SegmentPlan:
        return services.save_plan(
            actor=self.request.user, values=form.values() | {"campaign": self.campaign}
        )

    def done_url(self, obj: SegmentPlan) -> str:
        return self.back_url()


class PlanEdit(CampaignForms):
    model = SegmentPlan
    action = "change"
    form_class = SegmentPlanForm
    title = "План сегмента"

    @property
    def plan(self) -> SegmentPlan:
        if not hasattr(self, "_plan"):
            rows = campaigns.plans_for(self.request.user)
            self._plan = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._plan

    @property
    def campaign(self) -> IndexationCampaign:
        return self.plan.campaign

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.plan}

    def save(self, form: Any) -> SegmentPlan:
        return services.save_plan(
            actor=self.request.user,
            plan=self.plan,
            values=form.values(),
            version=form.seen_version,
        )

    def done_url(self, obj: SegmentPlan) -> str:
        return self.back_url()


class CampaignButton(RowAction):
    """A button on a campaign, for the campaign as the person saw it."""

    model = IndexationCampaign
    action = "change"

    def page_of(self, row: IndexationCampaign) -> str:
        return reverse("campaign", args=[row.pk])


class CampaignStart(CampaignButton):
    done = "Кампания началась: цены и планы зафиксированы."

    def act(self, row: IndexationCampaign, version: int | None) -> None:
        services.start_campaign(actor=self.request.user, campaign=row, version=version)


class CampaignClose(CampaignButton):
    done = "Кампания завершена."

    def act(self, row: IndexationCampaign, version: int | None) -> None:
        services.close_campaign(actor=self.request.user, campaign=row, version=version)
