"""Units, employees, positions, substitutions, the dictionary of services."""

from collections.abc import Iterator
from typing import Any

from django.urls import reverse

from accounts import services
from accounts.filters import EmployeeFilter, PositionFilter, ServiceFilter, SubstitutionFilter
from accounts.forms import EmployeeForm, PositionForm, ServiceForm, SubstitutionForm, UnitForm
from accounts.models import Employee, Position, Service, Substitution, Unit
from accounts.selectors import staff
from accounts.tables import EmployeeTable, PositionTable, ServiceTable, SubstitutionTable
from accounts.views.base import SavingPage
from core import clock
from core.policy import policy_for
from core.views import CardPage, Fragment, ListPage, TableFile


class UnitTree(TableFile, Fragment):
    """The units as a tree with people and clients of each subtree."""

    model = Unit
    action = "view"
    template_name = "accounts/units.html"
    file_title = "Подразделения"

    def file_rows(self) -> Iterator[list[Any]]:
        yield ["Подразделение", "Вид", "Руководитель", "Сотрудников", "Клиентов"]
        for node in staff.unit_tree(self.request.user, clock.today()):
            heads = ", ".join(head.short_name for head in node.heads)
            unit = node.unit
            yield [str(unit), unit.get_kind_display(), heads, node.people, node.clients]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        policy = policy_for(Unit)
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "nodes": staff.unit_tree(user, clock.today()),
            "may_add": policy.can(user, "add"),
            "may_change": policy.can(user, "change"),
        }


class StaffForm(SavingPage):
    """A form of one row of staff, new or present; leads back to the list."""

    list_url_name = ""
    list_label = ""

    @property
    def row(self) -> Any:
        if "pk" not in self.kwargs:
            return None
        if not hasattr(self, "_row"):
            self._row = self.seen(self.model, self.kwargs["pk"])
        return self._row

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "crumbs": [(self.list_label, reverse(self.list_url_name))]
        }

    def get_title(self) -> str:
        return f"{self.title}: {self.row}" if self.row else self.title

    def back_url(self) -> str:
        return reverse(self.list_url_name)

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class UnitAdd(StaffForm):
    model = Unit
    action = "add"
    form_class = UnitForm
    title = "Новое подразделение"
    list_url_name, list_label = "units", "Подразделения"

    def save(self, form: Any) -> Unit:
        return services.save_unit(actor=self.request.user, values=form.values())


class UnitEdit(StaffForm):
    model = Unit
    action = "change"
    form_class = UnitForm
    title = "Подразделение"
    list_url_name, list_label = "units", "Подразделения"

    def save(self, form: Any) -> Unit:
        return services.save_unit(
            actor=self.request.user,
            unit=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class EmployeeList(ListPage):
    model = Employee
    action = "view"
    table_class = EmployeeTable
    filterset_class = EmployeeFilter
    title = "Сотрудники"
    page_key = "employees"
    add_url_name = "employee_add"
    add_label = "Новый сотрудник"

    def get_queryset(self) -> Any:
        return staff.employees_for(self.request.user, clock.today())


class EmployeeCard(CardPage):
    model = Employee
    action = "view"
    template_name = "accounts/employee.html"
    context_object_name = "employee"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user, employee = self.request.user, self.object
        seen = policy_for(Substitution).visible_to(user).select_related("absent", "substitute")
        return super().get_context_data(**kwargs) | {
            "positions": list(employee.positions.select_related("unit")),
            "pool": staff.pool_of(user, employee).count(),
            "away": list(seen.filter(absent=employee)[:20]),
            "stands_in": list(seen.filter(substitute=employee)[:20]),
            "may_change": policy_for(Employee).can(user, "change"),
            "may_place": policy_for(Position).can(user, "add"),
            "on": clock.today(),
        }


class EmployeeAdd(StaffForm):
    model = Employee
    action = "add"
    form_class = EmployeeForm
    title = "Новый сотрудник"
    list_url_name, list_label = "employees", "Сотрудники"

    def save(self, form: Any) -> Employee:
        return services.save_employee(actor=self.request.user, values=form.values())

    def done_url(self, obj: Employee) -> str:
        return reverse("employee", args=[obj.pk])


class EmployeeEdit(EmployeeAdd):
    model = Employee
    action = "change"
    title = "Сотрудник"

    def save(self, form: Any) -> Employee:
        return services.save_employee(
            actor=self.request.user,
            employee=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class PositionList(ListPage):
    model = Position
    action = "view"
    table_class = PositionTable
    filterset_class = PositionFilter
    title = "Должности"
    page_key = "positions"
    add_url_name = "position_add"
    add_label = "Назначить"

    def get_queryset(self) -> Any:
        return self.visible().select_related("employee", "unit")


class PositionAdd(StaffForm):
    """A position from a day on; `?employee=` names whose."""

    model = Position
    action = "add"
    form_class = PositionForm
    title = "Назначение на должность"
    list_url_name, list_label = "positions", "Должности"

    def get_initial(self) -> dict[str, Any]:
        return {"employee": self.request.GET.get("employee"), "starts_on": clock.today()}

    def save(self, form: Any) -> Position:
        return services.save_position(actor=self.request.user, values=form.values())

    def done_url(self, obj: Position) -> str:
        return reverse("employee", args=[obj.employee_id])


class PositionEdit(StaffForm):
    model = Position
    action = "change"
    form_class = PositionForm
    title = "Должность"
    list_url_name, list_label = "positions", "Должности"

    def save(self, form: Any) -> Position:
        return services.save_position(
            actor=self.request.user,
            position=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class SubstitutionList(ListPage):
    model = Substitution
    action = "view"
    table_class = SubstitutionTable
    filterset_class = SubstitutionFilter
    title = "Замещения"
    page_key = "substitutions"
    add_url_name = "substitution_add"
    add_label = "Новое замещение"

    def get_queryset(self) -> Any:
        return staff.substitutions_for(self.request.user)

    def get_table_kwargs(self) -> dict[str, Any]:
        may = policy_for(Substitution).can(self.request.user, "change")
        return {"may_change": may}


class SubstitutionAdd(StaffForm):
    model = Substitution
    action = "add"
    form_class = SubstitutionForm
    title = "Новое замещение"
    list_url_name, list_label = "substitutions", "Замещения"

    def get_initial(self) -> dict[str, Any]:
        return {"absent": self.request.GET.get("absent"), "starts_on": clock.today()}

    def save(self, form: Any) -> Substitution:
        return services.add_substitution(actor=self.request.user, values=form.values())


class SubstitutionEdit(StaffForm):
    model = Substitution
    action = "change"
    form_class = SubstitutionForm
    title = "Замещение"
    list_url_name, list_label = "substitutions", "Замещения"

    def save(self, form: Any) -> Substitution:
        return services.update_substitution(
            actor=self.request.user,
            substitution=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class ServiceList(ListPage):
    model = Service
    action = "change"  # a page of those who keep the dictionary
    table_class = ServiceTable
    filterset_class = ServiceFilter
    title = "Сервисы"
    add_url_name = "service_add"
    add_label = "Новый сервис"


class ServiceAdd(StaffForm):
    model = Service
    action = "add"
    form_class = ServiceForm
    title = "Новый сервис"
    list_url_name, list_label = "services", "Сервисы"

    def save(self, form: Any) -> Service:
        return services.save_service(actor=self.request.user, values=form.values())


class ServiceEdit(StaffForm):
    model = Service
    action = "change"
    form_class = ServiceForm
    title = "Сервис"
    list_url_name, list_label = "services", "Сервисы"

    def save(self, form: Any) -> Service:
        return services.save_service(
            actor=self.request.user,
            service=self.row,
            values=form.values(),
            version=form.seen_version,
        )
