"""`manage.py benchmark pages`: queries and server time of the pages at any number of clients.

Each page is asked for through Django's test client, all middleware included, as a director and
as a specialist. The data is that of `benchmark night`; a year of pool counts is added, so that
the board has its trend to draw.
"""

from argparse import ArgumentParser
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.db import connection
from django.urls import reverse

from accounts.enums import FeedCode, PositionKind, Role
from accounts.models import Client, Employee, Feed, Position, User
from core.benchmarks import Benchmark, Write, database, register
from core.benchmarks_pages import Page, browsers, goal_words, mark, measure
from lamps import selectors, services
from lamps.benchmarks import ON, fill
from lamps.models import Indicator, Lamp, Night

GOAL_MS = 100
PER_PAGE = 50
_LOGINS = {"директор": "benchmark-director", "специалист": "benchmark-specialist"}
# A year of counts like those of the last night.
_HISTORY = """
    INSERT INTO lamps_poolday ("on", unit_id, specialist_id, segment, red, yellow, green, none)
    SELECT p."on" - n, unit_id, specialist_id, segment, red, yellow, green, none
    FROM lamps_poolday p, generate_series(1, 365) n WHERE p."on" = %(on)s;
    INSERT INTO lamps_night ("on", computed_at)
    SELECT %(on)s::date - n, now() FROM generate_series(1, 365) n
"""


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("--clients", type=int, default=100_000, help="сколько клиентов")
    parser.add_argument("--base", type=int, default=10_000, help="с чем сравнить рост")
    parser.add_argument("--runs", type=int, default=9, help="сколько раз открыть страницу")
    parser.add_argument("--keep", action="store_true", help="не удалять базы после замера")


def run(options: dict[str, Any], write: Write) -> None:
    """Measure at the base size and at the asked one; print the pages and the goals."""
    sizes = sorted({min(options["base"], options["clients"]), options["clients"]})
    found = {}
    for clients in sizes:
        with database(f"lampa_benchmark_pages_{clients}", keep=options["keep"]):
            fill(clients, write)
            _prepare(write)
            found[clients] = _measure(options["runs"])
        _report(clients, found[clients], write)
    if len(found) > 1:
        _report_growth(found[sizes[0]], found[sizes[-1]], write)


def _prepare(write: Write) -> None:
    """Two people, two nights and a year of pool counts, unless they are there."""
    if User.objects.filter(username="benchmark-director").exists():
        return
    User.objects.create_user("benchmark-director", role=Role.MANAGER)
    someone = User.objects.create_user("benchmark-specialist", role=Role.SPECIALIST)
    employee = Employee.objects.exclude(clients=None).order_by("pk")[0]
    Employee.objects.filter(pk=employee.pk).update(user=someone)
    unit = Client.objects.filter(specialist=employee).values_list("unit", flat=True)[0]
    Position.objects.create(
        employee=employee, unit_id=unit, kind=PositionKind.SPECIALIST, starts_on=employee.hired_on
    )
    last = selectors.newest_night() or ON
    for on in (last + timedelta(days=1), last + timedelta(days=2)):
        Feed.objects.filter(code__in=FeedCode.values).update(fresh_through=on)
        services.compute_night(on)
    with connection.cursor() as cursor:
        first = Night.objects.order_by("on").values_list("on", flat=True)[0]
        cursor.execute(_HISTORY, {"on": first})
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("VACUUM (ANALYZE)")
    write(f"две ночи рассчитаны по {selectors.newest_night():%d.%m.%Y}")


def _pages() -> Iterator[Page]:
    """Everything that is measured."""
    director, specialist = _LOGINS
    lamps, board, clients = reverse("lamps"), reverse("board"), reverse("clients")
    total = Lamp.objects.count()
    middle, last = total // PER_PAGE // 2, -(-total // PER_PAGE)
    own = Employee.objects.get(user__username="benchmark-specialist")
    client = Client.objects.filter(specialist=own).order_by("pk")[0]
    unit, word = client.unit_id, client.sort_key.replace(" ", "+")
    yield Page(director, "пул", board)
    yield Page(director, "пул отдела", f"{board}?unit={unit}")
    yield Page(director, "пул сегмента", f"{board}?segment=retail")
    yield Page(director, "пул полгода назад", f"{board}?on={ON - timedelta(days=180)}")
    yield Page(director, "кто сменил цвет", reverse("board_changes"))
    for label, page in (("первая", 1), ("средняя", middle), ("последняя", last)):
        yield Page(director, f"лампочки, {label} страница", f"{lamps}?page={page}")
    codes = list(Indicator.objects.values_list("code", flat=True))
    sorts = ["colour", "name", "specialist", "total", "expiring", "since"]
    sorts += [f"{kind}_{code}" for kind in ("raw", "points") for code in codes]
    for sort in sorts:
        for sign in ("", "-"):
            for page in (1, middle):
                yield Page(
                    director,
                    f"порядок {sign}{sort}, стр. {page}",
                    f"{lamps}?sort={sign}{sort}&page={page}",
                )
    since = selectors.newest_night()
    for label, query in [
        ("цвет", "colour=red"),
        ("два цвета", "colour=yellow&colour=green"),
        ("отдел", f"unit={unit}"),
        ("специалист", f"specialist={own.pk}"),
        ("сегмент", "segment=network"),
        ("ключевые", "is_key=true"),
        ("скоро закончится", "expiring=any"),
        ("скоро закончится ЦОК", "expiring=cok"),
        ("цвет с", f"colour=red&since_after={since}"),
        ("поиск", f"q={word}"),
        ("ИНН", f"q={client.inn}"),
    ]:
        yield Page(director, f"фильтр: {label}", f"{lamps}?{query}")
    yield Page(director, "клиенты", clients)
    yield Page(director, "клиенты, поиск", f"{clients}?q={word}")
    yield Page(director, "клиенты, ИНН", f"{clients}?q={client.inn}")
    for who in (director, specialist):
        yield Page(who, "карточка", reverse("client", args=[client.pk]))
        yield Page(who, "карточка: лампочка", reverse("client_lamp", args=[client.pk]))
    yield Page(director, "панель: пулы", reverse("panel_pools"))
    yield Page(director, "панель: сменили цвет", reverse("panel_changes"))
    yield Page(specialist, "пул", board)
    yield Page(specialist, "лампочки", lamps)
    yield Page(specialist, "клиенты", clients)
    yield Page(specialist, "панель: мои лампочки", reverse("panel_my_lamps"))
    yield Page(specialist, "панель: скоро закончится", reverse("panel_expiring"))


def _measure(runs: int) -> list[Page]:
    pages = list(_pages())
    with browsers(_LOGINS) as asking:
        for page in pages:
            measure(page, asking, runs)
    return pages


def _report(clients: int, pages: list[Page], write: Write) -> None:
    write("")
    write(f"{clients:,} клиентов: запросов, медиана времени сервера")
    for page in pages:
        cost = f"{page.queries:3}  {page.ms:6.0f} мс{mark(page, GOAL_MS)}"
        write(f"  {page.who:11} {page.label:38} {cost}")
    write(goal_words(pages, GOAL_MS))


def _report_growth(small: list[Page], big: list[Page], write: Write) -> None:
    """Whether queries are the same at both sizes, and how the board fares."""
    differ = [b.label for a, b in zip(small, big, strict=True) if a.queries != b.queries]
    write("")
    write("Запросов поровну: " + ("да" if not differ else "нет — " + ", ".join(differ)))
    write(f"Пул директора: {small[0].ms:.0f} мс и {big[0].ms:.0f} мс")


register(Benchmark("pages", "запросы и время страниц", run, _arguments))
