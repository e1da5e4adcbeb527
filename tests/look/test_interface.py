"""Navigation by role, the theme of the cookie, pagination that may not count, filters in words."""

from types import SimpleNamespace

import django_filters
import django_tables2 as tables
import pytest
from django import forms
from django.core.paginator import Paginator
from django.template.loader import render_to_string
from django.test import RequestFactory
from django_tables2 import RequestConfig
from django_tables2.paginators import LazyPaginator

from core import context, navigation
from core.navigation import NavItem, NavSection
from core.templatetags import lampa


@pytest.fixture
def items(monkeypatch):
    monkeypatch.setattr(navigation, "_items", {})
    navigation.register(NavItem("home", "Сегодня", "home", order=1))
    navigation.register(NavItem("clients", "Клиенты", "users", order=2))
    navigation.register(
        NavItem("board", "Пул", "layout-dashboard", frozenset({"head", "manager"}), order=3)
    )
    navigation.register(NavItem("missing", "Будущее", "star", order=4))
    pages = {"home": "/", "clients": "/clients/", "board": "/board/"}
    monkeypatch.setattr(context, "address", lambda name: pages.get(name, ""))


def request_of(role, path="/", **extra):
    request = RequestFactory().get(path, **extra)
    request.user = SimpleNamespace(is_authenticated=bool(role), role=role)
    return request


@pytest.mark.parametrize(
    ("role", "labels"),
    [("specialist", ["Сегодня", "Клиенты"]), ("head", ["Сегодня", "Клиенты", "Пул"]), ("", [])],
)
def test_navigation_by_role(items, role, labels):
    assert [link.label for link in context.navigation(request_of(role))] == labels


def test_the_section_of_the_page_stands_open_and_empty_ones_are_left_out(items, monkeypatch):
    monkeypatch.setattr(navigation, "_sections", {})
    for order, code in enumerate(("work", "empty")):
        navigation.register_section(NavSection(code, code.title(), order))
    navigation.register(NavItem("clients", "Клиенты", "users", order=2, section="work"))
    for path, is_open in (("/", False), ("/clients/5/", True)):
        menu = context.menu(context.navigation(request_of("head", path)))
        assert [link.label for link in menu["top"]] == ["Сегодня", "Пул"]
        assert [(g.label, len(g.links), g.is_open) for g in menu["groups"]] == [
            ("Work", 1, is_open)
        ]


@pytest.mark.parametrize(
    ("path", "current"),
    [
        ("/", "Сегодня"),
        ("/clients/", "Клиенты"),
        ("/clients/5/visits/", "Клиенты"),
        ("/elsewhere/", None),
    ],
)
def test_the_section_is_marked(items, path, current):
    marked = [link.label for link in context.navigation(request_of("head", path)) if link.current]
    assert marked == ([current] if current else [])


@pytest.mark.parametrize(
    ("cookie", "theme"),
    [("dark", "dark"), ("light", "light"), ('x" onload="', "auto"), (None, "auto")],
)
def test_theme(items, cookie, theme):
    request = request_of("head")
    if cookie:
        request.COOKIES[context.THEME_COOKIE] = cookie
    assert context.interface(request)["theme"] == theme


class Rows(tables.Table):
    name = tables.Column("Клиент", attrs={"td": {"class": "cell-title"}})
    count = tables.Column("Число", orderable=False, attrs={"cell": {"class": "num"}})

    class Meta:
        empty_text = "Клиентов пока нет"


def table_html(rows, path="/?sort=name&q=x", paginator=Paginator, **extra):
    request = request_of("head", path)
    table = Rows(rows)
    RequestConfig(request, paginate={"per_page": 10, "paginator_class": paginator}).configure(table)
    table.context = extra
    return render_to_string("core/table.html", {"table": table, "request": request})


ROWS = [{"name": f"<Клиент {n:02}>", "count": n * 1000} for n in range(35)]


def test_table():
    html = table_html(ROWS, export_url="/lamps/")
    assert 'aria-sort="ascending"' in html
    assert html.count("aria-sort") == 1
    assert 'data-label="Клиент"' in html
    assert "&lt;Клиент 00&gt;" in html
    assert "35\u00a0записей" in html
    assert "/lamps/?sort=name&amp;q=x&amp;format=xlsx" in html
    assert 'name="sort" value="name"' in html
    assert 'tabindex="0" role="region"' in html


def test_table_without_a_count():
    html = table_html(ROWS, "/?page=2", LazyPaginator)
    assert "Записи 11–20" in html
    assert 'aria-current="page"' in html


def test_empty_table():
    assert "Клиентов пока нет" in table_html([], "/")
    assert "Ничего не найдено" in table_html([], "/?q=x")


@pytest.mark.parametrize(
    ("page", "window"),
    [
        (1, [1, 2, 3, None, 30]),
        (4, [1, 2, 3, 4, 5, 6, None, 30]),
        (15, [1, None, 13, 14, 15, 16, 17, None, 30]),
        (30, [1, None, 28, 29, 30]),
    ],
)
def test_pages_offered(page, window):
    assert lampa.page_window(Paginator(range(300), 10).page(page)) == window


class Filters(django_filters.FilterSet):
    q = django_filters.CharFilter(label="Поиск")
    colour = django_filters.MultipleChoiceFilter(
        label="Цвет",
        choices=[("red", "Красный"), ("green", "Зелёный")],
        widget=forms.CheckboxSelectMultiple,
    )
    key = django_filters.BooleanFilter(label="Ключевой")
    segment = django_filters.ChoiceFilter(label="Сегмент", choices=[("retail", "Розница")])
    on = django_filters.DateFromToRangeFilter(label="Дата")


def filters(query):
    request = request_of("head", "/clients/?" + query)
    rows = type("Rows", (list,), {"model": None, "all": lambda self: self})()
    return Filters(request.GET, queryset=rows, request=request), request


def test_filters_in_words():
    found, _ = filters("q=ром&colour=red&colour=green&key=true&on_after=2026-11-01&page=3")
    words = {row["label"]: row["value"] for row in lampa.active_filters(found.form)}
    assert words == {
        "Поиск": "ром",
        "Цвет": "Красный, Зелёный",
        "Ключевой": "да",
        "Дата": "с 01.11.2026",
    }


def test_filter_bar():
    found, request = filters("q=<b>&on_after=2026-11-01&page=3")
    html = render_to_string("components/filters.html", {"filter": found, "request": request})
    assert "<b>&lt;b&gt;</b>" in html
    assert 'href="/clients/?on_after=2026-11-01"' in html
    assert 'href="/clients/?q=%3Cb%3E"' in html
    assert html.count('type="date"') == 2
    assert 'aria-label="Дата: с"' in html
    assert html.count("Не важно") == 2
    assert "-----" not in html


def test_device():
    chrome = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36"
    assert lampa.device(chrome) == "Chrome, Linux"
    assert lampa.device("curl/8") == "curl/8"
    assert lampa.device("") == "Неизвестное устройство"
