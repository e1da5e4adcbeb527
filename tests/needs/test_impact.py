"""Impact: intervals against references and chance; what counts as a need; zero and too few."""

import math
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import pytest
from django.urls import reverse
from lifelines import KaplanMeierFitter
from scipy import stats
from scipy.stats.contingency import relative_risk

from accounts.models import Churn, Client, Employee
from core import clock
from core.models import SavedFilter
from needs.forms.impact import usual_window
from needs.impact import (
    Interval,
    Shares,
    Times,
    days_difference,
    matched_days,
    matched_difference,
    matched_ratio,
    quicker,
    risk_difference,
    risk_ratio,
    survival,
)
from needs.models import Need, NeedStep
from needs.selectors.impact import clients_at, read_impact, with_need
from tests import factories
from tests.personas import World

RUNS = 1000


def share_of_covered(
    p1: float, p0: float, what: Callable, point: float, n1: int = 400, n0: int = 350
) -> float:
    """How many of the runs with clients drawn by chance give an interval that holds `point`."""
    random = np.random.default_rng(20261126)
    hits1, hits0 = random.binomial(n1, p1, RUNS), random.binomial(n0, p0, RUNS)
    found = [what(Shares(int(a), n1, int(b), n0)) for a, b in zip(hits1, hits0, strict=True)]
    told = [interval for interval in found if interval is not None]
    assert len(told) > RUNS * 0.95
    return sum(interval.covers(point) for interval in told) / len(told)


def test_without_an_effect_the_interval_covers_no_difference() -> None:
    assert share_of_covered(0.08, 0.08, risk_ratio, 1) >= 0.93
    assert share_of_covered(0.3, 0.3, risk_difference, 0) >= 0.93


@pytest.mark.parametrize(
    ("p1", "p0", "n1", "n0"),
    [(0.75, 0.98, 40, 25), (0.9, 0.98, 200, 300), (0.95, 0.95, 40, 40), (0.06, 0.999, 100, 9000)],
)
def test_the_ratio_covers_the_true_one_where_nearly_all_did_it(
    p1: float, p0: float, n1: int, n0: int
) -> None:
    assert share_of_covered(p1, p0, risk_ratio, p1 / p0, n1, n0) >= 0.93


@pytest.mark.parametrize(
    "shares",
    [
        Shares(30, 40, 25, 25), Shares(2, 60, 20000, 20000), Shares(19999, 20000, 5, 20000),
        Shares(19999, 20000, 20000, 20000), Shares(1, 10, 10, 10), Shares(20, 20, 1, 20000),
    ],
)  # fmt: skip
def test_the_figure_lies_within_its_interval(shares: Shares) -> None:
    katz = relative_risk(shares.hits1, shares.n1, shares.hits0, shares.n0).confidence_interval()
    for found in (risk_ratio(shares), matched_ratio([shares]).figure):
        assert found is not None and found.low is not None and found.high is not None
        assert 0 < found.low < found.value < found.high
        assert (found.low, found.high) == pytest.approx((katz.low, katz.high), rel=1e-6)


def test_where_everybody_did_it_there_is_a_figure_and_no_interval() -> None:
    everybody = Shares(25, 25, 30, 30)
    for found in (
        risk_ratio(everybody),
        matched_ratio([everybody]).figure,
        matched_difference([everybody]).figure,
    ):
        assert found is not None and not found.is_known
        assert (found.low, found.high) == (None, None)
    # Newcombe's knows better than nought, and its borders hold the figure at the very edge.
    for shares in (everybody, Shares(25, 25, 0, 30), Shares(0, 25, 30, 30)):
        found = risk_difference(shares)
        assert found is not None and found.low is not None and found.high is not None
        assert found.low <= found.value <= found.high and found.low < found.high


@pytest.mark.parametrize(
    ("value", "low", "high"),
    [(0.75, 0.8, 0.9), (0.5, math.nan, math.nan), (0.5, -0.1, 0.9), (1, 0.5, math.inf), (1, 1, 1)],
)
def test_borders_that_cannot_be_are_not_told(value: float, low: float, high: float) -> None:
    assert Interval.of(value, low, high, least=0) == Interval(value, None, None)


def test_strata_that_hardly_meet_give_no_interval_and_no_error() -> None:
    apart = [Shares(1, 10_000_000, 0, 10), Shares(0, 10, 1, 10_000_000)]
    found = matched_ratio(apart).figure
    assert found is not None and not found.is_known


@pytest.mark.django_db
def test_an_interval_that_cannot_be_counted_is_said_to_be_so(
    world: World, client_as: Callable, api_as: Callable
) -> None:
    since = usual_window()["since"]
    Client.objects.update(connected_on=clock.today())
    crowd(world, 12, 12, since, needs=True)
    crowd(world, 11, 11, since, needs=False)
    page = client_as("dmitry").get(reverse("impact")).content.decode()
    assert "интервал не посчитать: почти все клиенты повели себя одинаково" in page
    assert "от None" not in page and "(от  до" not in page and "от – до" not in page
    churn = api_as("dmitry").get("/api/v1/need-impact/").json()["churn"]
    assert churn["ratio"] == {"value": 1, "low": None, "high": None}
    assert churn["matched"]["figure"] == {"value": 1, "low": None, "high": None}


def test_without_an_effect_matched_and_days_cover_no_difference() -> None:
    """Strata differ in risk and in who has needs: without matching the ratio would be wrong."""
    random = np.random.default_rng(7)
    covered = {"ratio": 0, "difference": 0, "days": 0, "quicker": 0, "matched days": 0, "crude": 0}
    strata = [(40, 240, 0.2), (150, 150, 0.1), (240, 40, 0.04)]
    for _ in range(RUNS):
        drawn = [
            Shares(int(random.binomial(n1, p)), n1, int(random.binomial(n0, p)), n0)
            for n1, n0, p in strata
        ]
        whole = Shares(*(sum(getattr(s, n) for s in drawn) for n in ("hits1", "n1", "hits0", "n0")))
        times = [Times.of(random.gamma(4, 5, size)) for size in (60, 90, 40, 50)]
        pairs = [(times[0], times[1]), (times[2], times[3])]
        for name, interval, point in (
            ("ratio", matched_ratio(drawn).figure, 1),
            ("difference", matched_difference(drawn).figure, 0),
            ("days", days_difference(*pairs[0]), 0),
            ("quicker", quicker(*pairs[0]), 0),
            ("matched days", matched_days(pairs).figure, 0),
            ("crude", risk_ratio(whole), 1),
        ):
            covered[name] += interval is not None and interval.covers(point)
    assert covered.pop("crude") < RUNS * 0.5
    assert all(count >= RUNS * 0.93 for count in covered.values()), covered


def test_a_planted_effect_is_found() -> None:
    assert share_of_covered(0.04, 0.12, risk_ratio, 1) < 0.1
    assert share_of_covered(0.42, 0.30, risk_difference, 0) < 0.1
    random = np.random.default_rng(1)
    slow, quick = Times.of(random.gamma(4, 7.5, 300)), Times.of(random.gamma(4, 5, 300))
    found = quicker(quick, slow)
    assert found is not None and not found.covers(0) and found.covers(1 / 3)


def test_figures_agree_with_the_reference() -> None:
    random = np.random.default_rng(3)
    one, two = random.integers(5, 60, 40), random.integers(10, 80, 55)
    found = days_difference(Times.of(one), Times.of(two))
    reference = stats.ttest_ind(one, two, equal_var=False).confidence_interval()
    assert found is not None
    assert (found.low, found.high) == pytest.approx((reference.low, reference.high))
    ratio = risk_ratio(Shares(12, 300, 31, 310))
    reference_ratio = relative_risk(12, 300, 31, 310)
    assert ratio is not None and ratio.value == pytest.approx(reference_ratio.relative_risk)
    katz = reference_ratio.confidence_interval()
    assert (ratio.low, ratio.high) == pytest.approx((katz.low, katz.high), rel=0.05)
    # One stratum: the matched ratio is the plain one and its interval that of Katz.
    alone = matched_ratio([Shares(12, 300, 31, 310)]).figure
    assert alone is not None
    assert (alone.value, alone.low, alone.high) == pytest.approx(
        (reference_ratio.relative_risk, katz.low, katz.high), rel=1e-6
    )


def test_the_matched_ratio_agrees_with_statsmodels_where_risks_are_small() -> None:
    """There odds and risks meet: `StratifiedTable` pools odds."""
    from statsmodels.stats.contingency_tables import StratifiedTable

    strata = [Shares(3, 4000, 9, 5000), Shares(5, 9000, 6, 3000)]
    tables = [
        np.array([[s.hits1, s.n1 - s.hits1], [s.hits0, s.n0 - s.hits0]], float) for s in strata
    ]
    found, reference = matched_ratio(strata).figure, StratifiedTable(tables)
    assert found is not None
    assert found.value == pytest.approx(reference.oddsratio_pooled, rel=0.005)
    assert (found.low, found.high) == pytest.approx(reference.oddsratio_pooled_confint(), rel=0.02)


def test_the_curve_agrees_with_lifelines() -> None:
    days, left, weights = [10, 20, 20, 90, 365], [True, True, False, True, False], [2, 3, 1, 4, 90]
    found = survival(days, left, weights)
    fitter = KaplanMeierFitter().fit(days, left, weights=weights)
    assert found is not None
    for day, share in zip(found.days, found.stayed, strict=True):
        assert share == pytest.approx(float(fitter.predict(day)))
    assert survival([3, 3], [False, False], [4, 5]) is None
    assert survival([3], [True], [1]) is None


def test_a_group_that_nobody_left_keeps_its_level_line() -> None:
    found = survival([365, 100], [False, False], [90, 10])
    assert found is not None
    assert (found.days, found.stayed, found.low, found.high) == ([0.0], [1.0], [1.0], [1.0])


def test_zero_is_none_and_few_is_too_few() -> None:
    assert risk_ratio(Shares(0, 100, 7, 100)) is None
    assert risk_ratio(Shares(3, 100, 0, 100)) is None
    assert risk_difference(Shares(0, 100, 7, 100)) is not None
    assert risk_difference(Shares(0, 9, 7, 100)) is None
    few = Times.of([1, 2, 3])
    assert days_difference(few, few) is None and quicker(few, few) is None
    assert matched_days([(few, few)]).figure is None
    lost = matched_ratio([Shares(1, 20, 0, 0), Shares(0, 0, 3, 30)])
    assert (lost.figure, lost.used, lost.lost) == (None, 0, 50)
    same = Times.of([5] * 10)
    equal = days_difference(same, same)
    assert equal is not None and (equal.low, equal.high) == (0, 0)
    assert math.isclose(same.variance, 0) and quicker(Times.of([0] * 10), same) is None


def crowd(world: World, number: int, left: int, since: date, needs: bool) -> list[Client]:
    """Clients of Вера, so many of whom left in the window; with a need or without."""
    found = []
    for n in range(number):
        gone = since + timedelta(days=30 + n) if n < left else None
        client = factories.client(
            world.staff["vera"],
            world.noio2,
            connected_on=since - timedelta(days=500),
            disconnected_on=gone,
        )
        if gone:
            Churn.objects.create(client=client, on=gone, reason="цена")
        if needs:
            need = factories.need(client, world.staff["vera"], opened_on=since - timedelta(days=60))
            factories.need_step(need, on=since - timedelta(days=40))
        found.append(client)
    return found


@pytest.mark.django_db
def test_a_need_after_the_windows_start_changes_nothing(world: World, today: date) -> None:
    since = today - timedelta(days=300)
    dmitry = world.users["dmitry"]
    Client.objects.filter(pk=world.clients["foreign"].pk).update(connected_on=today)
    crowd(world, 12, 1, since, needs=True)
    without = crowd(world, 15, 5, since, needs=False)

    def read() -> tuple[Shares, int]:
        served = clients_at(dmitry, since)
        impact = read_impact(with_need(served, since), served, since, today)
        return impact.churn, impact.churn_matched.used

    before = read()
    assert before == (Shares(1, 12, 5, 15), 27)
    for client in without[:6]:
        need = factories.need(client, world.staff["vera"], opened_on=since - timedelta(days=9))
        factories.need_step(need, on=since)
    assert read() == before
    day_before = since - timedelta(days=1)
    NeedStep.objects.filter(need__client=without[0]).update(on=day_before)
    Need.objects.filter(client=without[0]).update(stage_on=day_before)
    assert read()[0] == Shares(2, 13, 4, 14)


@pytest.mark.django_db
def test_offers_of_the_window_are_compared_by_client(world: World, today: date) -> None:
    since = today - timedelta(days=100)
    people = crowd(world, 10, 0, since, needs=True) + crowd(world, 10, 0, since, needs=False)
    for n, client in enumerate(people):
        first = n < 10
        factories.offer(
            world.campaign,
            factories.contract(client, starts_on=since - timedelta(days=400)),
            stage="agreed",
            offered_percent=Decimal(15),
            offered_on=since + timedelta(days=1),
            agreed_percent=Decimal(16 if first and n % 2 else 15),
            agreed_on=since + timedelta(days=11 if first else 21),
            price_after=Decimal(1160 if first and n % 2 else 1150),
            effective_on=today,
        )
    served = clients_at(world.users["dmitry"], since)
    impact = read_impact(with_need(served, since), served, since, today)
    assert (impact.days1.mean, impact.days0.mean) == (10, 20)
    assert impact.quicker is not None and impact.quicker.value == 0.5
    assert impact.above == Shares(5, 10, 0, 10)


@pytest.mark.django_db
def test_the_page_says_none_too_few_and_association(
    world: World, today: date, client_as: Callable, count_queries: Callable
) -> None:
    browser = client_as("dmitry")
    page = browser.get(reverse("impact")).content.decode()
    assert "слишком мало" in page and "Связь, а не доказанная причина" in page
    assert "Клиенты с потребностью</option>" in page and "Все остальные</option>" in page
    since = usual_window()["since"]
    crowd(world, 12, 0, since, needs=True)
    crowd(world, 12, 4, since, needs=False)
    with count_queries() as few:
        page = browser.get(reverse("impact")).content.decode()
    assert "нет отключений из 12" in page and "∞" not in page
    assert "<svg" in page
    # The group without a loss has its line too, and says so.
    assert "С потребностью (12), отключений нет" in page and "Без потребности (13)" in page
    crowd(world, 12, 2, since, needs=False)
    with count_queries() as many:
        browser.get(reverse("impact"))
    assert len(many) == len(few)


@pytest.mark.django_db
def test_any_two_groups_by_a_saved_filter(world: World, today: date, client_as: Callable) -> None:
    since = today - timedelta(days=365)
    crowd(world, 12, 2, since, needs=False)
    Client.objects.filter(specialist=world.staff["vera"]).update(segment="retail")
    big = crowd(world, 11, 1, since, needs=False)
    Client.objects.filter(pk__in=[client.pk for client in big]).update(segment="network")
    user = world.users["dmitry"]
    saved = SavedFilter.objects.create(
        user=user, page="clients", name="Сети", query="segment=network&status=active"
    )
    answer = client_as("dmitry").get(
        reverse("impact"), {"since": since, "until": today, "first": saved.pk}
    )
    assert answer.context["impact"].churn.n1 == 11
    assert answer.context["impact"].churn.hits1 == 1
    other = SavedFilter.objects.create(
        user=world.users["galina"], page="clients", name="Чужой", query="q=1"
    )
    answer = client_as("dmitry").get(
        reverse("impact"), {"since": since, "until": today, "first": other.pk}
    )
    assert answer.context["form"].errors["first"]


@pytest.mark.django_db
def test_the_api_gives_the_figures_of_the_page(
    world: World, today: date, client_as: Callable, api_as: Callable
) -> None:
    since = usual_window()["since"]
    crowd(world, 12, 0, since, needs=True)
    crowd(world, 20, 4, since, needs=False)
    impact = client_as("dmitry").get(reverse("impact")).context["impact"]
    found = api_as("dmitry").get("/api/v1/need-impact/").json()
    churn = found["churn"]
    assert (churn["first_hits"], churn["first_n"]) == (0, 12)
    assert churn["second_hits"] == 4
    assert churn["ratio"] is None
    assert churn["difference"]["low"] == pytest.approx(impact.churn_difference.low)
    assert [curve["stayed"][0] for curve in found["curves"]] == [1.0, 1.0]
    assert len(found["curves"][0]["days"]) == 1
    assert found["days"]["quicker"] is None
    wrong = api_as("dmitry").get("/api/v1/need-impact/?since=2026-05-01&until=2026-04-01")
    assert wrong.status_code == 400
    assert api_as("dmitry").get("/api/v1/need-impact/?first=987654321").status_code == 400
    assert api_as("dmitry").get("/api/v1/need-impact/?after=2026-05-01").status_code == 400


@pytest.mark.django_db
def test_the_api_of_impact_sees_no_more_than_the_page(world: World, api_as: Callable) -> None:
    since = usual_window()["since"]
    crowd(world, 12, 0, since, needs=False)
    churn = api_as("galina").get("/api/v1/need-impact/").json()["churn"]
    assert churn["first_n"] + churn["second_n"] == 2


@pytest.mark.django_db
def test_whoever_serves_nobody_compares_nobody(
    world: World, client_as: Callable, api_as: Callable
) -> None:
    """An account of a specialist or a head that no employee stands behind."""
    Employee.objects.filter(user__in=[world.users["anna"], world.users["galina"]]).update(user=None)
    for name in ("anna", "galina"):
        answer = client_as(name).get(reverse("impact"))
        assert answer.status_code == 200 and "слишком мало" in answer.content.decode()
        churn = api_as(name).get("/api/v1/need-impact/").json()["churn"]
        assert (churn["first_n"], churn["second_n"], churn["ratio"]) == (0, 0, None)


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["unit=999999", "specialist=abc", "segment=zzz"])
@pytest.mark.parametrize("name", ["first", "second"])
def test_a_saved_filter_that_is_not_understood_does_not_mean_everybody(
    world: World, client_as: Callable, api_as: Callable, query: str, name: str
) -> None:
    saved = SavedFilter.objects.create(
        user=world.users["dmitry"], page="clients", name="Старый", query=query
    )
    asked = {k: str(v) for k, v in usual_window().items()} | {name: saved.pk}
    answer = client_as("dmitry").get(reverse("impact"), asked)
    assert "Фильтр устарел" in answer.context["form"].errors[name][0]
    assert "Фильтр устарел" in answer.content.decode() and "impact" not in answer.context
    refused = api_as("dmitry").get(f"/api/v1/need-impact/?{name}={saved.pk}")
    assert refused.status_code == 400 and name in refused.content.decode()


def test_of_the_whole_or_of_a_pool_the_same_clients_give_the_same(world: World) -> None:
    """Two ways of reading prices: every one at once, or those of the groups alone."""
    today, elena = clock.today(), world.users["elena"]
    since = today - timedelta(days=100)
    for number in range(12):
        client = factories.client(
            world.staff["anna"], world.noio1, connected_on=since - timedelta(days=400 * number + 1)
        )
        factories.contract(client, monthly=3000 * (number + 1), starts_on=date(2020, 1, 1))
        if number % 3 == 0:
            factories.churn(client, on=since + timedelta(days=number))
    served = clients_at(elena, since)
    found = [
        read_impact(with_need(served, since), served, since, today, of_all=of_all)
        for of_all in (True, False)
    ]
    assert found[0].churn.n0 >= 12 and found[0].churn_matched == found[1].churn_matched
    assert (found[0].churn, found[0].above, found[0].days0) == (
        found[1].churn, found[1].above, found[1].days0,
    )  # fmt: skip
