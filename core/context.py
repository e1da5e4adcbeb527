"""What every page needs besides its own data: navigation, the user's links and the theme."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from core.navigation import all_sections, items_for

THEME_COOKIE = "lampa_theme"
THEMES = {"light": "Светлая", "dark": "Тёмная", "auto": "Как в системе"}


@dataclass(frozen=True)
class NavLink:
    """A navigation item ready to draw."""

    url: str
    label: str
    icon: str
    current: bool
    section: str = ""


@dataclass(frozen=True)
class NavGroup:
    """A folded section of the menu; open where the reader is."""

    label: str
    links: list[NavLink]

    @property
    def is_open(self) -> bool:
        return any(link.current for link in self.links)


def address(url_name: str) -> str:
    """The URL of a name, or nothing while no such page exists."""
    try:
        return reverse(url_name)
    except NoReverseMatch:
        return ""


def navigation(request: HttpRequest) -> list[NavLink]:
    """The main menu for this user, with the section of the current page marked."""
    role = getattr(request.user, "role", "") if hasattr(request, "user") else ""
    if not role or not request.user.is_authenticated:
        return []
    found = [(item, url) for item in items_for(role) if (url := address(item.url_name))]
    # The longest address that begins the path is the section; the home page is only itself.
    inside = [
        url
        for _, url in found
        if request.path == url or (url != "/" and request.path.startswith(url))
    ]
    section = max(inside, key=len, default="")
    return [
        NavLink(url, item.label, item.icon, url == section, item.section) for item, url in found
    ]


def menu(links: list[NavLink]) -> dict[str, Any]:
    """The menu in its parts: `top` stands open, `groups` are folded sections."""
    known = all_sections()
    groups = [
        NavGroup(section.label, [link for link in links if link.section == section.code])
        for section in known
    ]
    codes = {section.code for section in known}
    return {
        "top": [link for link in links if link.section not in codes],
        "groups": [group for group in groups if group.links],
    }


def account_links(request: HttpRequest) -> list[NavLink]:
    """The user's own pages that exist in this installation."""
    wanted = [
        ("usersessions_list", "Мои сеансы", "devices"),
        ("account_change_password", "Сменить пароль", "key"),
        ("mfa_index", "Второй фактор", "shield-lock"),
    ]
    return [
        NavLink(url, label, icon, request.path == url)
        for name, label, icon in wanted
        if (url := address(name))
    ]


def search_address(request: HttpRequest) -> str:
    """Where the search of the top bar leads; nowhere for those who have no clients."""
    return address("clients") if offers(request, "clients") else ""


def bell_address(request: HttpRequest) -> str:
    """Where the bell of the top bar asks what is due; nowhere for those who have no tasks."""
    return address("task_reminders") if offers(request, "tasks") else ""


def offers(request: HttpRequest, url_name: str) -> bool:
    """Whether the menu of this user has a page."""
    role = getattr(getattr(request, "user", None), "role", "")
    return bool(role) and any(item.url_name == url_name for item in items_for(role))


def user_name(request: HttpRequest) -> str:
    """How the user is called in the corner of the page."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return ""
    return user.get_full_name() or user.get_username()


def user_key(request: HttpRequest) -> str:
    """Under what the browser keeps the drafts of this user, apart from anybody else's."""
    user = getattr(request, "user", None)
    return str(user.pk) if user is not None and user.is_authenticated else ""


def theme_of(request: HttpRequest) -> str:
    """The chosen theme; the cookie is the reader's, so anything unknown means «как в системе»."""
    chosen = request.COOKIES.get(THEME_COOKIE, "auto")
    return chosen if chosen in THEMES else "auto"


def layout(request: HttpRequest) -> dict[str, str]:
    """Context processor: what a part of a page extends. By its own address it is a whole page."""
    asked_by_htmx = getattr(request, "htmx", False)
    return {"layout": "components/fragment.html" if asked_by_htmx else "components/alone.html"}


def interface(request: HttpRequest) -> dict[str, Any]:
    """Context processor. Lists are lazy and kept on the request: fragments do not pay for them."""
    kept = getattr(request, "_lampa_interface", None)
    if kept is None:
        kept = {
            "navigation": SimpleLazyObject(lambda: menu(navigation(request))),
            "account_links": SimpleLazyObject(lambda: account_links(request)),
            "user_name": SimpleLazyObject(lambda: user_name(request)),
            "user_key": SimpleLazyObject(lambda: user_key(request)),
            "theme": theme_of(request),
            "themes": THEMES,
            "home_url": address("home") or "/",
            "search_url": search_address(request),
            "bell_url": bell_address(request),
            "login_url": address("account_login"),
            "logout_url": address("account_logout"),
        }
        request._lampa_interface = kept  # type: ignore[attr-defined]
    return kept
