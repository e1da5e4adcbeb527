"""Schemes of pay are edited while they are drafts; what people write down has its author."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from bonuses.enums import KpiSource, SchemeStatus
from bonuses.models import BonusKpi, BonusScheme, ManualFact, PayBase, Upsell
from bonuses.services import facts
from bonuses.services import schemes as services
from core.errors import Refused
from tests.bonuses.builders import AUGUST, D, block, clear, kpi, manual_scheme, scheme, talk_scheme
from tests.personas import World

pytestmark = pytest.mark.django_db


def test_a_copy_is_a_draft_with_the_same_rules_and_adds_up(world: World) -> None:
    clear()
    elena = world.users["elena"]
    copy = services.copy_scheme(talk_scheme(), actor=elena)
    assert (copy.status, copy.blocks.count()) == (SchemeStatus.DRAFT, 3)
    published = services.publish_scheme(copy, actor=elena, version=copy.version)
    assert published.status == SchemeStatus.PUBLISHED
    withdrawn = services.withdraw_scheme(published, actor=elena)
    assert withdrawn.status == SchemeStatus.WITHDRAWN


def test_a_published_scheme_is_final(world: World) -> None:
    clear()
    elena, row = world.users["elena"], talk_scheme()
    for change in (
        lambda: services.update_scheme(row, {"name": "Другая"}, actor=elena),
        lambda: services.delete_scheme(row, actor=elena),
        lambda: services.remove_block(row.blocks.first(), actor=elena),
        lambda: services.remove_kpi(row.blocks.first().kpis.first(), actor=elena),
        lambda: services.publish_scheme(row, actor=elena),
    ):
        with pytest.raises(ValidationError):
            change()


def test_a_draft_is_built_changed_and_taken_back(world: World) -> None:
    clear()
    elena = world.users["elena"]
    draft = services.update_scheme(scheme(), {"name": "Новая"}, actor=elena)
    with pytest.raises(ValidationError):
        services.publish_scheme(draft, actor=elena)
    part = services.save_block(draft, {"label": "Всё", "share": D(90), "order": 0}, actor=elena)
    part = services.save_block(draft, {"share": D(100)}, actor=elena, block=part)
    values = {"label": "Оплаты", "source": KpiSource.PAYMENTS, "weight": D(100), "plan": D(95)}
    made = services.save_kpi(part, {**values, "order": 0}, [(D(1), D(50))], actor=elena)
    again = services.save_kpi(part, {}, [(D(1), D(60)), (D(2), D(100))], actor=elena, kpi=made)
    assert again.version > made.version
    assert sorted(again.steps.values_list("threshold", "percent")) == [(1, 60), (2, 100)]
    with pytest.raises(ValidationError):
        services.save_kpi(part, {}, [(D(1), D(1)), (D(1), D(2))], actor=elena, kpi=again)
    services.remove_kpi(again, actor=elena)
    services.remove_block(part, actor=elena)
    services.delete_scheme(draft, actor=elena)
    assert not BonusScheme.objects.filter(pk=draft.pk).exists()
    assert not BonusKpi.objects.filter(pk=made.pk).exists()


def test_parts_of_another_scheme_are_refused(world: World) -> None:
    clear()
    elena = world.users["elena"]
    one, other = scheme(), scheme(effective_from=date(2027, 1, 1))
    strange = block(other)
    with pytest.raises(ValidationError):
        services.save_block(one, {"share": D(1)}, actor=elena, block=strange)
    measure = kpi(strange, KpiSource.PAYMENTS)
    with pytest.raises(ValidationError):
        services.save_kpi(block(one), {}, [], actor=elena, kpi=measure)


def test_bases_are_the_managers(world: World) -> None:
    clear()
    elena, anna = world.users["elena"], world.staff["anna"]
    values = {"employee": anna, "starts_on": date(2026, 9, 1), "amount": D("20000.00")}
    row = facts.save_pay_base(actor=elena, values=values)
    row = facts.save_pay_base(actor=elena, values={"amount": D("21000.00")}, row=row)
    with pytest.raises(ValidationError):
        facts.save_pay_base(actor=elena, values={"employee": world.staff["boris"]}, row=row)
    with pytest.raises(Refused):
        facts.save_pay_base(actor=world.users["galina"], values=values)
    facts.delete_pay_base(actor=elena, row=row)
    assert not PayBase.objects.exists()


def test_a_head_writes_sales_of_their_own_people(world: World) -> None:
    clear()
    galina = world.users["galina"]
    values = {"employee": world.staff["anna"], "client": world.clients["own"],
              "on": date(2026, 9, 10), "product": "Семинар", "amount": D("5000.00"),
              "document": "Счёт 7"}  # fmt: skip
    row = facts.save_upsell(actor=galina, values=values)
    row = facts.save_upsell(actor=galina, values={"amount": D("6000.00")}, row=row)
    assert (row.author, row.amount) == (galina, D("6000.00"))
    with pytest.raises(ValidationError):
        facts.save_upsell(actor=galina, values=values | {"employee": world.staff["vera"]})
    facts.delete_upsell(actor=galina, row=row)
    assert not Upsell.objects.exists()


def test_a_fact_by_hand_is_anothers_and_of_a_manual_measure(world: World) -> None:
    clear()
    elena = world.users["elena"]
    measure = manual_scheme().blocks.get().kpis.get()
    values = {"employee": world.staff["anna"], "kpi": measure, "month": AUGUST,
              "value": D("90.00"), "document": "Протокол 3"}  # fmt: skip
    row = facts.save_manual_fact(actor=elena, values=values)
    row = facts.save_manual_fact(actor=elena, values={"value": D("95.00")}, row=row)
    with pytest.raises(ValidationError):
        facts.save_manual_fact(actor=elena, values={"employee": world.staff["boris"]}, row=row)
    own = values | {"employee": world.staff["elena"]}
    with pytest.raises(Refused):
        facts.save_manual_fact(actor=elena, values=own)
    counted = kpi(block(scheme(effective_from=date(2027, 1, 1))), KpiSource.PAYMENTS)
    with pytest.raises(ValidationError):
        facts.save_manual_fact(actor=elena, values=values | {"kpi": counted})
    facts.delete_manual_fact(actor=elena, row=row)
    assert not ManualFact.objects.exists()
