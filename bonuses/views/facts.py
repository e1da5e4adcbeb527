"""Bases of pay, additional sales, KPIs by hand."""

from typing import Any

from django.urls import reverse

from accounts.views.staff import StaffForm
from bonuses.filters import ManualFactFilter, PayBaseFilter, UpsellFilter
from bonuses.forms import ManualFactForm, PayBaseForm, UpsellForm
from bonuses.models import ManualFact, PayBase, Upsell
from bonuses.months import first_of, shifted
from bonuses.services import facts as services
from bonuses.tables import ManualFactTable, PayBaseTable, UpsellTable
from core import clock
from core.policy import policy_for
from core.views import ListPage, RowAction


class FactForm(StaffForm):
    """A form of one of these rows, new or present; below a present one the button to delete it."""

    template_name = "bonuses/fact_form.html"
    delete_url_name = ""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        deletes = {}
        if self.row:
            url = reverse(self.delete_url_name, args=[self.row.pk])
            deletes = {"delete_url": url, "delete_version": self.row.version}
        return super().get_context_data(**kwargs) | deletes


class FactDelete(RowAction):
    """Delete a row; a refusal is said on its list."""

    action = "delete"
    done = "Запись удалена."
    list_url_name = ""

    def page_of(self, row: Any) -> str:
        return reverse(self.list_url_name)


class PayBases(ListPage):
    """Bases of everybody: managers only."""

    model = PayBase
    table_class = PayBaseTable
    filterset_class = PayBaseFilter
    title = "Базы премий"
    page_key = "pay_bases"
    add_url_name = "pay_base_add"
    add_label = "Задать базу"

    def get_queryset(self) -> Any:
        return self.visible().select_related("employee")


class PayBaseAdd(FactForm):
    model = PayBase
    action = "add"
    form_class = PayBaseForm
    title = "Новая база"
    list_url_name, list_label = "pay_bases", "Базы премий"
    delete_url_name = "pay_base_delete"

    def get_initial(self) -> dict[str, Any]:
        return {"starts_on": first_of(clock.today())}

    def save(self, form: Any) -> PayBase:
        return services.save_pay_base(actor=self.request.user, values=form.values())


class PayBaseEdit(PayBaseAdd):
    action = "change"
    title = "База"

    def save(self, form: Any) -> PayBase:
        return services.save_pay_base(
            actor=self.request.user,
            values=form.values(),
            row=self.seen(PayBase, self.row.pk),
            version=form.seen_version,
        )


class PayBaseDelete(FactDelete):
    model = PayBase
    action = "delete"
    list_url_name = "pay_bases"

    def act(self, row: Any, version: int | None) -> None:
        services.delete_pay_base(actor=self.request.user, row=row, version=version)


class Upsells(ListPage):
    """Additional sales to the user's clients."""

    model = Upsell
    table_class = UpsellTable
    filterset_class = UpsellFilter
    title = "Допродажи ВКСП"
    page_key = "upsells"
    add_url_name = "upsell_add"
    add_label = "Записать допродажу"

    def get_queryset(self) -> Any:
        return self.visible().select_related("client", "employee", "author")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"may_change": policy_for(Upsell).can(self.request.user, "change")}


class UpsellAdd(FactForm):
    model = Upsell
    action = "add"
    form_class = UpsellForm
    title = "Новая допродажа"
    list_url_name, list_label = "upsells", "Допродажи ВКСП"
    delete_url_name = "upsell_delete"

    def get_initial(self) -> dict[str, Any]:
        return {"on": clock.today()}

    def save(self, form: Any) -> Upsell:
        return services.save_upsell(actor=self.request.user, values=form.values())


class UpsellEdit(UpsellAdd):
    action = "change"
    title = "Допродажа"

    def save(self, form: Any) -> Upsell:
        return services.save_upsell(
            actor=self.request.user,
            values=form.values(),
            row=self.seen(Upsell, self.row.pk),
            version=form.seen_version,
        )


class UpsellDelete(FactDelete):
    model = Upsell
    action = "delete"
    list_url_name = "upsells"

    def act(self, row: Any, version: int | None) -> None:
        services.delete_upsell(actor=self.request.user, row=row, version=version)


class ManualFacts(ListPage):
    """KPIs entered by hand, each with its document."""

    model = ManualFact
    table_class = ManualFactTable
    filterset_class = ManualFactFilter
    title = "Показатели вручную"
    page_key = "manual_facts"
    add_url_name = "manual_fact_add"
    add_label = "Внести показатель"

    def get_queryset(self) -> Any:
        return self.visible().select_related("employee", "kpi", "author")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"may_change": policy_for(ManualFact).can(self.request.user, "change")}


class ManualFactAdd(FactForm):
    model = ManualFact
    action = "add"
    form_class = ManualFactForm
    title = "Новый показатель вручную"
    list_url_name, list_label = "manual_facts", "Показатели вручную"
    delete_url_name = "manual_fact_delete"

    def get_initial(self) -> dict[str, Any]:
        return {"month": shifted(first_of(clock.today()), -1)}

    def save(self, form: Any) -> ManualFact:
        return services.save_manual_fact(actor=self.request.user, values=form.values())


class ManualFactEdit(ManualFactAdd):
    action = "change"
    title = "Показатель"

    def save(self, form: Any) -> ManualFact:
        return services.save_manual_fact(
            actor=self.request.user,
            values=form.values(),
            row=self.seen(ManualFact, self.row.pk),
            version=form.seen_version,
        )


class ManualFactDelete(FactDelete):
    model = ManualFact
    action = "delete"
    list_url_name = "manual_facts"

    def act(self, row: Any, version: int | None) -> None:
        services.delete_manual_fact(actor=self.request.user, row=row, version=version)
