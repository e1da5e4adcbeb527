"""Pages of the staff's training."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse

from core import clock
from core.policy import policy_for
from core.views import ActionPage, CardPage, FormPage, ListPage
from visits.filters.reviews import StaffTrainingFilter
from visits.forms.trainings import AttendanceForm, InviteForm, StaffTrainingForm
from visits.models import Attendance, StaffTraining
from visits.selectors import reviews
from visits.selectors import trainings as selectors
from visits.services import trainings as services
from visits.tables.reviews import StaffTrainingTable


def crumbs() -> list[tuple[str, str]]:
    """The way to one lesson."""
    return [("Обучение сотрудников", reverse("staff_trainings"))]


class Trainings(ListPage):
    """Lessons of the user's people, or one's own."""

    model = StaffTraining
    action = "view"
    table_class = StaffTrainingTable
    filterset_class = StaffTrainingFilter
    title = "Обучение сотрудников"
    page_key = "staff_trainings"
    add_url_name = "staff_training_add"
    add_label = "Новое занятие"

    def get_queryset(self) -> Any:
        return selectors.with_counts(super().get_queryset(), self.request.user)


class TrainingCard(CardPage):
    model = StaffTraining
    action = "view"
    template_name = "visits/trainings/training.html"

    def get_queryset(self) -> Any:
        return super().get_queryset().select_related("unit")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: StaffTraining = self.object  # type: ignore[assignment]
        user = self.request.user
        rows = selectors.attendance_of(row, user)
        return super().get_context_data(
            crumbs=crumbs(),
            rows=rows,
            came=sum(bool(one.attended) for one in rows),
            marked=sum(one.attended is not None for one in rows),
            may_change=policy_for(StaffTraining).can(user, "change", row),
            may_invite=policy_for(Attendance).can(user, "add"),
            is_past=row.on <= clock.today(),
            **kwargs,
        )


class TrainingForm(FormPage):
    """A lesson, new or present."""

    model = StaffTraining
    action = "add"
    form_class = StaffTrainingForm
    title = "Новое занятие"

    @property
    def training(self) -> StaffTraining | None:
        if "pk" not in self.kwargs:
            return None
        if not hasattr(self, "_training"):
            self._training: StaffTraining = self.seen(StaffTraining, self.kwargs["pk"])
            policy_for(StaffTraining).check(self.request.user, self.action, self._training)
        return self._training

    def get_form_kwargs(self) -> dict[str, Any]:
        row = self.seen(StaffTraining, self.training.pk) if self.training else None
        return super().get_form_kwargs() | {"instance": row}

    def get_initial(self) -> dict[str, Any]:
        return {} if self.training else {"on": clock.today()}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(crumbs=crumbs(), **kwargs)

    def save(self, form: Any) -> StaffTraining:
        return services.save_staff_training(
            actor=self.request.user,
            values=form.values(),
            today=clock.today(),
            training=self.training,
            version=form.seen_version,
        )

    def back_url(self) -> str:
        if self.training:
            return reverse("staff_training", args=[self.training.pk])
        return reverse("staff_trainings")

    def done_url(self, obj: StaffTraining) -> str:
        return reverse("staff_training", args=[obj.pk])


class AddTraining(TrainingForm):
    model = StaffTraining
    action = "add"


class EditTraining(TrainingForm):
    model = StaffTraining
    action = "change"
    title = "Изменить занятие"


class OfTraining(FormPage):
    """What forms about the people of one lesson have in common."""

    model = Attendance
    action = "change"

    @property
    def training(self) -> StaffTraining:
        if not hasattr(self, "_training"):
            self._training: StaffTraining = self.seen(StaffTraining, self.kwargs["pk"])
        return self._training

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            crumbs=[*crumbs(), (str(self.training), self.back_url())],
            subheading=str(self.training),
            **kwargs,
        )

    def back_url(self) -> str:
        return reverse("staff_training", args=[self.training.pk])

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class Invite(OfTraining):
    model = Attendance
    action = "add"
    form_class = InviteForm
    title = "Пригласить"
    submit_label = "Пригласить"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"training": self.training, "on": clock.today()}

    def save(self, form: Any) -> list[Attendance]:
        today = clock.today()
        chosen = {one.pk: one for one in form.cleaned_data["employees"]}
        if unit := form.cleaned_data["unit"]:
            chosen |= {one.pk: one for one in reviews.staff_of(unit, today)}
        return services.invite(
            actor=self.request.user,
            training=self.training,
            employees=chosen.values(),
            today=today,
        )


class MarkAttendance(OfTraining):
    """Who came, in one form."""

    model = Attendance
    action = "change"
    form_class = AttendanceForm
    template_name = "visits/trainings/attendance.html"
    title = "Кто был"

    def get_form_kwargs(self) -> dict[str, Any]:
        rows = selectors.attendance_of(self.training, self.request.user)
        return super().get_form_kwargs() | {"rows": rows}

    def save(self, form: Any) -> list[Attendance]:
        return services.mark_attendance(
            actor=self.request.user,
            training=self.training,
            marks=form.marks(),
            today=clock.today(),
        )


class Uninvite(ActionPage):
    """An employee is taken off the list."""

    model = Attendance
    action = "delete"

    def perform(self, request: HttpRequest, **kwargs: Any) -> str:
        row = self.seen(Attendance, kwargs["pk"])
        try:
            services.uninvite(actor=request.user, attendance=row)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
        return reverse("staff_training", args=[row.training_id])
