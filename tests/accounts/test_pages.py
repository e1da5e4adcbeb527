"""Pages: who gets them, what they say, how many queries they cost."""

from io import BytesIO

import django_filters
import openpyxl
import pytest
from django.urls import reverse

from accounts import services
from accounts.filters import ClientFilter
from accounts.models import Assignment, Client, Unit
from accounts.tables import ClientTable
from accounts.urls import urlpatterns
from core import columns, panels
from core.columns import Column
from core.models import AuditEntry, SavedFilter
from tests import canaries, factories
from tests.access.expectations import PAGES
from tests.conftest import browser_of

pytestmark = pytest.mark.django_db


def text_of(answer):
    return answer.content.decode()


# --- search ---------------------------------------------------------------------------------
@pytest.fixture
def fir(world):
    return factories.client(
        world.staff["anna"], world.noio1, name="ООО «Зелёная  Ёлка»", inn=factories.inn(424_242)
    )


@pytest.mark.parametrize(
    "typed",
    [
        "зелёная ёлка",
        "ЗЕЛЕНАЯ ЕЛКА",
        "елка   зелен",
        "  ёлка  ",
        "ел\u0301ка".replace("\u0301", ""),
        "е\u0308лка",  # «ё» of two characters
        "зелёная\u00a0ёлка",
        "зел\u00adёная",  # a soft hyphen
        factories.inn(424_242),
        factories.inn(424_242)[3:],
        "ёлка " + factories.inn(424_242)[:6],
    ],
)
def test_search_finds_blindly(fir, client_as, typed):
    page = text_of(client_as("anna").get(reverse("clients"), {"q": typed}))
    assert "Зелёная" in page


@pytest.mark.parametrize("typed", ["сосна", "ёлка сосна", "%", "_", "\\", "елка%"])
def test_search_finds_no_more(fir, client_as, typed):
    page = text_of(client_as("anna").get(reverse("clients"), {"q": typed}))
    assert "Зелёная" not in page
    assert "Ничего не найдено" in page


def test_search_stays_within_the_scope(world, client_as):
    page = text_of(client_as("anna").get(reverse("clients"), {"q": canaries.FOREIGN}))
    assert reverse("client", args=[world.clients["foreign"].pk]) not in page


# --- list -----------------------------------------------------------------------------------
def lines(answer):
    return answer.content.decode("utf-8-sig").splitlines()


def listed(browser, **query):
    rows = b"".join(browser.get(reverse("clients"), query | {"format": "csv"}).streaming_content)
    return rows.decode("utf-8-sig").splitlines()[1:]


def test_filters_of_the_list(world, client_as, today):
    browser = client_as("elena")
    big = factories.client(world.staff["vera"], world.noio2, segment="network", is_key=True)
    assert len(listed(browser)) == 5
    assert len(listed(browser, segment="network")) == 1
    assert len(listed(browser, is_key="true")) == 1
    assert len(listed(browser, unit=world.division.pk)) == 4  # the subtree
    assert len(listed(browser, unit=world.noio2.pk)) == 2
    assert len(listed(browser, specialist=world.staff["anna"].pk)) == 1
    services.disconnect_client(
        actor=world.users["elena"], client=big, values={"on": today, "reason": "цена"}
    )
    assert len(listed(browser)) == 4  # those served now, unless asked otherwise
    assert len(listed(browser, status="disconnected")) == 1
    assert len(listed(browser, status="all")) == 5
    assert len(listed(browser, q=big.inn)) == 1  # a search finds the lost ones too
    assert len(listed(browser, connected_on_after=today.isoformat())) == 0


def test_a_filter_offers_only_what_one_sees(world, client_as):
    page = text_of(client_as("galina").get(reverse("clients")))
    assert "Анна-Фамилия" in page
    assert "Вера-Фамилия" not in page


def test_the_list_as_excel_has_all_rows_and_no_formula(world, client_as):
    for number in range(60):
        factories.client(world.staff["anna"], world.noio1, name=f"=1+{number}")
    answer = client_as("anna").get(reverse("clients"), {"format": "xlsx"})
    book = openpyxl.load_workbook(BytesIO(b"".join(answer.streaming_content)))
    rows = list(book.active.iter_rows(values_only=True))
    assert len(rows) == 62
    heads = list(rows[0])
    assert rows[1][heads.index("Название")].startswith("=1+")
    assert book.active.cell(2, heads.index("Название") + 1).data_type == "s"
    assert rows[1][heads.index("Специалист")] == str(world.staff["anna"])


@pytest.mark.parametrize("name", ["clients", "employees", "positions", "substitutions", "churns"])
def test_lists_cost_the_same_for_few_rows_and_many(world, count_queries, name):
    def cost():
        browser = browser_of(world, "elena")
        browser.get(reverse(name))
        with count_queries() as queries:
            assert browser.get(reverse(name)).status_code == 200
        return len(queries)

    few = cost()
    for _ in range(60):
        person = factories.employee(world.noio1)
        client = factories.client(person, world.noio1)
        factories.churn(client)
        factories.substitution(person, world.staff["zoya"])
    assert cost() == few


def test_three_and_three_hundred_clients(world, count_queries):
    def cost():
        browser = browser_of(world, "elena")
        browser.get(reverse("clients"))
        with count_queries() as queries:
            browser.get(reverse("clients"), {"per_page": 300, "sort": "specialist"})
        return len(queries)

    few = cost()
    for _ in range(300):
        factories.client(world.staff["anna"], world.noio1)
    assert cost() == few


def test_sorting_by_each_column(world, client_as):
    browser = client_as("elena")
    for name in ClientTable.base_columns:
        for sign in ("", "-"):
            answer = browser.get(reverse("clients"), {"sort": sign + name})
            assert answer.status_code == 200, name


def test_a_filter_is_kept_under_a_name(world, client_as):
    browser = client_as("anna")
    browser.post(
        reverse("saved_filter_add"),
        {"page": "clients", "name": "Сети", "query": "segment=network", "next": "/clients/"},
    )
    assert SavedFilter.objects.filter(user=world.users["anna"], name="Сети").exists()
    assert "?segment=network" in text_of(browser.get(reverse("clients")))


# --- columns from the apps above -------------------------------------------------------------
def test_a_column_from_above_is_loaded_once_a_page(world, client_as, monkeypatch):
    calls = []

    def load(ids):
        calls.append(list(ids))
        return {pk: f"<b>№{pk}</b>" for pk in ids if pk != world.clients["nobody"].pk}

    monkeypatch.setattr(columns, "_columns", {})
    columns.register(
        "client",
        Column(
            "probe",
            "Проба",
            load,
            html=lambda v: v,
            plain=lambda v: v.strip("<>/b"),
            filters=lambda: {"probe": django_filters.NumberFilter(field_name="pk")},
        ),
    )
    page = text_of(client_as("elena").get(reverse("clients")))
    assert (len(calls), len(calls[0])) == (1, 4)
    own = world.clients["own"].pk
    assert f"&lt;b&gt;№{own}&lt;/b&gt;" in page  # what a column says is text unless marked safe
    assert "Проба" in page
    rows = listed(client_as("elena"))
    assert any(f"№{own}" in line for line in rows)
    assert len(calls) == 2
    assert "probe" in ClientFilter.get_filters()
    card = text_of(client_as("elena").get(reverse("client", args=[own])))
    assert f"№{own}" in card


def test_the_lamp_is_a_column(world, client_as):
    page = text_of(client_as("elena").get(reverse("clients")))
    assert "Лампочка" in page


# --- card -----------------------------------------------------------------------------------
def test_the_card_names_whoever_stands_in(world, client_as):
    page = text_of(client_as("zoya").get(reverse("client", args=[world.clients["own"].pk])))
    assert "замещает Зоя-Фамилия" in page
    assert "26.09.2026" in page  # the last day, not the first one without


@pytest.mark.parametrize("tab", ["overview", "money", "usage", "history"])
def test_tabs_are_parts_and_pages(world, client_as, tab):
    client = world.clients["own"]
    browser = client_as("anna")
    card = text_of(browser.get(reverse("client", args=[client.pk]), {"tab": tab}))
    assert f'hx-get="{reverse(f"client_{tab}", args=[client.pk])}"' in card
    part = text_of(
        browser.get(reverse(f"client_{tab}", args=[client.pk]), headers={"HX-Request": "true"})
    )
    assert "<html" not in part
    whole = text_of(browser.get(reverse(f"client_{tab}", args=[client.pk])))
    assert "<html" in whole
    assert client.name in whole
    foreign = browser.get(reverse(f"client_{tab}", args=[world.clients["foreign"].pk]))
    assert foreign.status_code == 404


def test_the_card_of_a_client_without_anything(world, client_as, today):
    bare = factories.client(None, None)
    browser = client_as("elena")
    assert "не закреплён" in text_of(browser.get(reverse("client", args=[bare.pk])))
    said = {
        "overview": "Следующий контакт не запланирован",
        "money": "Счетов за год нет",
        "usage": "Прав на услуги нет",
        "history": "никто не вёл",
    }
    for tab, words in said.items():
        assert words in text_of(browser.get(reverse(f"client_{tab}", args=[bare.pk]))), tab


def test_history_pages_back(world, client_as):
    client = world.clients["own"]
    for number in range(60):
        services.update_client(
            actor=world.users["elena"], client=client, values={"portrait": f"п{number}"}
        )
    browser = client_as("anna")
    first = text_of(browser.get(reverse("client_history", args=[client.pk])))
    assert "п59" in first
    last = AuditEntry.objects.order_by("-pk")[49].pk
    assert f"before={last}" in first.replace("\u00a0", "")
    older = text_of(browser.get(reverse("client_history", args=[client.pk]), {"before": last}))
    assert "п5<" in older
    assert "Кто вёл клиента" not in older
    assert (
        browser.get(reverse("client_history", args=[client.pk]), {"before": "x" * 30}).status_code
        == 200
    )


# --- forms ----------------------------------------------------------------------------------
def test_a_specialist_is_offered_the_portrait_alone(world, client_as):
    address = reverse("client_edit", args=[world.clients["own"].pk])
    browser = client_as("anna")
    page = text_of(browser.get(address))
    assert 'name="portrait"' in page
    assert 'name="inn"' not in page
    answer = browser.post(address, {"portrait": "новый", "name": "ЧУЖОЕ", "version": "1"})
    assert answer.status_code == 302
    client = Client.objects.get(pk=world.clients["own"].pk)
    assert (client.portrait, client.name) == ("новый", world.clients["own"].name)


def test_a_conflict_shows_both_and_loses_nothing(world, client_as):
    client = world.clients["own"]
    address = reverse("client_edit", args=[client.pk])
    services.update_client(
        actor=world.users["galina"], client=client, values={"portrait": "от Галины"}
    )
    browser = client_as("anna")
    answer = browser.post(address, {"portrait": "от Анны", "version": "1"})
    page = text_of(answer)
    assert answer.status_code == 409
    assert "от Галины" in page
    assert "от Анны" in page
    assert browser.post(address, {"portrait": "от Анны", "version": "2"}).status_code == 302


def test_a_new_client_by_its_form(world, client_as, today):
    values = {
        "name": "ООО «Новый»",
        "inn": factories.inn(515_151),
        "kpp": "770101001",
        "segment": "retail",
        "connected_on": today.isoformat(),
        "specialist": world.staff["boris"].pk,
    }
    browser = client_as("galina")
    wrong = browser.post(reverse("client_add"), values | {"inn": "7700000001"})
    assert wrong.status_code == 422
    assert "Контрольные цифры" in text_of(wrong)
    stranger = browser.post(reverse("client_add"), values | {"specialist": world.staff["vera"].pk})
    assert stranger.status_code == 422
    answer = browser.post(reverse("client_add"), values, follow=True)
    assert "Клиент создан." in text_of(answer)
    assert Assignment.objects.filter(client__inn=values["inn"]).exists()


def test_one_client_is_handed_over_lost_and_won_back(world, client_as, today):
    client, browser = world.clients["own"], client_as("galina")
    day = {"on": today.isoformat()}

    def post(name, **values):
        version = Client.objects.get(pk=client.pk).version
        return browser.post(
            reverse(name, args=[client.pk]), day | {"version": version} | values
        ).status_code

    assert post("client_assign", specialist=world.staff["boris"].pk) == 302
    assert post("client_assign", specialist=world.staff["anna"].pk, version=1) == 409
    assert post("client_disconnect", reason="") == 422
    assert post("client_disconnect", reason="цена", lost_monthly="10,5") == 302
    assert post("client_disconnect", reason="цена") == 422
    assert post("client_reconnect") == 302
    client.refresh_from_db()
    assert (client.is_active, client.specialist) == (True, world.staff["boris"])


def test_a_pool_is_handed_over_by_ticks_or_whole(world, client_as, today):
    for _ in range(3):
        factories.client(world.staff["anna"], world.noio1)
    address = f"{reverse('client_transfer')}?specialist={world.staff['anna'].pk}"
    browser = client_as("galina")
    choice = text_of(browser.get(reverse("client_transfer")))
    assert "Анна-Фамилия" in choice
    assert "Вера-Фамилия" not in choice
    values = {"specialist": world.staff["zoya"].pk, "on": today.isoformat()}
    assert browser.post(address, values).status_code == 422
    foreign = browser.post(address, values | {"clients": [world.clients["foreign"].pk]})
    assert foreign.status_code == 422
    ticked = browser.post(address, values | {"clients": [world.clients["own"].pk]}, follow=True)
    assert "Передано клиентов: 1." in text_of(ticked)
    whole = browser.post(address, values | {"whole": "on"}, follow=True)
    assert "Передано клиентов: 3." in text_of(whole)
    assert Client.objects.filter(specialist=world.staff["zoya"]).count() == 4
    for typed in ("987654321", "x", "9" * 30):
        answer = browser.get(reverse("client_transfer"), {"specialist": typed})
        assert answer.status_code == (404 if typed == "987654321" else 200)
    hidden = browser.get(reverse("client_transfer"), {"specialist": world.staff["vera"].pk})
    assert hidden.status_code == 404


def test_staff_forms_write(world, client_as, today):
    browser = client_as("elena")
    unit = {"name": "Группа", "kind": "department", "parent": world.noio1.pk, "is_active": "on"}
    assert browser.post(reverse("unit_add"), unit).status_code == 302
    made = Unit.objects.get(name="Группа")
    loop = unit | {"parent": made.pk, "version": made.version}
    answer = browser.post(reverse("unit_edit", args=[made.pk]), loop)
    assert answer.status_code == 422
    assert "не может входить в само себя" in text_of(answer)
    person = {"last_name": "Новая", "first_name": "Яна", "hired_on": today.isoformat()}
    answer = browser.post(reverse("employee_add"), person)
    card = answer.url
    assert "Должности нет" in text_of(browser.get(card))
    pk = int(card.strip("/").split("/")[-1])
    place = {"employee": pk, "unit": made.pk, "kind": "head", "starts_on": today.isoformat()}
    assert browser.post(reverse("position_add"), place).status_code == 302
    second = place | {"unit": world.noio2.pk, "kind": "specialist"}
    assert browser.post(reverse("position_add"), second).status_code == 302
    assert "НОИО 2" in text_of(browser.get(card))
    away = {
        "absent": pk,
        "substitute": world.staff["vera"].pk,
        "starts_on": today.isoformat(),
        "ends_on": today.isoformat(),
    }
    assert browser.post(reverse("substitution_add"), away).status_code == 422
    service = {"code": "probe", "label": "Проба", "order": "9"}
    assert browser.post(reverse("service_add"), service).status_code == 302
    feed = {"fresh_through": today.isoformat()}
    assert browser.post(reverse("feed_edit", args=["gnd"]), feed).status_code == 302
    assert browser.get(reverse("feed_edit", args=["weather"])).status_code == 404


def test_an_account_by_its_form(world, client_as):
    browser = client_as("zhanna")
    values = {"username": "nina", "last_name": "Н", "first_name": "Н", "role": "head"}
    weak = browser.post(reverse("user_add"), values | {"password": "1"})
    assert weak.status_code == 422
    good = values | {"password": "верный-пароль-17", "is_active": "on"}
    assert browser.post(reverse("user_add"), good).status_code == 302
    boris = world.users["boris"]
    edit = reverse("user_edit", args=[boris.pk])
    form = {"username": "boris", "last_name": "Б", "role": "specialist", "version": "1"}
    assert browser.post(edit, form | {"employee": world.staff["boris"].pk}).status_code == 302
    boris.refresh_from_db()
    assert (boris.is_active, boris.employee) == (False, world.staff["boris"])


# --- everything -----------------------------------------------------------------------------
SEEN = sorted(
    name
    for name in {p.name for p in urlpatterns} | {"home", "help"}
    if PAGES[name].get and PAGES[name].ok == (200,)
)


@pytest.mark.parametrize("name", SEEN)
def test_pages_open_and_get_writes_nothing(world, name, count_queries):
    of = PAGES[name].of
    args = [world.row(of, "office" if of in world.rows["office"] else "own").pk] if of else []
    browser = browser_of(world, "elena" if "elena" in PAGES[name].get else "zhanna")
    browser.get(reverse("help"))  # the session is marked as seen once
    with count_queries() as queries:
        answer = browser.get(reverse(name, args=args))
    assert answer.status_code == 200
    page = text_of(answer)
    assert " style=" not in page
    assert "None" not in page
    verbs = ("INSERT", "UPDATE", "DELETE")
    writes = [q["sql"] for q in queries if q["sql"].startswith(verbs)]
    assert [w for w in writes if "session" not in w] == []
    assert browser_of(world, "anonymous").get(reverse(name, args=args)).status_code == 302


@pytest.mark.parametrize(
    ("persona", "title"),
    [
        ("anna", "Сегодня"),
        ("galina", "Мой отдел"),
        ("elena", "Центр"),
        ("zhanna", "Управление программой"),
    ],
)
def test_each_role_has_a_home_whose_panels_open(world, persona, title):
    browser = browser_of(world, persona)
    page = text_of(browser.get(reverse("home")))
    assert f"<h1>{title}</h1>" in page
    shown = panels.panels_for(world.users[persona].role)
    assert shown
    for panel in shown:
        answer = browser.get(reverse(panel.url_name), headers={"HX-Request": "true"})
        assert answer.status_code == 200, panel.code
        assert "<html" not in text_of(answer)


def test_panels_say_what_happened(world, client_as, today):
    factories.client(world.staff["anna"], world.noio1, name="ООО «Свежий»", connected_on=today)
    services.disconnect_client(
        actor=world.users["elena"],
        client=world.clients["own"],
        values={"on": today, "reason": "переезд", "lost_monthly": "1500"},
    )
    browser = client_as("galina")
    assert "Свежий" in text_of(browser.get(reverse("panel_new_clients")))
    churn = text_of(browser.get(reverse("panel_churn")))
    assert "переезд" in churn
    assert "1\u00a0500,00" in churn
    zoya = client_as("zoya")
    assert "Вы замещаете" in text_of(zoya.get(reverse("panel_substitutions")))
    anna = client_as("anna")
    assert "Вас замещает" in text_of(anna.get(reverse("panel_substitutions")))


def test_the_audit_log_is_narrowed(world, client_as):
    browser = client_as("zhanna")
    own = world.clients["own"]
    for query, found in [
        ({"subject": f"accounts.client:{own.pk}"}, True),
        ({"subject": "accounts.client"}, True),
        ({"subject": "accounts.unit"}, False),
        ({"actor": world.users["elena"].pk}, True),
        ({"actor": world.users["anna"].pk}, False),
        ({"at_after": "2026-09-16", "at_before": "2026-09-16"}, True),
        ({"at_before": "2026-09-15"}, False),
    ]:
        page = text_of(browser.get(reverse("audit"), query))
        assert (own.name in page) is found, query
