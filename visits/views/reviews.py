"""Pages of control points: the list, what is due next, one review with its figures."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.views.generic import TemplateView

from core import clock
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, ListPage, PolicyMixin
from visits.filters.reviews import ControlPointFilter
from visits.forms.reviews import (
    DecisionForm,
    DropReviewForm,
    HoldForm,
    MoveReviewForm,
    PlanReviewForm,
)
from visits.models import Agreement, ControlPoint
from visits.selectors import reviews as selectors
from visits.selectors.agreements import usual_due
from visits.services import agreements
from visits.services import reviews as services
from visits.tables.reviews import ControlPointTable

CRUMBS = [("Контрольные точки", "reviews")]


def crumbs() -> list[tuple[str, str]]:
    """The way to one review."""
    return [(label, reverse(name)) for label, name in CRUMBS]


class Reviews(ListPage):
    """Every control point in the user's scope, the newest first."""

    model = ControlPoint
    action = "view"
    table_class = ControlPointTable
    filterset_class = ControlPointFilter
    template_name = "visits/reviews/list.html"
    title = "Контрольные точки"
    page_key = "reviews"
    add_url_name = "review_add"
    add_label = "Новая контрольная точка"

    def get_queryset(self) -> Any:
        return selectors.with_decisions(super().get_queryset())


class DueReviews(PolicyMixin, TemplateView):
    """Which reviews nobody has planned yet, each with the day that its rhythm gives."""

    model = ControlPoint
    action = "add"
    template_name = "visits/reviews/due.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        today = clock.today()
        return super().get_context_data(
            proposals=selectors.proposals_for(self.request.user, today),
            crumbs=crumbs(),
            today=today,
            **kwargs,
        )


class PlanDueReviews(ActionPage):
    """All of them at once."""

    model = ControlPoint
    action = "add"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        try:
            planned = services.plan_next_reviews(actor=request.user, today=clock.today())
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return reverse("reviews_due")
        messages.success(request, f"Запланировано контрольных точек: {len(planned)}.")
        return reverse("reviews")


class ReviewCard(CardPage):
    """A review: figures, notes, decisions."""

    model = ControlPoint
    action = "view"
    template_name = "visits/reviews/review.html"

    def get_queryset(self) -> Any:
        return selectors.with_people(super().get_queryset())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: ControlPoint = self.object  # type: ignore[assignment]
        today = clock.today()
        may_change = policy_for(ControlPoint).can(self.request.user, "change", row)
        may_change = may_change and row.held_at is None
        return super().get_context_data(
            crumbs=crumbs(),
            sections=selectors.figures_of(row, today),
            decisions=selectors.decisions_of(row),
            may_change=may_change,
            may_hold=may_change and row.on <= today,
            form=decision_form(self.request.user, row) if may_change else None,
            today=today,
            **kwargs,
        )


def decision_form(user: Any, review: ControlPoint) -> DecisionForm:
    """An empty form of a decision, for the page of the review."""
    today = clock.today()
    return DecisionForm(user=user, review=review, on=today, usual=usual_due(today))


class PlanReview(FormPage):
    model = ControlPoint
    action = "add"
    form_class = PlanReviewForm
    title = "Новая контрольная точка"
    submit_label = "Запланировать"

    def get_initial(self) -> dict[str, Any]:
        asked = {name: self.request.GET.get(name) for name in ("kind", "specialist", "unit", "on")}
        return {"on": clock.today()} | {name: value for name, value in asked.items() if value}

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"on_day": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=crumbs(), **kwargs)

    def save(self, form: Any) -> ControlPoint:
        return services.plan_review(
            actor=self.request.user, values=form.values(), today=clock.today()
        )

    def back_url(self) -> str:
        return reverse("reviews")

    def done_url(self, obj: ControlPoint) -> str:
        return reverse("review", args=[obj.pk])


class ChangeReview(FormPage):
    """What forms of one existing review have in common."""

    model = ControlPoint
    action = "change"

    @property
    def review(self) -> ControlPoint:
        if not hasattr(self, "_review"):
            self._review: ControlPoint = self.seen(ControlPoint, self.kwargs["pk"])
            policy_for(ControlPoint).check(self.request.user, "change", self._review)
        return self._review

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.review
        about = row.specialist.short_name if row.specialist else str(row.unit)
        return super().get_context_data(
            crumbs=[*crumbs(), (str(row), self.back_url())], subheading=about, **kwargs
        )

    def back_url(self) -> str:
        return reverse("review", args=[self.review.pk])

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def fresh(self) -> ControlPoint:
        """A row of its own: the form writes what was typed into it."""
        return self.seen(ControlPoint, self.review.pk)


class MoveReview(ChangeReview):
    model = ControlPoint
    action = "change"
    form_class = MoveReviewForm
    title = "Изменить контрольную точку"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.fresh(), "on_day": clock.today()}

    def save(self, form: Any) -> ControlPoint:
        return services.update_review(
            actor=self.request.user,
            review=self.review,
            values=form.values(),
            today=clock.today(),
            version=form.seen_version,
        )


class HoldReview(ChangeReview):
    """The review took place: its figures are kept as they are."""

    model = ControlPoint
    action = "change"
    form_class = HoldForm
    template_name = "visits/reviews/hold.html"
    title = "Провести контрольную точку"
    submit_label = "Провести"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.fresh()}

    def save(self, form: Any) -> ControlPoint:
        return services.hold_review(
            actor=self.request.user,
            review=self.review,
            now=clock.now(),
            notes=form.cleaned_data["notes"],
            version=form.seen_version,
        )

    def done_url(self, obj: ControlPoint) -> str:
        messages.success(self.request, "Проведена. Показатели сохранены, решения стали задачами.")
        return super().done_url(obj)


class Decide(ChangeReview):
    """A decision becomes a task."""

    model = ControlPoint
    action = "change"
    form_class = DecisionForm
    title = "Решение"
    submit_label = "Записать решение"

    def get_form_kwargs(self) -> dict[str, Any]:
        today = clock.today()
        return super().get_form_kwargs() | {
            "review": self.review,
            "on": today,
            "usual": usual_due(today),
        }

    def save(self, form: Any) -> Agreement:
        values = form.values()
        client = values.pop("client", None)
        return agreements.add_agreement(
            actor=self.request.user,
            client=client,
            control_point=self.review,
            values=values,
            today=clock.today(),
        )


class DropReview(ChangeReview):
    model = ControlPoint
    action = "change"
    form_class = DropReviewForm
    template_name = "visits/reviews/drop.html"
    title = "Удалить контрольную точку"
    submit_label = "Удалить"

    def get_initial(self) -> dict[str, Any]:
        return {"version": self.review.version}

    def save(self, form: Any) -> None:
        services.drop_review(
            actor=self.request.user,
            review=self.review,
            version=form.cleaned_data["version"],
        )

    def done_url(self, obj: Any) -> str:
        messages.success(self.request, "Контрольная точка удалена.")
        return reverse("reviews")
