"""The walk: every route × method × persona × whose row, asked and judged."""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection, transaction
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.relations import RelatedField

from core.views import ListPage
from tests import canaries
from tests.access.expectations import (
    ADMIN,
    API,
    INTEGRATIONS,
    OPEN,
    PAGES,
    SEES_PAY,
    Page,
    scope,
)
from tests.conftest import api_of, browser_of
from tests.personas import CANARY, MISSING, PEOPLE, PERSONAS, SEES, STALE_KEYS, World

WHOSE = ("own", "colleague", "foreign", "missing")
# Not the work itself: sessions, caches, when a key was used, who looked at another's pay.
NOISE = {"django_session", "core_cache", "accounts_apitoken", "bonuses_sheetview"}
_CHANGING = re.compile(
    r'(csrfmiddlewaretoken" value="|X-CSRFToken": ?"|csrf-token" content=")[^"]+'
    r"|content-length: [0-9]+|expires=[^;]+;"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
)


@dataclass(frozen=True)
class Pattern:
    """A route as the resolver has it."""

    name: str
    template: str
    callback: Any

    @property
    def view(self) -> Any:
        return getattr(self.callback, "view_class", None) or getattr(self.callback, "cls", None)

    @property
    def actions(self) -> dict[str, str]:
        """DRF: method → action."""
        routed = getattr(self.callback, "actions", {})
        return {m: a for m, a in routed.items() if m in self.view.http_method_names}


def patterns(found: Any = None, prefix: str = "", space: str = "") -> Iterator[Pattern]:
    """Every route that the resolver knows."""
    for one in get_resolver().url_patterns if found is None else found:
        if isinstance(one, URLResolver):
            yield from patterns(one.url_patterns, prefix + str(one.pattern), one.namespace or space)
        elif isinstance(one, URLPattern):
            name = one.name or getattr(one.callback, "__name__", "")
            yield Pattern(
                f"{space}:{name}" if space else name, prefix + str(one.pattern), one.callback
            )


def address(template: str, values: dict[str, Any], default: Any) -> str:
    """The path of a template with its parameters filled in."""
    template = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", template)
    path = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: str(values.get(m[1], default)), template)
    return "/" + re.sub(r"[\^$?]|\\Z", "", path).replace("\\", "")


@dataclass
class Verdict:
    """What was wrong, and how much was asked."""

    cells: int = 0
    wrong: list[str] = field(default_factory=list)
    stop_at_first: bool = False

    def ask(self, told: str, problems: list[str]) -> bool:
        """Count a cell; False where the walk should stop."""
        self.cells += 1
        self.wrong += [f"{told}: {problem}" for problem in problems]
        return not (self.stop_at_first and self.wrong)


class Ledger:
    """Whether anything was written: cheap counters first, digests of tables where they moved."""

    def __init__(self) -> None:
        with connection.cursor() as cursor:
            self.tables = [
                table
                for table in connection.introspection.table_names(cursor)
                if table not in NOISE | {"django_migrations"}
            ]
        self.before = self.digests()
        self.count = self.counted()

    def moved(self) -> bool:
        """Whether a row was written since this was asked last, also where it was rolled back."""
        former, self.count = self.count, self.counted()
        return self.count != former

    def counted(self) -> int:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)"
                " FROM pg_stat_xact_user_tables WHERE relname <> ALL (%s)",
                [list(NOISE)],
            )
            return int(cursor.fetchone()[0])

    def digests(self) -> dict[str, str]:
        with connection.cursor() as cursor:
            found = {}
            for table in self.tables:
                cursor.execute(
                    "SELECT md5(coalesce(string_agg(t::text, ';' ORDER BY t::text), ''))"
                    f' FROM "{table}" t'
                )
                found[table] = cursor.fetchone()[0]
            return found

    def changed(self) -> list[str]:
        now = self.digests()
        return [table for table in self.tables if now[table] != self.before[table]]


class Walk:
    """Asks as every persona; each request in a savepoint of its own."""

    def __init__(
        self, world: World, personas: tuple[str, ...] = PERSONAS, *, stop_at_first: bool = False
    ) -> None:
        self.world, self.personas = world, personas
        self.verdict = Verdict(stop_at_first=stop_at_first)
        self.browsers = {p: browser_of(world, p) for p in personas if p in PEOPLE}
        self.callers = (*personas, *(STALE_KEYS if "writer" in personas else ()))
        self.apis = {p: api_of(world, p) for p in self.callers}
        for persona in INTEGRATIONS & set(personas):  # a key opens no page
            browser = browser_of(world, "anonymous")
            browser.defaults["HTTP_AUTHORIZATION"] = f"Bearer {world.keys[persona]}"
            self.browsers[persona] = browser
        self.ledger = Ledger()  # after the log-ins, which write

    # --- asking -----------------------------------------------------------------------------
    def ask(
        self, told: str, persona: str, expected: tuple[int, ...], send: Callable[[], Any],
        *, reads: bool, shows_all: bool = False,
    ) -> tuple[Any, str, bool]:  # fmt: skip
        """Send a request and judge its answer; the answer, its settled body, whether to go on."""
        problems: list[str] = []
        with transaction.atomic():
            response = send()
            body = canaries.text_of(response)
            if response.status_code not in expected:
                problems.append(f"{response.status_code}, not {' or '.join(map(str, expected))}")
            refused = response.status_code >= 400 or (response.status_code == 302 and reads)
            if self.ledger.moved() and (reads or refused) and (changed := self.ledger.changed()):
                problems.append(f"wrote {', '.join(changed)} and answered {response.status_code}")
            problems += self.leaks(persona, body, shows_all)
            transaction.set_rollback(True)
        go_on = self.verdict.ask(told, problems)
        return response, body, go_on

    def leaks(self, persona: str, body: str, shows_all: bool) -> list[str]:
        if shows_all:
            return []
        hidden = {CANARY[w] for w in CANARY if w not in SEES.get(persona, ())}
        if persona in {"anna", "boris", "zoya", "galina", "igor", "anonymous"}:
            hidden.add(canaries.STAFF_FOREIGN)
        told = [f"leaks {word}" for word in sorted(hidden) if word in body]
        paid = canaries.amounts_in(body) - SEES_PAY.get(persona, frozenset())
        return told + [f"leaks the pay of {whose}" for whose in sorted(paid)]

    def settled(self, response: Any, body: str, pk: Any) -> str:
        """An answer without what differs between any two requests."""
        body = body.replace(f"/{pk}/", "/PK/").replace(f'"{pk}"', '"PK"')
        return _CHANGING.sub("", body)

    # --- pages ------------------------------------------------------------------------------
    def pages(self, only: Callable[[str], bool] = lambda name: True) -> None:
        """Every page × GET, POST, DELETE × persona × whose row."""
        known = {p.name: p for p in patterns()}
        for key, page in PAGES.items():
            name = key.partition("#")[0]
            if only(name) and name in known and not self.page(key, known[name], page):
                return

    def page(self, key: str, pattern: Pattern, page: Page) -> bool:
        whose_all = self.whose_of(page.of, "<" in pattern.template)
        methods = ["get", "post"]
        exports = bool(pattern.view and issubclass(pattern.view, ListPage))
        for persona in self.personas:
            for method in methods:
                seen: dict[str, tuple[int, str]] = {}
                powerless = persona not in page.powers
                for whose in {whose_all[0]: 0, whose_all[-1]: 0} if powerless else whose_all:
                    pk = self.pk_of(page.of, whose)
                    values = {
                        "pk": pk,
                        "code": pk,
                        "rule": self.pk_of("lamps.schemeindicator", whose),
                    }
                    path = address(pattern.template, values, pk)
                    expected = self.page_expects(page, persona, method, whose)
                    browser = self.browsers[persona]
                    response, body, go_on = self.ask(
                        f"{key} {method.upper()} {persona} {whose}", persona, expected,
                        lambda b=browser, m=method, p=path: getattr(b, m)(p),
                        reads=method == "get", shows_all=page.shows_all,
                    )  # fmt: skip
                    if not go_on:
                        return False
                    seen[whose] = (response.status_code, self.settled(response, body, pk))
                if not self.alike(f"{key} {method.upper()} {persona}", page.of, persona, seen):
                    return False
            if exports:
                for kind in ("xlsx", "csv"):
                    expected = self.page_expects(page, persona, "get", whose_all[0])
                    pk = self.pk_of(page.of, whose_all[0])
                    path = address(pattern.template, {"pk": pk}, "") + f"?format={kind}"
                    *_, go_on = self.ask(
                        f"{key} {kind} {persona}", persona, expected,
                        lambda b=self.browsers[persona], p=path: b.get(p),
                        reads=True, shows_all=page.shows_all,
                    )  # fmt: skip
                    if not go_on:
                        return False
        return True

    def page_expects(self, page: Page, persona: str, method: str, whose: str) -> tuple[int, ...]:
        if persona in {"anonymous", "igor"} or persona in INTEGRATIONS:
            return (302,)
        if persona not in page.powers:
            return (403,)
        who = page.get if method == "get" else page.post
        if not who and (method == "get" or page.post is None):
            return (405,)
        if page.of and (whose == "missing" or whose not in scope(self.label(page.of), persona)):
            return (404,)
        if persona not in (who or ()):
            return (403,)
        return page.ok if method == "get" else page.done

    # --- routes that are nobody's in particular ---------------------------------------------
    def open_routes(self) -> None:
        for pattern in patterns():
            name = pattern.name
            if name not in OPEN and not name.startswith("admin:"):
                continue
            for persona in self.personas:
                stranger = persona in {"anonymous", "igor"} or persona in INTEGRATIONS
                if name.startswith("admin:"):
                    expected: tuple[int, ...] = (200, 302) if name == "admin:login" else (302,)
                    if persona in ADMIN:  # dictionaries and rescue
                        expected = (200, 302, 403, 404, 405)
                    elif not stranger and name == "admin:login":
                        expected = (403,)
                    elif name == "admin:logout":
                        expected = (302, 405)
                elif name in {"api-schema", "api-docs"} and persona in INTEGRATIONS:
                    expected = (200,)
                else:
                    expected = (OPEN[name][0 if stranger else 1],)
                path = address(pattern.template, {"app_label": "accounts"}, 1)
                path = path.replace(
                    "(:signup|inactive|email|confirm-email|login/code|password/(:set|reset))",
                    "signup",
                )
                *_, go_on = self.ask(
                    f"{name} GET {persona}", persona, expected,
                    lambda b=self.browsers[persona], p=path: b.get(p), reads=True,
                )  # fmt: skip
                if not go_on:
                    return

    # --- the API ----------------------------------------------------------------------------
    def api(self, only: Callable[[str], bool] = lambda prefix: True) -> None:
        """Every resource × method × persona × whose row."""
        for pattern in patterns():
            if not pattern.actions:
                continue
            prefix = pattern.name.removeprefix("api-").rpartition("-")[0]
            if prefix in API and only(prefix) and not self.resource(prefix, pattern):
                return

    def resource(self, prefix: str, pattern: Pattern) -> bool:
        route = API[prefix]
        detail = "<pk>" in pattern.template
        for persona in self.callers:
            for method in ("get", "post", "patch", "put", "delete"):
                action = pattern.actions.get(method)
                whose_all = self.whose_of(route.of, detail) if action else ("own",)
                if persona not in route.powers(action or ""):
                    whose_all = whose_all[:1]  # refused before any row is looked for
                seen: dict[str, tuple[int, str]] = {}
                for whose in whose_all:
                    pk = self.pk_of(route.of, whose)
                    row = self.world.rows.get(whose, {}).get(route.of)
                    path = address(pattern.template, {"pk": pk}, pk)
                    headers = {"HTTP_IF_MATCH": f'W/"{getattr(row, "version", 1)}"'}
                    expected = self.api_expects(route, persona, method, action, whose, detail)
                    response, body, go_on = self.ask(
                        f"api {pattern.name} {method.upper()} {persona} {whose}", persona, expected,
                        lambda m=method, p=path, h=headers, a=self.apis[persona]: (
                            a.get(p) if m == "get" else getattr(a, m)(p, {}, format="json", **h)
                        ),
                        reads=method == "get",
                    )  # fmt: skip
                    if not go_on:
                        return False
                    seen[whose] = (response.status_code, self.settled(response, body, pk))
                told = f"api {pattern.name} {method.upper()} {persona}"
                if detail and not self.alike(told, route.of, persona, seen):
                    return False
        return True

    def api_expects(
        self, route: Any, persona: str, method: str, action: str | None, whose: str, detail: bool
    ) -> tuple[int, ...]:
        if persona in {"anonymous", "igor", *STALE_KEYS}:
            return (401,)
        if persona == "reader" and method != "get":
            return (403,)
        if action is None:
            return (405,)
        if persona not in route.powers(action):
            return (403,)
        if not detail:
            return (200,) if method == "get" else (400,)
        if whose == "missing" or whose not in scope(route.of, persona):
            return (404,)
        if persona not in route.actions[action]:
            return (403,)
        usual = {"get": (200,), "delete": (204, 400)}.get(method, (200, 400))
        return route.answers.get(action, usual)

    # --- references: another's row named in a body or a filter -------------------------------
    def references(self, only: Callable[[str], bool] = lambda prefix: True) -> None:
        """Another's row named by its id must be as unknown as no row at all."""
        for pattern in patterns():
            prefix = pattern.name.removeprefix("api-").rpartition("-")[0]
            if not pattern.name.endswith("-list") or prefix not in API or not only(prefix):
                continue
            for persona in ("anna", "galina", "dmitry"):
                if persona in self.personas and not self.named_rows(prefix, pattern, persona):
                    return

    def named_rows(self, prefix: str, pattern: Pattern, persona: str) -> bool:
        view, path, api = pattern.view, address(pattern.template, {}, ""), self.apis[persona]
        asked: list[tuple[str, str, Any]] = []
        if persona in API[prefix].actions.get("create", ()):
            for name, one in view.serializer_class().get_fields().items():
                target = getattr(one, "child_relation", one)
                if isinstance(target, RelatedField) and not target.read_only:
                    asked.append(("body", name, target.queryset.model))
        if persona in API[prefix].actions.get("list", ()) and getattr(
            view, "filterset_class", None
        ):
            for name, one in view.filterset_class.base_filters.items():
                queryset = getattr(one, "queryset", None)
                if queryset is not None and hasattr(queryset, "model"):
                    asked.append(("filter", name, queryset.model))
        for where, name, model in asked:
            label = model._meta.label_lower
            hidden = [
                w for w in ("foreign", "colleague", "own")
                if label in self.world.rows[w] and w not in scope(label, persona)
            ]  # fmt: skip
            if not hidden:
                continue
            seen = {}
            for whose in (hidden[0], "missing"):
                pk = self.pk_of(label, whose)
                with transaction.atomic():
                    if where == "filter":
                        response = api.get(path, {name: pk})
                    else:
                        response = api.post(path, {name: pk}, format="json")
                        if response.status_code == 400 and not _named(response, name):
                            response = api.post(path, {name: [pk]}, format="json")
                    told = sorted(_named(response, name))
                    seen[whose] = (response.status_code, str(told).replace(str(pk), "PK"))
                    transaction.set_rollback(True)
            problems = [] if seen[hidden[0]] == seen["missing"] else [str(seen)]
            if seen["missing"][0] != 400:
                problems.append(f"a missing row is accepted: {seen['missing'][0]}")
            if not self.verdict.ask(f"{where} of {prefix}: {name} {persona}", problems):
                return False
        return True

    # --- shared -----------------------------------------------------------------------------
    def label(self, of: str) -> str:
        return {"planned": "visits.visit", "k2": "visits.visit"}.get(of, of)

    def whose_of(self, of: str, detail: bool) -> tuple[str, ...]:
        if not of or not detail:
            return ("",)
        if of in self.world.rows["office"]:
            return ("office", "missing")
        return tuple(w for w in WHOSE if w == "missing" or of in self.world.rows[w])

    def pk_of(self, of: str, whose: str) -> Any:
        row = self.world.rows.get(whose, {}).get(of)
        if row is None:
            return "nosuch" if of == "accounts.feed" else MISSING
        return row.pk

    def alike(self, told: str, of: str, persona: str, seen: dict[str, tuple[int, str]]) -> bool:
        """Another's row and a missing one must give the very same answer."""
        if "missing" not in seen:
            return True
        hidden = [w for w in seen if w != "missing" and w not in scope(self.label(of), persona)]
        problems = [f"{w} ≠ missing" for w in hidden if seen[w] != seen["missing"]]
        return self.verdict.ask(f"{told} foreign = missing", problems) if hidden else True


def _named(response: Any, name: str) -> list[str]:
    """What an answer of the API says about a field."""
    errors = response.json().get("errors", []) if response.status_code >= 400 else []
    return [e["message"] for e in errors if e["field"].split(".")[0] == name]


def walk_all(world: World, part: str, at_least: int) -> None:
    """Walk a part of the routes as everybody: nothing wrong, and not fewer cells than promised."""
    walk = Walk(world)
    logging.disable(logging.CRITICAL)  # thousands of refusals are meant
    try:
        getattr(walk, part)()
    finally:
        logging.disable(logging.NOTSET)
    wrong, cells = walk.verdict.wrong, walk.verdict.cells
    assert not wrong, "\n".join([f"{len(wrong)} of {cells}:", *wrong[:300]])
    assert cells >= at_least


def undeclared() -> list[str]:
    """Routes and actions that nobody wrote an expectation for, and expectations of no route."""
    wrong, pages, actions = [], set(), {}
    declared_pages = {key.partition("#")[0] for key in PAGES}
    for pattern in patterns():
        if pattern.actions:
            prefix = pattern.name.removeprefix("api-").rpartition("-")[0]
            actions.setdefault(prefix, set()).update(pattern.actions.values())
        elif not pattern.name.startswith("admin:"):
            pages.add(pattern.name)
            if pattern.name not in OPEN and pattern.name not in declared_pages:
                wrong.append(f"page {pattern.name} ({pattern.template}) has no expectation")
    wrong += [f"no such page: {k}" for k in PAGES if k.partition("#")[0] not in pages]
    for prefix, found in actions.items():
        declared = set(API[prefix].actions) if prefix in API else set()
        wrong += [f"api {prefix}.{one} has no expectation" for one in sorted(found - declared)]
        wrong += [f"api {prefix}.{one} is not routed" for one in sorted(declared - found)]
    wrong += [f"no such resource: {prefix}" for prefix in API if prefix not in actions]
    return wrong
