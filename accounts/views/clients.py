"""Clients: the list, forms, handing over, disconnection."""

from typing import Any

from django.http import QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse

from accounts import selectors, services
from accounts.filters import ACTIVE, ChurnFilter, ClientFilter
from accounts.forms import (
    AssignForm,
    ClientForm,
    DisconnectForm,
    NewClientForm,
    OwnClientForm,
    PoolForm,
    ReconnectForm,
)
from accounts.models import Churn, Client, Employee
from accounts.selectors import staff
from accounts.tables import ChurnTable, ClientTable
from accounts.views.base import SavingPage
from core import clock
from core.policy import policy_for
from core.views import ListPage


class ClientList(ListPage):
    """Clients; those served now unless the reader searches or asks for others."""

    model = Client
    action = "view"
    table_class = ClientTable
    filterset_class = ClientFilter
    template_name = "accounts/clients.html"
    title = "Клиенты"
    page_key = "clients"
    add_url_name = "client_add"
    add_label = "Новый клиент"

    def get_queryset(self) -> Any:
        return selectors.clients_for(self.request.user)

    def get_filterset_kwargs(self, filterset_class: Any) -> dict[str, Any]:
        kwargs = super().get_filterset_kwargs(filterset_class)
        asked = self.request.GET
        if not asked.get("status") and not asked.get("q", "").strip():
            data = asked.copy() if asked else QueryDict(mutable=True)
            data["status"] = ACTIVE
            kwargs["data"] = data
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        may = policy_for(Client).can(self.request.user, "assign")
        return super().get_context_data(**kwargs) | {
            "transfer_url": reverse("client_transfer") if may else ""
        }


class ClientAdd(SavingPage):
    model = Client
    action = "add"
    form_class = NewClientForm
    title = "Новый клиент"
    submit_label = "Создать"
    done_message = "Клиент создан."

    def save(self, form: Any) -> Client:
        values = form.values()
        specialist = values.pop("specialist")
        return services.create_client(
            actor=self.request.user, values=values, specialist=specialist, on=clock.today()
        )

    def done_url(self, obj: Client) -> str:
        return reverse("client", args=[obj.pk])

    def back_url(self) -> str:
        return reverse("clients")


class ClientPage(SavingPage):
    """A form about one client, leading back to its card."""

    @property
    def client(self) -> Client:
        if not hasattr(self, "_client"):
            rows = selectors.clients_for(self.request.user)
            self._client = get_object_or_404(rows, pk=self.kwargs["pk"])
            policy_for(Client).check(self.request.user, self.action, self._client)
        return self._client

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs["initial"] = {"version": self.client.version, "on": clock.today()}
        return kwargs

    def get_title(self) -> str:
        return f"{self.title}: {self.client.name}"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**kwargs) | {
            "client": self.client,
            "crumbs": [("Клиенты", reverse("clients")), (self.client.name, self.back_url())],
        }

    def done_url(self, obj: Any) -> str:
        return self.back_url()

    def back_url(self) -> str:
        return reverse("client", args=[self.client.pk])


class ClientEdit(ClientPage):
    action = "change"
    title = "Изменить"
    model = Client

    def get_form_class(self) -> Any:
        whole = policy_for(Client).can(self.request.user, "change_requisites")
        return ClientForm if whole else OwnClientForm

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        del kwargs["initial"]
        return kwargs | {"instance": self.client}

    def save(self, form: Any) -> Client:
        return services.update_client(
            actor=self.request.user,
            client=self.client,
            values=form.values(),
            version=form.seen_version,
        )


class ClientAssign(ClientPage):
    model = Client
    action = "assign"
    form_class = AssignForm
    title = "Передать"
    submit_label = "Передать"
    done_message = "Клиент передан."

    def save(self, form: Any) -> Client:
        return services.assign_client(
            actor=self.request.user,
            client=self.client,
            specialist=form.cleaned_data["specialist"],
            on=form.cleaned_data["on"],
            version=form.cleaned_data["version"],
        )


class ClientDisconnect(ClientPage):
    model = Client
    action = "disconnect"
    form_class = DisconnectForm
    title = "Отключить"
    submit_label = "Отключить"
    done_message = "Отключение записано."

    def save(self, form: Any) -> Churn:
        return services.disconnect_client(
            actor=self.request.user,
            client=self.client,
            values=form.values(),
            version=form.cleaned_data["version"],
        )


class ClientReconnect(ClientPage):
    model = Client
    action = "disconnect"
    form_class = ReconnectForm
    title = "Подключить снова"
    submit_label = "Подключить"
    done_message = "Клиент подключён."

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs()
        kwargs["initial"]["specialist"] = self.client.specialist_id
        return kwargs

    def save(self, form: Any) -> Client:
        return services.reconnect_client(
            actor=self.request.user,
            client=self.client,
            on=form.cleaned_data["on"],
            specialist=form.cleaned_data["specialist"],
            version=form.cleaned_data["version"],
        )


class ClientTransfer(SavingPage):
    """Clients of one specialist handed to another: the whole pool or those ticked."""

    model = Client
    action = "assign"
    form_class = PoolForm
    template_name = "accounts/transfer.html"
    title = "Передача клиентов"
    submit_label = "Передать"
    moved = 0

    @property
    def source(self) -> Employee | None:
        """The specialist of the address whose clients are handed over."""
        if not hasattr(self, "_source"):
            typed = self.request.GET.get("specialist", "")
            number = int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 19 else None
            self._source = self.seen(Employee, number) if number else None
        return self._source

    def get_form_kwargs(self) -> dict[str, Any]:
        pool = staff.pool_of(self.request.user, self.source) if self.source else None
        return super().get_form_kwargs() | {
            "pool": Client.objects.none() if pool is None else pool,
            "initial": {"on": clock.today()},
        }

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs)
        form = context["form"]
        return context | {
            "source": self.source,
            "sources": staff.owners_for(self.request.user),
            "chosen": set(form.data.getlist("clients")) if form.is_bound else set(),
            "crumbs": [("Клиенты", reverse("clients"))],
        }

    def save(self, form: Any) -> Any:
        self.moved = services.assign_clients(
            actor=self.request.user,
            client_ids=form.client_ids(),
            specialist=form.cleaned_data["specialist"],
            on=form.cleaned_data["on"],
        )
        return form.cleaned_data["specialist"]

    def get_done_message(self) -> str:
        return f"Передано клиентов: {self.moved}."

    def done_url(self, obj: Employee) -> str:
        return f"{reverse('clients')}?specialist={obj.pk}"

    def back_url(self) -> str:
        return reverse("clients")


class ChurnList(ListPage):
    """Disconnected clients with the reasons."""

    model = Churn
    action = "view"
    table_class = ChurnTable
    filterset_class = ChurnFilter
    title = "Отключения"
    page_key = "churns"

    def get_queryset(self) -> Any:
        return self.visible().select_related("client", "client__unit", "cause")
