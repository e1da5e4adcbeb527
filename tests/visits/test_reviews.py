"""Control points: planned by rhythm, filled in by the program, held for good."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from core.errors import Conflict, Refused
from core.models import AuditEntry, CalendarDay
from core.workdays import WorkCalendar
from tests import factories
from tests.canaries import COLLEAGUES, FOREIGN, OWN
from tests.personas import MISSING, World
from visits import selectors as visits_selectors
from visits.models import Agreement, ControlPoint, ControlPointKind
from visits.rhythm import next_on, since_of
from visits.selectors import reviews as selectors
from visits.services import agreements
from visits.services import reviews as services

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
TODAY = date(2026, 9, 16)
DAY = timedelta(days=1)


def text(response: Any) -> str:
    return response.content.decode()


def errors(call: Any, *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    return caught.value.message_dict


def kind(code: str = "weekly") -> ControlPointKind:
    return ControlPointKind.objects.get(code=code)


def plan(world: World, who: str = "galina", **values: Any) -> ControlPoint:
    given = {"kind": kind(), "specialist": world.staff["anna"], "on": date(2026, 9, 18)} | values
    return services.plan_review(actor=world.users[who], values=given, today=TODAY)


def hold(world: World, review: ControlPoint, now: datetime, **more: Any) -> ControlPoint:
    return services.hold_review(
        actor=world.users["galina"], review=review, now=now, **({"notes": "обсудили"} | more)
    )


class TestRhythm:
    @pytest.mark.parametrize(
        ("last", "days", "expected"),
        [
            (None, 7, "2026-09-16"),
            ("2026-09-11", 7, "2026-09-18"),
            ("2026-09-12", 7, "2026-09-21"),  # a Saturday: the next working day
            ("2026-08-01", 7, "2026-09-16"),
            ("2026-09-03", 14, "2026-09-17"),
        ],
    )
    def test_next(self, last: str | None, days: int, expected: str) -> None:
        last_on = date.fromisoformat(last) if last else None
        assert next_on(last_on, days, TODAY, WorkCalendar()) == date.fromisoformat(expected)

    def test_a_period_begins_where_the_last_one_ended(self) -> None:
        assert since_of(date(2026, 9, 11), 7, date(2026, 9, 18)) == date(2026, 9, 11)
        assert since_of(None, 7, date(2026, 9, 18)) == date(2026, 9, 11)
        assert since_of(date(2026, 9, 18), 7, date(2026, 9, 18)) == date(2026, 9, 11)


class TestPlan:
    def test_of_a_specialist(self, world: World) -> None:
        row = plan(world)
        assert (row.unit, row.specialist) == (world.noio1, world.staff["anna"])
        assert (row.led_by, row.since) == (world.staff["galina"], date(2026, 9, 11))

    def test_the_period_continues_the_last_held(self, world: World, now: datetime) -> None:
        held = plan(world, on=date(2026, 9, 14))
        hold(world, held, now)
        assert plan(world).since == date(2026, 9, 14)

    def test_of_a_unit(self, world: World) -> None:
        row = plan(world, kind=kind("session"), unit=world.noio1)
        assert (row.specialist, row.unit) == (None, world.noio1)

    def test_a_director_plans_for_the_head(self, world: World) -> None:
        assert plan(world, "elena").led_by == world.staff["galina"]
        mine = plan(world, "elena", on=date(2026, 9, 21), led_by=world.staff["elena"])
        assert mine.led_by == world.staff["elena"]

    @pytest.mark.parametrize(
        ("values", "field"),
        [
            ({"kind": None}, "kind"),
            ({"specialist": None}, "specialist"),
            ({"on": None}, "on"),
            ({"on": date(2026, 1, 1)}, "on"),
            ({"on": date(2076, 1, 1)}, "on"),
            ({"since": date(2026, 9, 18)}, "since"),
            ({"since": date(2001, 1, 1)}, "since"),
        ],
    )
    def test_bad_values(self, world: World, values: dict, field: str) -> None:
        assert list(errors(plan, world, **values)) == [field]

    def test_a_unit_where_the_kind_wants_one(self, world: World) -> None:
        assert list(errors(plan, world, kind=kind("session"))) == ["unit"]

    def test_a_kind_out_of_use(self, world: World) -> None:
        ControlPointKind.objects.update(is_on=False)
        assert list(errors(plan, world)) == ["kind"]

    def test_a_leader_leads_the_unit(self, world: World) -> None:
        assert list(errors(plan, world, led_by=world.staff["dmitry"])) == ["led_by"]

    def test_unknown_field_is_a_mistake_of_the_caller(self, world: World) -> None:
        with pytest.raises(ValueError, match="held_at"):
            plan(world, held_at=TODAY)

    def test_a_specialist_who_does_not_work_here_that_day(self, world: World) -> None:
        newcomer = factories.employee(world.noio1, since=date(2026, 9, 21))
        assert list(errors(plan, world, specialist=newcomer)) == ["specialist"]

    def test_a_unit_without_a_head_needs_a_leader_named(self, world: World) -> None:
        from accounts.models import Position

        Position.objects.filter(kind__in=["head", "manager"]).delete()
        world.staff["elena"].user = None
        world.staff["elena"].save()
        assert list(errors(plan, world, "elena")) == ["led_by"]

    def test_another_leader_of_a_planned_one(self, world: World) -> None:
        def lead(name: str) -> ControlPoint:
            return services.update_review(
                actor=world.users["galina"],
                review=row,
                values={"led_by": world.staff[name]},
                today=TODAY,
            )

        row = plan(world)
        assert lead("elena").led_by == world.staff["elena"]
        assert list(errors(lead, "vera")) == ["led_by"]

    def test_once_a_day(self, world: World) -> None:
        plan(world)
        with pytest.raises(ValidationError, match="уже есть"):
            plan(world)

    def test_ones_own_people_only(self, world: World) -> None:
        for who in ("dmitry", "anna", "zhanna", "writer"):
            with pytest.raises(Refused):
                plan(world, who)


class TestProposals:
    def of(self, world: World, who: str) -> dict[tuple[str, str], Any]:
        found = selectors.proposals_for(world.users[who], TODAY)
        return {
            (one.kind.code, one.specialist.first_name if one.specialist else one.unit.name): one
            for one in found
        }

    def test_everybody_without_a_planned_one(self, world: World, now: datetime) -> None:
        found = self.of(world, "galina")
        # Анна and Борис have theirs planned by the centre itself.
        assert set(found) == {("weekly", "Зоя"), ("weekly", "Игорь"), ("session", "НОИО 1")}
        assert found["weekly", "Зоя"].on == TODAY
        hold(world, world.row("visits.controlpoint"), now)
        after = self.of(world, "galina")
        assert after["weekly", "Анна"].on == date(2026, 9, 23)
        assert after["weekly", "Анна"].last_on == TODAY

    def test_a_holiday_moves_it(self, world: World, now: datetime) -> None:
        CalendarDay.objects.create(on=date(2026, 9, 23), is_working=False)
        hold(world, world.row("visits.controlpoint"), now)
        assert self.of(world, "galina")["weekly", "Анна"].on == date(2026, 9, 24)

    def test_a_specialist_has_none(self, world: World) -> None:
        assert self.of(world, "anna") == {}

    def test_units_in_reach_only(self, world: World) -> None:
        assert ("session", "НОИО 2") not in self.of(world, "galina")
        assert {("session", "НОИО 1"), ("session", "НОИО 2")} <= set(self.of(world, "elena"))

    def test_all_at_once(self, world: World) -> None:
        before = ControlPoint.objects.count()
        planned = services.plan_next_reviews(actor=world.users["galina"], today=TODAY)
        assert len(planned) == 3
        assert ControlPoint.objects.count() == before + 3
        assert services.plan_next_reviews(actor=world.users["galina"], today=TODAY) == []

    def test_the_same_queries_for_3_people_and_for_30(
        self, world: World, count_queries: Any
    ) -> None:
        def ask() -> int:
            user = type(world.users["galina"]).objects.get(pk=world.users["galina"].pk)
            with count_queries() as queries:
                selectors.proposals_for(user, TODAY)
            return len(queries)

        few = ask()
        for _ in range(30):
            factories.employee(world.noio1)
        assert ask() == few


class TestFigures:
    def sections(self, world: World, code: str | None = None, **more: Any) -> Any:
        review = world.row("visits.controlpoint")
        for name, value in more.items():
            setattr(review, name, value)
        found = {one["code"]: one for one in selectors.figures_of(review, TODAY)}
        return found[code] if code else found

    def facts(self, section: dict[str, Any]) -> dict[str, tuple[str, str, bool]]:
        return {
            fact["label"]: (fact["value"], fact["note"], fact["is_bad"])
            for fact in section["facts"]
        }

    def test_what_there_is(self, world: World) -> None:
        assert list(self.sections(world)) == [
            "lamps", "contacts", "k2", "tasks", "key_users", "needs",
        ]  # fmt: skip

    def test_contacts_of_the_period(self, world: World) -> None:
        own = world.clients["own"]
        # Outside: the day of the review itself, the day before the period, another's client.
        factories.visit(own, held_on=TODAY)
        factories.visit(own, held_on=TODAY - 8 * DAY)
        factories.visit(world.clients["colleague"], held_on=TODAY - DAY, materials=9)
        factories.visit(own, held_on=TODAY - 7 * DAY, materials=2)
        factories.visit(own, status="planned", planned_for=TODAY - DAY)
        factories.visit(own, status="cancelled", planned_for=TODAY - DAY)
        told = self.facts(self.sections(world, "contacts"))
        assert told["К1У"] == ("2", "запланировано 1", False)
        assert told["К2У"] == ("0", "запланировано 0", False)
        assert told["Подготовлено"] == ("0\u00a0%", "0 из 2", True)
        assert told["Папок и закладок"] == ("3", "у 1 из 1 клиентов", False)
        assert told["Просроченных планов"] == ("1", "", True)

    def test_prepared_as_everywhere_else(self, world: World) -> None:
        visit = world.row("visits.visit")
        visit.prepared_at = visit.started_at - DAY
        visit.save()
        assert visit.is_prepared
        assert self.facts(self.sections(world, "contacts"))["Подготовлено"][0] == "100\u00a0%"

    def test_k2_past_and_planned(self, world: World) -> None:
        own = world.clients["own"]
        factories.visit(own, world.staff["galina"], level="K2", held_on=TODAY - 2 * DAY)
        factories.visit(own, world.staff["galina"], level="K2", status="planned")
        factories.visit(
            own, world.staff["galina"], level="K2", status="planned",
            planned_for=TODAY + 60 * DAY,
        )  # fmt: skip
        rows = self.sections(world, "k2")["rows"]
        assert [row["note"].split(",")[0] for row in rows] == [
            "состоялся 14.09.2026",
            "запланирован на 18.09.2026",
        ]
        assert rows[0]["text"] == own.name

    def test_overdue_tasks_of_the_pool(self, world: World) -> None:
        own, anna = world.clients["own"], world.staff["anna"]
        late = factories.agreement(own, what="опоздала", due_on=TODAY - DAY)
        factories.agreement(own, due_on=TODAY)
        factories.agreement(own, due_on=TODAY - DAY, status="done", closed_on=TODAY)
        factories.agreement(responsible=anna, what="без клиента", due_on=TODAY - 2 * DAY)
        factories.agreement(world.clients["colleague"], due_on=TODAY - DAY)
        section = self.sections(world, "tasks")
        assert [row["text"] for row in section["rows"]] == ["без клиента", "опоздала"]
        assert section["rows"][1]["url"] == reverse("task", args=[late.pk])
        assert section["more_url"].startswith("/tasks/?state=overdue&employee=")

    def test_key_users_whom_nobody_reached(self, world: World) -> None:
        own = world.clients["own"]
        reached = factories.participant(own, ("key_user",))
        missed = factories.participant(own, ("key_user",))
        gone = factories.participant(own, ("key_user",), ends_on=TODAY - DAY)
        factories.participant(own, ("decision_maker",))
        factories.visit(own, held_on=TODAY - DAY, participants=[reached], materials=1)
        factories.visit(own, held_on=TODAY - DAY, participants=[missed])  # not useful
        section = self.sections(world, "key_users")
        names = [row["text"] for row in section["rows"]]
        assert str(missed) in names
        assert str(reached) not in names
        assert str(gone) not in names
        told = self.facts(section)
        assert told["Охват КлП"] == ("50\u00a0%", "1 из 2, норма 90 %", True)
        assert told["Охват ГКлП"][1] == "1 из 1, норма 85 %"

    def test_lamps_now_and_changed(self, world: World) -> None:
        other = factories.client(world.staff["anna"], world.noio1, name="ООО Была зелёной")
        lamp = factories.lamp(other, "red")
        period = other.lamp_periods.get()
        period.ends_on = TODAY - 3 * DAY
        period.colour, period.total = "green", 90
        period.save()
        from lamps.models import LampPeriod, Night

        LampPeriod.objects.create(
            client=other, scheme=lamp.scheme, specialist=lamp.specialist, unit=lamp.unit,
            segment=lamp.segment, colour="red", total=30, raw=lamp.raw, points=lamp.points,
            since=TODAY - 3 * DAY, starts_on=TODAY - 3 * DAY,
        )  # fmt: skip
        Night.objects.create(on=TODAY - 8 * DAY, computed_at=datetime.now().astimezone())
        section = self.sections(world, "lamps")
        assert [(row["text"], row["lamps"]) for row in section["rows"]] == [
            ("ООО Была зелёной", ("green", "red"))
        ]
        assert section["count"] == 1
        told = self.facts(section)
        assert "+1 клиент" in told["Красный"][1] or "−1" in told["Зелёный"][1]

    def test_needs_one_step_before_the_end(self, world: World) -> None:
        need = factories.need(world.clients["own"], title="почти готова")
        factories.need_step(need, "04")
        factories.need_step(factories.need(world.clients["colleague"], title="чужая"), "04")
        section = self.sections(world, "needs")
        assert [row["text"] for row in section["rows"]] == ["почти готова"]

    def test_decisions_of_the_last_one(self, world: World, now: datetime) -> None:
        before = plan(world, on=TODAY - 7 * DAY)
        agreements.add_agreement(
            actor=world.users["galina"], client=world.clients["own"], control_point=before,
            values={"what": "прежнее решение"}, today=TODAY,
        )  # fmt: skip
        hold(world, before, now)
        section = self.sections(world, "decisions")
        assert section["rows"][0]["text"] == "прежнее решение"
        assert "в работе" in section["rows"][0]["note"]

    def test_of_a_whole_unit(self, world: World) -> None:
        review = plan(world, kind=kind("session"), unit=world.noio1)
        factories.agreement(world.clients["own"], what="наша", due_on=TODAY - DAY)
        factories.agreement(world.clients["colleague"], what="и наша", due_on=TODAY - DAY)
        factories.agreement(world.clients["foreign"], what="не наша", due_on=TODAY - DAY)
        found = {one["code"]: one for one in selectors.figures_of(review, TODAY)}
        assert [row["text"] for row in found["tasks"]["rows"]] == ["наша", "и наша"]

    def test_the_same_queries_for_3_clients_and_for_40(
        self, world: World, count_queries: Any
    ) -> None:
        def ask() -> int:
            with count_queries() as queries:
                self.sections(world)
            return len(queries)

        self.grow(world, 3)
        few = ask()
        self.grow(world, 40)
        assert ask() <= few + 4  # lists that are cut are counted

    def grow(self, world: World, number: int) -> None:
        for n in range(number):
            client = factories.client(world.staff["anna"], world.noio1)
            factories.lamp(client, ["red", "yellow", "green"][n % 3])
            person = factories.participant(client, ("key_user",))
            factories.visit(client, materials=1, participants=[person] if n % 2 else [])
            factories.visit(client, level="K2", held_on=TODAY - DAY)
            factories.agreement(client, due_on=TODAY - DAY)
            factories.need_step(factories.need(client), "04")


class TestHold:
    def test_figures_are_kept_as_they_were(self, world: World, now: datetime) -> None:
        review = world.row("visits.controlpoint")
        live = selectors.figures_of(review, TODAY)
        held = hold(world, review, now)
        factories.agreement(world.clients["own"], due_on=TODAY - DAY)
        held = ControlPoint.objects.get(pk=held.pk)
        assert held.held_at == now
        assert held.notes == "обсудили"
        kept = selectors.figures_of(held, TODAY + DAY)
        assert [one["code"] for one in kept] == [one["code"] for one in live]
        assert next(one for one in kept if one["code"] == "tasks")["rows"] == []
        entry = AuditEntry.objects.latest("pk")
        assert "figures" not in entry.after

    def test_not_before_its_day(self, world: World, now: datetime) -> None:
        with pytest.raises(ValidationError, match="перенесите"):
            hold(world, plan(world), now)

    def test_for_good(self, world: World, now: datetime) -> None:
        review = hold(world, world.row("visits.controlpoint"), now)
        head = world.users["galina"]
        for call in (
            lambda: hold(world, review, now),
            lambda: services.update_review(
                actor=head, review=review, values={"notes": "иначе"}, today=TODAY
            ),
            lambda: services.drop_review(actor=head, review=review),
            lambda: agreements.add_agreement(
                actor=head, client=world.clients["own"], control_point=review,
                values={"what": "задним числом"}, today=TODAY,
            ),
        ):  # fmt: skip
            with pytest.raises(ValidationError, match="проведена"):
                call()

    def test_but_its_decisions_live_on(self, world: World, now: datetime) -> None:
        review, head = world.row("visits.controlpoint"), world.users["galina"]
        row = agreements.add_agreement(
            actor=head, client=world.clients["own"], control_point=review,
            values={"what": "решение"}, today=TODAY,
        )  # fmt: skip
        hold(world, review, now)
        with pytest.raises(ValidationError, match="не меняется"):
            agreements.update_agreement(
                actor=head, agreement=row, values={"what": "иное"}, today=TODAY
            )
        done = agreements.close_agreement(
            actor=world.users["anna"], agreement=row, outcome="сделано", today=TODAY
        )
        assert done.status == "done"

    def test_somebody_was_quicker(self, world: World, now: datetime) -> None:
        review = world.row("visits.controlpoint")
        services.update_review(
            actor=world.users["galina"], review=review, values={"notes": "х"}, today=TODAY
        )
        with pytest.raises(Conflict):
            hold(world, review, now, version=1)

    def test_one_that_decided_is_not_dropped(self, world: World) -> None:
        review = plan(world)
        agreements.add_agreement(
            actor=world.users["galina"], client=world.clients["own"], control_point=review,
            values={"what": "решение"}, today=TODAY,
        )  # fmt: skip
        with pytest.raises(ValidationError, match="решения"):
            services.drop_review(actor=world.users["galina"], review=review)
        Agreement.objects.filter(control_point=review).delete()
        services.drop_review(actor=world.users["galina"], review=review)
        assert not ControlPoint.objects.filter(pk=review.pk).exists()

    def test_specialists_read_only(self, world: World, now: datetime) -> None:
        review = world.row("visits.controlpoint")
        with pytest.raises(Refused):
            services.hold_review(actor=world.users["anna"], review=review, now=now)
        with pytest.raises(Refused):
            services.update_review(
                actor=world.users["dmitry"], review=review, values={}, today=TODAY
            )


class TestPages:
    def test_list(self, world: World, client_as: As) -> None:
        page = client_as("anna").get(reverse("reviews"))
        found = {row.record.pk for row in page.context["table"].rows}
        assert found == {world.row("visits.controlpoint").pk}
        assert "Новая контрольная точка" not in text(page)
        assert len(client_as("elena").get(reverse("reviews")).context["table"].rows) == 3
        galina = client_as("galina").get(f"{reverse('reviews')}?state=planned")
        assert len(galina.context["table"].rows) == 2
        sheet = client_as("galina").get(f"{reverse('reviews')}?format=csv")
        assert len(b"".join(sheet.streaming_content).decode().splitlines()) == 3

    @pytest.mark.parametrize(
        ("query", "count"),
        [("state=held", 0), ("state=late", 0), ("unit={noio1}", 2), ("specialist={anna}", 1),
         ("kind={weekly}", 2), ("on_after=2026-09-17", 0)],
    )  # fmt: skip
    def test_filters(self, world: World, client_as: As, query: str, count: int) -> None:
        query = query.format(noio1=world.noio1.pk, anna=world.staff["anna"].pk, weekly=kind().pk)
        page = client_as("galina").get(f"{reverse('reviews')}?{query}")
        assert len(page.context["table"].rows) == count

    def test_a_specialist_reads_their_own(self, world: World, client_as: As) -> None:
        review = world.row("visits.controlpoint")
        body = text(client_as("anna").get(reverse("review", args=[review.pk])))
        assert f"{OWN} обсудили" in body
        assert COLLEAGUES not in body
        assert FOREIGN not in body
        assert reverse("review_hold", args=[review.pk]) not in body
        for name in ("review_hold", "review_edit", "review_decide", "review_drop"):
            assert client_as("anna").get(reverse(name, args=[review.pk])).status_code == 403

    def test_foreign_is_as_missing(self, world: World, client_as: As) -> None:
        for pk in (world.row("visits.controlpoint", "foreign").pk, MISSING):
            assert client_as("galina").get(reverse("review", args=[pk])).status_code == 404
            assert client_as("galina").post(reverse("review_hold", args=[pk])).status_code == 404

    def test_from_due_to_planned(self, world: World, client_as: As) -> None:
        browser = client_as("galina")
        body = text(browser.get(reverse("reviews_due")))
        assert "Запланировать все (3)" in body
        zoya = world.staff["zoya"]
        query = f"?kind={kind().pk}&specialist={zoya.pk}&on=2026-09-16"
        assert f"{query.replace('&', '&amp;')}" in body
        form = browser.get(reverse("review_add") + query).context["form"]
        assert str(form["specialist"].value()) == str(zoya.pk)
        done = browser.post(
            reverse("review_add"),
            {"kind": kind().pk, "specialist": zoya.pk, "on": "2026-09-17"},
        )
        row = ControlPoint.objects.latest("pk")
        assert done.url == reverse("review", args=[row.pk])
        assert browser.post(reverse("reviews_plan")).url == reverse("reviews")
        assert "Всё запланировано" in text(browser.get(reverse("reviews_due")))

    def test_a_refusal_keeps_what_was_typed(self, world: World, client_as: As) -> None:
        browser = client_as("galina")
        page = browser.post(
            reverse("review_add"),
            {"kind": kind().pk, "specialist": world.staff["anna"].pk, "on": "2076-01-01"},
        )
        assert page.status_code == 422
        assert set(page.context["form"].errors) == {"on"}
        foreign = browser.post(
            reverse("review_add"),
            {"kind": kind().pk, "specialist": world.staff["vera"].pk, "on": "2026-09-17"},
        )
        assert set(foreign.context["form"].errors) == {"specialist"}

    def test_decide_and_hold(self, world: World, client_as: As) -> None:
        browser, review = client_as("galina"), world.row("visits.controlpoint")
        card = reverse("review", args=[review.pk])
        assert OWN in text(browser.get(card))
        decide = reverse("review_decide", args=[review.pk])
        browser.post(decide, {"what": "без клиента"})
        row = Agreement.objects.latest("pk")
        assert (row.control_point, row.client, row.responsible) == (
            review, None, world.staff["anna"],
        )  # fmt: skip
        browser.post(decide, {"what": "о клиенте", "client": world.clients["own"].pk})
        row = Agreement.objects.latest("pk")
        assert (row.client, row.responsible) == (world.clients["own"], None)
        bad = browser.post(decide, {"what": "о чужом", "client": world.clients["foreign"].pk})
        assert bad.status_code == 422
        assert set(bad.context["form"].errors) == {"client"}
        assert "о чужом" in text(bad)
        hold_at = reverse("review_hold", args=[review.pk])
        version = browser.get(hold_at).context["form"]["version"].value()
        done = browser.post(hold_at, {"version": version, "notes": "итоги разбора"}, follow=True)
        body = text(done)
        assert "итоги разбора" in body
        assert "без клиента" in body
        assert decide not in body
        assert browser.post(decide, {"what": "поздно"}).status_code == 422

    def test_move_and_drop(self, world: World, client_as: As) -> None:
        browser, review = client_as("galina"), world.row("visits.controlpoint")
        data = {
            "on": "2026-09-21", "since": "2026-09-11", "led_by": review.led_by_id,
            "version": review.version, "notes": "заранее",
        }  # fmt: skip
        assert browser.post(reverse("review_edit", args=[review.pk]), data).status_code == 302
        review.refresh_from_db()
        assert (review.on, review.notes) == (date(2026, 9, 21), "заранее")
        late = browser.post(reverse("review_hold", args=[review.pk]), {"version": review.version})
        assert late.status_code == 422
        drop = reverse("review_drop", args=[review.pk])
        assert browser.get(drop).status_code == 200
        assert browser.post(drop, {"version": review.version}).url == reverse("reviews")
        assert not ControlPoint.objects.filter(pk=review.pk).exists()

    def test_a_held_one_without_figures_says_so(
        self, world: World, client_as: As, now: datetime
    ) -> None:
        review = world.row("visits.controlpoint")
        ControlPoint.objects.filter(pk=review.pk).update(held_at=now)
        body = text(client_as("anna").get(reverse("review", args=[review.pk])))
        assert "не сохранялись" in body

    def test_the_same_queries_for_3_rows_and_for_100(
        self, world: World, client_as: As, count_queries: Any
    ) -> None:
        browser = client_as("galina")
        pages = [reverse("reviews"), reverse("reviews_due")]
        [browser.get(page) for page in pages]
        with count_queries() as few:
            [browser.get(page) for page in pages]
        for n in range(1, 98):
            row = factories.control_point(
                world.noio1, world.staff["anna"], world.staff["galina"], on=TODAY - n * DAY,
                since=TODAY - (n + 7) * DAY,
            )  # fmt: skip
            factories.agreement(world.clients["own"], control_point=row)
        with count_queries() as many:
            [browser.get(page) for page in pages]
        assert len(few) == len(many)


class TestApi:
    URL = "/api/v1/control-points/"

    def test_plan_read_hold_and_drop(self, world: World, api_as: As) -> None:
        api = api_as("galina")
        body = {"kind": kind().pk, "specialist": world.staff["zoya"].pk, "on": "2026-09-16"}
        made = api.post(self.URL, body, format="json")
        assert made.status_code == 201
        row = made.json()
        assert row["unit"] == world.noio1.pk
        address = f"{self.URL}{row['id']}/"
        changed = api.patch(
            address, {"notes": "заметка"}, format="json", headers={"If-Match": made["ETag"]}
        )
        assert changed.json()["notes"] == "заметка"
        assert api.patch(address, {"kind": 1}, format="json", headers={"If-Match": "W/2"}).json()[
            "errors"
        ]
        stale = api.post(f"{address}hold/", {}, format="json", headers={"If-Match": made["ETag"]})
        assert stale.status_code == 412
        held = api.post(f"{address}hold/", {}, format="json", headers={"If-Match": changed["ETag"]})
        assert held.json()["held_at"]
        assert held.json()["notes"] == "заметка"
        assert {one["code"] for one in held.json()["figures"]["sections"]} >= {"contacts", "tasks"}
        assert api.delete(address, headers={"If-Match": held["ETag"]}).status_code == 400
        other = world.row("visits.controlpoint")
        gone = api.delete(f"{self.URL}{other.pk}/", headers={"If-Match": f'W/"{other.version}"'})
        assert gone.status_code == 204

    def test_scope(self, world: World, api_as: As) -> None:
        assert len(api_as("anna").get(self.URL).json()["results"]) == 1
        assert len(api_as("reader").get(self.URL).json()["results"]) == 3
        assert api_as("anna").post(self.URL, {}, format="json").status_code == 403
        kinds = api_as("zhanna").get("/api/v1/control-point-kinds/").json()["results"]
        assert {row["code"] for row in kinds} >= {"weekly", "session"}


def test_the_registry_leaves_out_what_has_nothing_to_say(world: World) -> None:
    from visits import review_sections

    pool = selectors.pool_of(world.row("visits.controlpoint"), TODAY)
    source = review_sections.Source("silent", 1, lambda pool: None)
    review_sections.register(source)
    try:
        assert "silent" not in {one["code"] for one in review_sections.sections_of(pool)}
    finally:
        review_sections._sources.pop("silent")
    assert visits_selectors.my_employees(world.users["anna"]) == {world.staff["anna"].pk}
