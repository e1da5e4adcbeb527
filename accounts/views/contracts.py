"""Contracts and prices: the list, the card, the forms; the share of payments."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import TemplateView

from accounts import services
from accounts.filters_money import ContractFilter
from accounts.forms_money import ContractForm, ContractPriceForm
from accounts.models import Contract, ContractPrice, Invoice, Unit
from accounts.selectors import contracts, payments
from accounts.selectors.facts import month_starts
from accounts.tables_money import ContractTable
from accounts.views.base import SavingPage
from accounts.views.clients import ClientPage
from core import clock
from core.policy import policy_for
from core.shares import half_up
from core.views import CardPage, ListPage, PolicyMixin, RowAction, TableFile

_MONEY = "?tab=money"


def _rounded(percent: Decimal | None) -> Decimal | None:
    return None if percent is None else half_up(percent, 1)


class ContractList(ListPage):
    model = Contract
    action = "view"
    table_class = ContractTable
    filterset_class = ContractFilter
    title = "Договоры"
    page_key = "contracts"

    def get_queryset(self) -> Any:
        return contracts.contracts_for(self.request.user, clock.today())


class ContractCard(CardPage):
    model = Contract
    action = "view"
    template_name = "accounts/contract.html"
    context_object_name = "contract"

    def get_queryset(self) -> Any:
        return contracts.contracts_for(self.request.user, clock.today())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        return super().get_context_data(**kwargs) | {
            "prices": contracts.prices_of(self.object),
            "on": clock.today(),
            "may_change": policy_for(Contract).can(user, "change"),
            "may_price": policy_for(ContractPrice).can(user, "change"),
            "crumbs": [
                ("Клиенты", reverse("clients")),
                (self.object.client.name, reverse("client", args=[self.object.client_id])),
            ],
        }


class ContractAdd(ClientPage):
    """A new contract of the client that the address names."""

    model = Contract
    action = "add"
    form_class = ContractForm
    title = "Новый договор"
    done_message = "Договор добавлен."

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = SavingPage.get_form_kwargs(self)
        return kwargs | {"initial": {"starts_on": clock.today()}}

    def save(self, form: Any) -> Contract:
        return services.save_contract(
            actor=self.request.user, values=form.values() | {"client": self.client}
        )

    def done_url(self, obj: Contract) -> str:
        return reverse("contract", args=[obj.pk])

    def back_url(self) -> str:
        return super().back_url() + _MONEY


class ContractPage(SavingPage):
    """A form about a contract, leading back to its card."""

    @property
    def contract(self) -> Contract:
        if not hasattr(self, "_contract"):
            self._contract = self.seen(Contract, self.kwargs["pk"])
        return self._contract

    def get_title(self) -> str:
        return f"{self.title}: {self.contract}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "crumbs": [
                ("Договоры", reverse("contracts")),
                (str(self.contract), self.back_url()),
            ]
        }

    def back_url(self) -> str:
        return reverse("contract", args=[self.contract.pk])

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class ContractEdit(ContractPage):
    model = Contract
    action = "change"
    form_class = ContractForm
    title = "Изменить"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.contract}

    def save(self, form: Any) -> Contract:
        return services.save_contract(
            actor=self.request.user,
            contract=self.contract,
            values=form.values(),
            version=form.seen_version,
        )


class PriceAdd(ContractPage):
    model = ContractPrice
    action = "add"
    form_class = ContractPriceForm
    title = "Новая цена"
    done_message = "Цена задана."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "instance": ContractPrice(contract=self.contract),
            "initial": {"effective_on": clock.today()},
        }

    def save(self, form: Any) -> ContractPrice:
        return services.set_price(
            actor=self.request.user, values=form.values() | {"contract": self.contract}
        )


class PriceEdit(ContractPage):
    model = ContractPrice
    action = "change"
    form_class = ContractPriceForm
    template_name = "accounts/price.html"
    title = "Цена"

    @property
    def price(self) -> ContractPrice:
        if not hasattr(self, "_price"):
            rows = contracts.prices_for(self.request.user)
            self._price = get_object_or_404(rows, pk=self.kwargs["pk"])
        return self._price

    @property
    def contract(self) -> Contract:
        return self.price.contract

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.price}

    def save(self, form: Any) -> ContractPrice:
        return services.set_price(
            actor=self.request.user,
            price=self.price,
            values=form.values(),
            version=form.seen_version,
        )


class PriceDelete(RowAction):
    model = ContractPrice
    action = "delete"
    done = "Цена удалена."

    def page_of(self, row: ContractPrice) -> str:
        return reverse("price_edit", args=[row.pk])

    def act(self, row: ContractPrice, version: int | None) -> str:
        services.delete_price(actor=self.request.user, price=row, version=version)
        return reverse("contract", args=[row.contract_id])


class PaymentShares(TableFile, PolicyMixin, TemplateView):
    """Paid ÷ billed by unit, employee and month over half a year."""

    model = Invoice
    action = "view"
    file_title = "Процент оплат"
    template_name = "accounts/payment_shares.html"
    months_shown = 6
    most_people = 60  # of more, each unit shows its own

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = self._found()
        people = [line for line in found["lines"] if line["row"].employee is not None]
        is_folded = found["unit"] is None and len(people) > self.most_people
        if is_folded:
            found["lines"] = [line for line in found["lines"] if line["row"].employee is None]
        return super().get_context_data(**kwargs) | found | {"is_folded": is_folded}

    def _found(self) -> dict[str, Any]:
        """What the address asks for: its months, and every row of its unit."""
        on = clock.today()
        months, words = month_starts(on, self.months_shown), "За полгода"
        year = self.request.GET.get("year", "")
        if re.fullmatch(r"20[0-9]{2}", year) and int(year) <= on.year:
            # The months of a year that are over, and the money that came by its end.
            on = min(on, date(int(year), 12, 31))
            over = on.month if on.month == 12 and on.day == 31 else on.month - 1
            months = [date(int(year), n, 1) for n in range(1, max(over, 1) + 1)]
            words = f"За {year} год"
        rows = payments.share_rows(self.request.user, months, on)
        unit = self._asked_unit()
        if unit is not None:
            rows = [row for row in rows if row.unit and row.unit.path.startswith(unit.path)]
        return {
            "months": months,
            "whole": words,
            "lines": [self._line(row, months) for row in rows],
            "is_empty": not any(row.months for row in rows),
            "unit": unit,
            "year": year,
            "on": on,
        }

    def _asked_unit(self) -> Unit | None:
        """The unit whose people the address asks for."""
        typed = self.request.GET.get("unit", "")
        number = int(typed) if re.fullmatch(r"[0-9]{1,18}", typed) else 0
        return self.visible(Unit).filter(pk=number).first() if number else None

    def file_rows(self) -> Iterator[list[Any]]:
        """The same rows as a file: percents and roubles as numbers."""
        found = self._found()
        months = [f"{month:%m.%Y}, %" for month in found["months"]]
        yield [
            "Подразделение, сотрудник",
            *months,
            f"{found['whole']}, %",
            "Выставлено, ₽",
            "Просрочено, ₽",
        ]
        for line in found["lines"]:
            row, total = line["row"], line["total"]
            name = "Итого" if line["is_total"] else row.employee or row.unit or "Без отдела"
            shares = [_rounded(share and share.percent) for _, share in line["shares"]]
            yield [str(name), *shares, _rounded(total.percent), total.billed, total.overdue]

    def _line(self, row: payments.ShareRow, months: list[date]) -> dict[str, Any]:
        return {
            "row": row,
            "level": min(row.depth, 3),
            "shares": [(month, row.months.get(month)) for month in months],
            "total": row.total,
            "is_total": row.unit is None and row.employee is None,
        }
