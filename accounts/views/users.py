"""Administrator's pages: accounts and keys of integrations."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts import services
from accounts.filters import ApiTokenFilter, UserFilter
from accounts.forms import TokenForm, TokenRotateForm, UserForm
from accounts.models import ApiToken, User
from accounts.tables import ApiTokenTable, UserTable
from accounts.views.base import SavingPage
from core import clock
from core.views import CardPage, ListPage


class UserList(ListPage):
    model = User
    action = "view"
    table_class = UserTable
    filterset_class = UserFilter
    title = "Пользователи"
    page_key = "users"
    add_url_name = "user_add"
    add_label = "Новый пользователь"

    def get_queryset(self) -> Any:
        return self.visible().select_related("employee")


class UserAdd(SavingPage):
    model = User
    action = "add"
    form_class = UserForm
    title = "Новый пользователь"
    done_message = "Учётная запись создана."

    def save(self, form: Any) -> User:
        return services.create_user(
            actor=self.request.user,
            values=form.values(),
            password=form.cleaned_data["password"],
            employee=form.cleaned_data["employee"],
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Пользователи", reverse("users"))]
        return super().get_context_data(**kwargs) | {"crumbs": crumbs}

    def back_url(self) -> str:
        return reverse("users")

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class UserEdit(UserAdd):
    model = User
    action = "change"
    title = "Пользователь"
    done_message = "Сохранено."

    @property
    def row(self) -> User:
        if not hasattr(self, "_row"):
            self._row = self.seen(User, self.kwargs["pk"])
        return self._row

    def get_title(self) -> str:
        return f"{self.title}: {self.row.username}"

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def save(self, form: Any) -> User:
        return services.update_user(
            actor=self.request.user,
            user=self.row,
            values=form.values(),
            version=form.seen_version,
            password=form.cleaned_data["password"],
            employee=form.cleaned_data["employee"],
        )


class TokenList(ListPage):
    model = ApiToken
    action = "view"
    table_class = ApiTokenTable
    filterset_class = ApiTokenFilter
    title = "Ключи API"
    add_url_name = "token_add"
    add_label = "Выдать ключ"

    def get_queryset(self) -> Any:
        return self.visible().select_related("user")

    def get_table_kwargs(self) -> dict[str, Any]:
        return {"now": clock.now()}


class TokenPage(SavingPage):
    """A form about keys: leads back to their list."""

    @property
    def row(self) -> ApiToken:
        if not hasattr(self, "_row"):
            self._row = self.seen(ApiToken, self.kwargs["pk"])
        return self._row

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        crumbs = [("Ключи API", reverse("tokens"))]
        return super().get_context_data(**kwargs) | {"crumbs": crumbs}

    def back_url(self) -> str:
        return reverse("tokens")

    def done_url(self, obj: Any) -> str:
        return self.back_url()


class KeyPage(TokenPage):
    """Makes a key and shows it in the very answer: no address leads to it again."""

    key = ""

    def form_valid(self, form: Any) -> HttpResponse:
        response = super(SavingPage, self).form_valid(form)
        if not self.key:
            return response
        shown = {"title": "Ключ выдан", "key": self.key, "back_url": self.back_url()}
        return render(self.request, "accounts/token.html", shown)


class TokenAdd(KeyPage):
    model = ApiToken
    action = "add"
    form_class = TokenForm
    title = "Новый ключ API"
    submit_label = "Выдать"

    def save(self, form: Any) -> ApiToken:
        token, self.key = services.issue_token(actor=self.request.user, **form.values())
        return token


class TokenEdit(TokenPage):
    """What a key may, from where and until when."""

    model = ApiToken
    action = "change"
    form_class = TokenForm
    title = "Ключ API"
    done_message = "Сохранено."

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"instance": self.row}

    def save(self, form: Any) -> ApiToken:
        return services.update_token(
            actor=self.request.user,
            token=self.row,
            values=form.values(),
            version=form.seen_version,
        )


class TokenRotate(KeyPage):
    """A new key in place of one that stays good for a while."""

    model = ApiToken
    action = "add"
    form_class = TokenRotateForm
    title = "Заменить ключ"
    submit_label = "Выдать новый"

    def get_initial(self) -> dict[str, Any]:
        return {"until": clock.now() + timedelta(days=7)}

    def save(self, form: Any) -> ApiToken:
        token, self.key = services.rotate_token(
            actor=self.request.user, token=self.row, **form.values()
        )
        return token

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        about = f"{self.row.name}, начало {self.row.prefix}"
        return super().get_context_data(**kwargs) | {"subheading": about}


class TokenRevoke(CardPage):
    """Asks before a key is ended."""

    model = ApiToken
    action = "revoke"
    template_name = "core/confirm.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        token: ApiToken = self.object
        return super().get_context_data(**kwargs) | {
            "title": "Отозвать ключ",
            "question": "Программа с этим ключом потеряет доступ сразу. Вернуть ключ нельзя.",
            "details": [("Ключ", token.name), ("Начало", token.prefix), ("От имени", token.user)],
            "submit_label": "Отозвать",
            "danger": True,
            "back_url": reverse("tokens"),
        }

    def post(self, request: Any, **kwargs: Any) -> HttpResponse:
        token = self.seen(ApiToken, kwargs["pk"])
        services.revoke_token(actor=request.user, token=token)
        return redirect("tokens")
