"""Editing the rules: drafts change, published versions never, past days keep theirs."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction

from accounts.enums import Role, Segment
from core.errors import Conflict, Refused
from core.models import AuditEntry
from lamps import selectors, services
from lamps.enums import SchemeStatus
from lamps.models import Indicator, LampScheme, SchemeIndicator, Tier
from tests import factories
from tests.lamps import builders

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


@pytest.fixture
def manager(now):
    return factories.user(role=Role.MANAGER)


@pytest.fixture
def published(db):
    return LampScheme.objects.get()


@pytest.fixture
def draft(published, manager):
    return services.copy_scheme(published, actor=manager)


def values_of(scheme):
    return selectors.scheme_values([scheme])[scheme.pk]


def k1_of(scheme):
    return scheme.indicators.get(indicator__code="k1")


# --- drafts ----------------------------------------------------------------------------------


def test_a_copy_is_a_draft_with_the_same_rules_from_the_next_day(draft, published, today):
    assert (draft.status, draft.effective_from) == (SchemeStatus.DRAFT, today + DAY)
    mine, theirs = values_of(draft), values_of(published)
    assert mine.indicators == theirs.indicators
    assert (mine.norm, mine.best) == (theirs.norm, 110)


def test_a_copy_begins_after_the_newest_night(published, manager, today):
    services.compute_night(today + 5 * DAY)
    copy = services.copy_scheme(published, actor=manager, name="Новая")
    assert (copy.name, copy.effective_from) == ("Новая", today + 6 * DAY)


def test_a_draft_is_made_from_nothing(manager, today):
    values = {"name": "Сети", "segment": Segment.NETWORK, "effective_from": today}
    scheme = services.create_scheme(actor=manager, values=values)
    gnd = Indicator.objects.get(code="gnd")
    rule = services.save_indicator(
        scheme,
        {"indicator": gnd, "source": "gnd", "direction": "lower"},
        [(0, 60), (2, 40)],
        actor=manager,
    )
    assert [(t.threshold, t.weight) for t in rule.tiers.all()] == [(0, 60), (2, 40)]
    services.update_scheme(scheme, {"green_from": 60}, actor=manager, version=1)
    assert values_of(LampScheme.objects.get(pk=scheme.pk)).green_from == 60


def test_saving_an_indicator_replaces_only_tiers_that_differ(draft, manager):
    rule = k1_of(draft)
    kept = rule.tiers.get()
    saved = services.save_indicator(
        draft, {"window_days": 45}, [(2, 20), (4, 30)], actor=manager, rule=rule, version=1
    )
    assert (saved.window_days, saved.version) == (45, 2)
    assert saved.tiers.get(threshold=2) == kept
    assert saved.tiers.get(threshold=4).weight == 30


def test_tiers_alone_raise_the_version_too(draft, manager):
    rule = k1_of(draft)
    saved = services.save_indicator(draft, {}, [(3, 20)], actor=manager, rule=rule, version=1)
    assert saved.version == 2
    with pytest.raises(Conflict):
        services.save_indicator(draft, {}, [(2, 20)], actor=manager, rule=rule, version=1)
    same = services.save_indicator(draft, {}, [(3, 20)], actor=manager, rule=saved, version=2)
    assert same.version == 2


def test_repeated_thresholds_are_refused(draft, manager):
    with pytest.raises(ValidationError, match="повторяются"):
        services.save_indicator(draft, {}, [(2, 1), (2, 3)], actor=manager, rule=k1_of(draft))


def test_an_indicator_of_another_scheme_is_refused(draft, published, manager):
    with pytest.raises(ValidationError, match="другой схемы"):
        services.save_indicator(draft, {}, [], actor=manager, rule=k1_of(published))


def test_an_indicator_stands_in_a_scheme_once(draft, manager):
    values = {"indicator": Indicator.objects.get(code="k1"), "source": "k1", "direction": "higher"}
    with pytest.raises(ValidationError, match="уже есть"):
        services.save_indicator(draft, values, [], actor=manager)


def test_removing_an_indicator_and_a_draft(draft, manager):
    services.remove_indicator(k1_of(draft), actor=manager)
    assert draft.indicators.count() == 6
    services.delete_scheme(draft, actor=manager)
    assert not LampScheme.objects.filter(pk=draft.pk).exists()
    assert SchemeIndicator.objects.count() == 7


def test_every_write_is_on_the_page_of_the_scheme(draft, manager):
    about = f"lamps.lampscheme:{draft.pk}"
    before = AuditEntry.objects.filter(about=about).count()
    assert before == 1 + 7 + 7
    services.save_indicator(draft, {"order": 9}, [(3, 20)], actor=manager, rule=k1_of(draft))
    entries = AuditEntry.objects.filter(about=about)
    assert entries.count() == before + 3
    assert entries.filter(actor=manager).count() == entries.count()


# --- into force ------------------------------------------------------------------------------


def test_publishing_puts_a_draft_into_force_from_its_date(draft, manager, today):
    services.publish_scheme(draft, actor=manager, version=draft.version)
    assert selectors.schemes_on(today)[Segment.RETAIL].id != draft.pk
    assert selectors.schemes_on(today + DAY)[Segment.RETAIL].id == draft.pk


def test_the_version_of_a_segment_stands_before_the_general_one(published, manager, today):
    own = services.copy_scheme(published, actor=manager)
    services.update_scheme(own, {"segment": Segment.NETWORK, "norm_red": 7}, actor=manager)
    services.publish_scheme(own, actor=manager)
    newer = services.copy_scheme(published, actor=manager, effective_from=today + 9 * DAY)
    services.publish_scheme(newer, actor=manager)
    later = selectors.schemes_on(today + 20 * DAY)
    assert (later[Segment.NETWORK].id, later[Segment.RETAIL].id) == (own.pk, newer.pk)
    assert selectors.norm_on(today + DAY, Segment.NETWORK).red == 7
    assert selectors.norm_on(today + DAY).red == 5


def test_without_schemes_the_norm_is_the_houses():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE lamps_lampscheme DISABLE TRIGGER USER")
        cursor.execute("UPDATE lamps_lampscheme SET status = 'withdrawn'")
        cursor.execute("ALTER TABLE lamps_lampscheme ENABLE TRIGGER USER")
    norm = selectors.norm_on(builders.ON)
    assert (norm.red, norm.yellow, norm.green) == (5, 15, 80)
    assert selectors.schemes_on(builders.ON) == {}


def test_what_cannot_be_computed_cannot_be_published(draft, manager):
    services.save_indicator(draft, {"window_days": None}, [], actor=manager, rule=k1_of(draft))
    with pytest.raises(ValidationError) as refusal:
        services.publish_scheme(draft, actor=manager)
    assert refusal.value.messages == [
        "К1У: не указано, за сколько последних дней считать.",
        "К1У: нет ни одной ступени.",
    ]
    assert LampScheme.objects.get(pk=draft.pk).status == SchemeStatus.DRAFT


@pytest.mark.parametrize(
    ("newest", "effective", "refused"),
    [
        (None, -300, False),  # nothing is computed yet, so no past is changed
        (0, 0, True), (0, 1, False), (0, -1, True),
        (-3, 0, False), (-3, -1, True),  # nights to be caught up keep their rules too
        (2, 2, True), (2, 3, False),
    ],
)  # fmt: skip
def test_a_past_day_keeps_its_rules(published, manager, today, newest, effective, refused):
    if newest is not None:
        services.compute_night(today + newest * DAY)
    scheme = services.copy_scheme(published, actor=manager, effective_from=today + effective * DAY)
    if refused:
        with pytest.raises(ValidationError, match="прошедшие дни сохраняют правила"):
            services.publish_scheme(scheme, actor=manager)
    else:
        assert services.publish_scheme(scheme, actor=manager).published_at


def test_one_version_per_segment_and_day(draft, published, manager):
    twin = services.copy_scheme(published, actor=manager, effective_from=draft.effective_from)
    services.publish_scheme(draft, actor=manager)
    with pytest.raises(ValidationError, match="уже опубликована"):
        services.publish_scheme(twin, actor=manager)


def test_while_lamps_are_computed_nothing_is_published(draft, manager, monkeypatch):
    monkeypatch.setattr("lamps.services.schemes.try_to_hold_the_night", lambda: False)
    for act in (services.publish_scheme, services.withdraw_scheme):
        with pytest.raises(ValidationError, match="идёт расчёт"):
            act(draft, actor=manager)


def test_a_scheme_is_withdrawn_only_before_its_first_day(draft, manager, today):
    with pytest.raises(ValidationError, match="только опубликованную"):
        services.withdraw_scheme(draft, actor=manager)
    scheme = services.publish_scheme(draft, actor=manager)
    withdrawn = services.withdraw_scheme(scheme, actor=manager)
    assert withdrawn.status == SchemeStatus.WITHDRAWN
    assert selectors.schemes_on(today + DAY)[Segment.RETAIL].id != draft.pk


def test_a_scheme_that_was_computed_with_stays(published, manager, today):
    services.compute_night(today)
    with pytest.raises(ValidationError, match="уже рассчитаны лампочки"):
        services.withdraw_scheme(published, actor=manager)


def test_a_past_day_keeps_its_version_when_computed_again(published, manager, today):
    factories.feeds()
    (client,) = builders.clients(1)
    services.compute_night(today)
    draft = services.copy_scheme(published, actor=manager)
    services.save_indicator(draft, {}, [(0, 90)], actor=manager, rule=k1_of(draft))
    services.publish_scheme(draft, actor=manager)
    services.compute_night(today + DAY)
    services.recompute_since(today)
    assert selectors.as_of(client, today).scheme == published
    assert selectors.as_of(client, today + DAY).scheme == draft
    assert selectors.as_of(client, today + DAY).total == 90 + 20


# --- final -----------------------------------------------------------------------------------


def test_services_refuse_to_change_a_published_scheme(published, manager):
    rule = k1_of(published)
    for act in (
        lambda: services.update_scheme(published, {"name": "Иначе"}, actor=manager),
        lambda: services.delete_scheme(published, actor=manager),
        lambda: services.save_indicator(published, {}, [(1, 1)], actor=manager, rule=rule),
        lambda: services.remove_indicator(rule, actor=manager),
        lambda: services.publish_scheme(published, actor=manager),
    ):
        with pytest.raises(ValidationError, match="не меняется"):
            act()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE lamps_lampscheme SET green_from = 70",
        "UPDATE lamps_lampscheme SET status = 'draft'",
        "UPDATE lamps_lampscheme SET status = 'withdrawn', green_from = 70",
        "DELETE FROM lamps_lampscheme",
        "UPDATE lamps_schemeindicator SET window_days = 60",
        "DELETE FROM lamps_schemeindicator",
        "INSERT INTO lamps_schemeindicator (version, scheme_id, indicator_id, \"order\", source,"
        " direction, missing_policy, stale_after_days)"
        " SELECT 1, scheme_id, indicator_id, 1, 'k1', 'higher', 'grey', 7"
        " FROM lamps_schemeindicator LIMIT 1",
        "UPDATE lamps_tier SET weight = 1",
        "DELETE FROM lamps_tier",
        "INSERT INTO lamps_tier (indicator_id, threshold, weight)"
        " SELECT id, 77, 7 FROM lamps_schemeindicator LIMIT 1",
    ],
)  # fmt: skip
def test_the_database_refuses_to_change_a_published_scheme(published, statement):
    with (
        pytest.raises(DatabaseError, match="never changes"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


def test_the_database_refuses_to_move_rules_into_a_published_scheme(draft, published):
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        draft.indicators.update(scheme=published)
    with pytest.raises(DatabaseError, match="never changes"), transaction.atomic():
        Tier.objects.filter(indicator__scheme=draft).update(indicator=k1_of(published))


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.HEAD, Role.INTEGRATOR])
def test_only_the_office_writes_rules(published, draft, role):
    actor = factories.user(role=role)
    rule = k1_of(draft)
    for act in (
        lambda: services.create_scheme(actor=actor, values={}),
        lambda: services.copy_scheme(published, actor=actor),
        lambda: services.update_scheme(draft, {}, actor=actor),
        lambda: services.delete_scheme(draft, actor=actor),
        lambda: services.save_indicator(draft, {}, [], actor=actor),
        lambda: services.save_indicator(draft, {}, [], actor=actor, rule=rule),
        lambda: services.remove_indicator(rule, actor=actor),
        lambda: services.publish_scheme(draft, actor=actor),
        lambda: services.withdraw_scheme(draft, actor=actor),
        lambda: services.create_indicator(actor=actor, values={}),
        lambda: services.update_indicator(rule.indicator, {}, actor=actor),
    ):
        with pytest.raises(Refused):
            act()


def test_a_new_indicator_gets_the_next_slot_for_ever(manager):
    new = services.create_indicator(actor=manager, values={"code": "pe", "label": "ПЭ"})
    assert new.slot == 7
    renamed = services.update_indicator(new, {"label": "ПЭ!"}, actor=manager, version=1)
    assert (renamed.slot, renamed.label) == (7, "ПЭ!")
    assert selectors.indicator_labels()[7] == "ПЭ!"
