"""Confirmation by a second person and by the participant's link: who may, once, what is told."""

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.models import Employee
from config.logging import masked
from core.errors import Conflict, Refused
from core.models import AuditEntry, Setting
from core.views_secret import ASKED, MISSED
from needs import services
from needs.enums import LinkState
from needs.models import Confirmation, Need, NeedStage
from needs.selectors.confirmations import waiting_for
from tests import factories
from tests.personas import World

pytestmark = pytest.mark.django_db
As = Callable[[str], Any]
DAY = timedelta(days=1)


@pytest.fixture
def need(world: World) -> Need:
    """Анна's need whose effect is recorded."""
    row = factories.need(
        world.clients["own"], title="Субсидия", effect="не справились бы", effect_hours=12
    )
    factories.need_step(row, "04")
    return row


@pytest.fixture(autouse=True)
def _fresh_counters(db: None) -> None:
    cache.clear()


def participant(world: World) -> Any:
    return world.row("contacts.participant")


def ask(world: World, need: Need, now: datetime, **more: Any) -> Confirmation:
    call = {"on": date(2026, 9, 15), "evidence": "письмо № 5", "participant": participant(world)}
    call |= {"actor": world.users["anna"]}
    return services.ask_person(**call | more, need=need, now=now)


def link(world: World, need: Need, now: datetime, **more: Any) -> tuple[Confirmation, str]:
    call: dict[str, Any] = {"actor": world.users["anna"], "participant": participant(world)}
    return services.ask_by_link(**call | more, need=need, now=now)


def decide(world: World, row: Confirmation, now: datetime, who: str = "galina", **more: Any) -> Any:
    call = {"actor": world.users[who], "confirmation": row, "approve": True, "now": now}
    return services.decide_confirmation(**call | more)


def errors(call: Callable[..., Any], *args: Any, **kwargs: Any) -> dict[str, list[str]]:
    with pytest.raises(ValidationError) as caught:
        call(*args, **kwargs)
    found = caught.value
    return found.message_dict if hasattr(found, "error_dict") else {"__all__": found.messages}


class TestBySecondPerson:
    def test_approval_makes_the_step(self, world: World, now: datetime, need: Need) -> None:
        row = ask(world, need, now)
        assert (row.status, row.requested_by) == ("waiting", world.staff["anna"])
        row = decide(world, row, now)
        need.refresh_from_db()
        step = need.steps.get(stage__code="06")
        assert (row.status, row.decided_by, row.answered_at) == (
            "confirmed",
            world.staff["galina"],
            now,
        )
        assert (need.stage.code, need.stage_on) == ("06", date(2026, 9, 15))
        assert (step.author, step.evidence, step.participant, step.on) == (
            world.staff["galina"],
            "письмо № 5",
            participant(world),
            date(2026, 9, 15),
        )

    def test_a_refusal_needs_a_reason_and_leaves_the_need(
        self, world: World, now: datetime, need: Need
    ) -> None:
        row = ask(world, need, now)
        assert list(errors(decide, world, row, now, approve=False, reason=" ")) == ["reason"]
        row = decide(world, row, now, approve=False, reason="нет подписи")
        need.refresh_from_db()
        assert (row.status, row.answer, need.stage.code) == ("refused", "нет подписи", "04")

    def test_neither_who_asked_nor_the_author_decides(
        self, world: World, now: datetime, need: Need
    ) -> None:
        row = ask(world, need, now, actor=world.users["galina"])
        said = "Решает не тот, кто запросил, и не автор потребности."
        assert errors(decide, world, row, now, "anna") == {"__all__": [said]}
        assert errors(decide, world, row, now, "galina") == {"__all__": [said]}
        assert decide(world, row, now, "zoya").decided_by == world.staff["zoya"]

    def test_out_of_scope(self, world: World, now: datetime, need: Need) -> None:
        row = ask(world, need, now)
        with pytest.raises(Refused):
            decide(world, row, now, "boris")
        with pytest.raises(Refused):
            ask(world, need, now, actor=world.users["vera"])
        with pytest.raises(Refused):
            services.withdraw_confirmation(actor=world.users["boris"], confirmation=row, now=now)

    def test_what_is_asked_is_judged_as_the_step_would_be(
        self, world: World, now: datetime, need: Need
    ) -> None:
        other = world.row("contacts.participant", "colleague")
        wrong = {
            "on": [None, now.date() + DAY, date(2026, 9, 1)],
            "evidence": [" \u200b"],
            "participant": [None, other],
        }
        for name, values in wrong.items():
            for value in values:
                assert list(errors(ask, world, need, now, **{name: value})) == [name]
        early = world.row("needs.need")
        assert errors(ask, world, early, now) == {"__all__": ["Сейчас подтверждать нечего."]}

    def test_one_waits_at_a_time(self, world: World, now: datetime, need: Need) -> None:
        row = ask(world, need, now)
        said = "По этой потребности подтверждение уже запрошено."
        assert errors(ask, world, need, now) == {"__all__": [said]}
        services.withdraw_confirmation(actor=world.users["galina"], confirmation=row, now=now)
        assert ask(world, need, now).status == "waiting"

    def test_answered_once_and_the_second_is_told(
        self, world: World, now: datetime, need: Need
    ) -> None:
        row = ask(world, need, now)
        decide(world, row, now, approve=False, reason="нет")
        said = "Потребность снята" if need.status == "dropped" else "На этот запрос уже ответили"
        assert said in errors(decide, world, row, now)["__all__"][0]
        with pytest.raises(Conflict):
            decide(world, row, now, version=row.version)

    def test_a_long_wait_is_not_back_dating(self, world: World, now: datetime, need: Need) -> None:
        row = ask(world, need, now)
        assert decide(world, row, now + 90 * DAY).status == "confirmed"

    @pytest.mark.parametrize("verb", ["drop_need", "step_back"])
    def test_a_need_that_moves_on_ends_the_request(
        self, world: World, now: datetime, need: Need, verb: str
    ) -> None:
        row = ask(world, need, now)
        getattr(services, verb)(actor=world.users["anna"], need=need, reason="иначе", now=now)
        row.refresh_from_db()
        assert row.status == "withdrawn"

    def test_a_step_recorded_by_another_ends_the_request(
        self, world: World, now: datetime, need: Need
    ) -> None:
        row = ask(world, need, now)
        services.advance_need(
            actor=world.users["galina"], need=need, on=now.date(), evidence="при мне",
            participant=participant(world), now=now,
        )  # fmt: skip
        row.refresh_from_db()
        assert row.status == "withdrawn"

    def test_waiting_for_others_only(self, world: World, now: datetime, need: Need) -> None:
        row = ask(world, need, now)

        def waits(who: str) -> list[Confirmation]:
            own: Employee | None = world.staff.get(who)
            return list(waiting_for(world.users[who], own))

        assert [waits(who) for who in ("galina", "zoya", "elena")] == [[row]] * 3
        assert [waits(who) for who in ("anna", "boris", "dmitry", "zhanna")] == [[]] * 4


class TestPages:
    def test_asked_and_approved(
        self, world: World, now: datetime, need: Need, client_as: As
    ) -> None:
        anna, head = client_as("anna"), client_as("galina")
        sent = {
            "participant": participant(world).pk, "on": "2026-09-15", "evidence": "акт",
            "version": need.version,
        }  # fmt: skip
        response = anna.post(reverse("need_ask_person", args=[need.pk]), sent)
        row = Confirmation.objects.get(need=need)
        assert (response.status_code, response["Location"]) == (
            302,
            reverse("need", args=[need.pk]),
        )
        page = reverse("confirmation", args=[row.pk])
        assert "Решает другой сотрудник" in anna.get(page).content.decode()
        assert "Субсидия" in head.get(reverse("panel_confirmations")).content.decode()
        missing = head.post(page, {"decision": "refuse", "version": row.version})
        assert (missing.status_code, "Напишите причину" in missing.content.decode()) == (422, True)
        assert head.post(page, {"decision": "approve", "version": row.version}).status_code == 302
        need.refresh_from_db()
        assert need.stage.code == "06"
        late = head.post(
            page, {"decision": "refuse", "reason": "мой текст", "version": row.version}
        )
        assert (late.status_code, "мой текст" in late.content.decode()) == (409, True)

    def test_the_author_is_led_to_ask(self, need: Need, client_as: As) -> None:
        body = client_as("anna").get(reverse("need", args=[need.pk])).content.decode()
        assert reverse("need_ask_link", args=[need.pk]) in body
        assert reverse("need_advance", args=[need.pk]) not in body

    def test_list(self, world: World, now: datetime, need: Need, client_as: As) -> None:
        ask(world, need, now)
        found = client_as("galina").get(reverse("confirmations"), {"status": "waiting"})
        assert found.content.decode().count("Рассмотреть") == 1
        assert (
            client_as("dmitry").get(reverse("confirmations")).content.decode().count("Субсидия")
            == 0
        )

    def test_queries_do_not_grow(
        self, world: World, now: datetime, client_as: As, count_queries: Callable[[], Any]
    ) -> None:
        counts = []
        for more in (3, 27):
            for _ in range(more):
                row = factories.need(world.clients["own"])
                factories.need_step(row, "04")
                factories.confirmation(row, participant(world), world.staff["anna"])
            head = client_as("galina")
            head.get(reverse("confirmations"))
            with count_queries() as queries:
                head.get(reverse("confirmations"))
                head.get(reverse("panel_confirmations"))
            counts.append(len(queries))
        assert counts[0] == counts[1]


class TestApi:
    def test_asked_decided_withdrawn(
        self, world: World, now: datetime, need: Need, api_as: As
    ) -> None:
        body = {
            "need": need.pk, "participant": participant(world).pk, "way": "person",
            "on": "2026-09-15", "evidence": "акт",
        }  # fmt: skip
        made = api_as("anna").post("/api/v1/confirmations/", body, format="json")
        assert (made.status_code, made.json()["link"]) == (201, "")
        at = f"/api/v1/confirmations/{made.json()['id']}/"
        assert api_as("boris").get(at).status_code == 404
        head = api_as("galina")
        call = {"data": {"approve": True}, "format": "json"}
        assert head.post(at + "decide/", **call).status_code == 428
        assert head.post(at + "decide/", **call, HTTP_IF_MATCH='W/"9"').status_code == 412
        done = head.post(at + "decide/", **call, HTTP_IF_MATCH=made["ETag"])
        assert (done.status_code, done.json()["status"]) == (200, "confirmed")
        late = api_as("anna").post(at + "withdraw/", format="json", HTTP_IF_MATCH=done["ETag"])
        assert late.status_code == 400

    def test_a_link_is_told_once(self, world: World, now: datetime, need: Need, api_as: As) -> None:
        body = {"need": need.pk, "participant": participant(world).pk, "way": "link"}
        body["requested_by"] = world.staff["anna"].pk
        made = api_as("writer").post("/api/v1/confirmations/", body, format="json")
        assert re.search(r"/confirm/[\w-]{43}/$", made.json()["link"])
        at = f"/api/v1/confirmations/{made.json()['id']}/"
        assert api_as("writer").get(at).json()["link"] == ""
        assert api_as("anna").post(at + "withdraw/", format="json").status_code == 428
        tag = made["ETag"]
        gone = api_as("anna").post(at + "withdraw/", format="json", HTTP_IF_MATCH=tag)
        assert gone.json()["status"] == "withdrawn"


class TestLink:
    def page(self, secret: str) -> str:
        return reverse("confirm_link", args=[secret])

    def test_only_the_digest_is_kept(self, world: World, now: datetime, need: Need) -> None:
        row, secret = link(world, need, now)
        assert len(secret) == 43
        assert row.expires_at == now + 14 * DAY
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT to_jsonb(c)::text FROM needs_confirmation c WHERE id = %s", [row.pk]
            )
            assert secret not in cursor.fetchone()[0]
        written = str(list(AuditEntry.objects.values_list("after", flat=True)))
        assert secret not in written
        assert row.digest not in written

    def test_the_specialist_sees_it_once(self, world: World, need: Need, client_as: As) -> None:
        sent = {"participant": participant(world).pk, "version": need.version}
        response = client_as("anna").post(reverse("need_ask_link", args=[need.pk]), sent)
        body = response.content.decode()
        secret = re.search(r"/confirm/([\w-]{43})/", body)[1]  # type: ignore[index]
        assert "mailto:" in body
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "strict-origin"
        card = client_as("anna").get(reverse("need", args=[need.pk])).content.decode()
        assert secret not in card
        assert Client().get(self.page(secret)).status_code == 200

    def test_yes_makes_the_step_in_the_name_of_who_asked(
        self, world: World, now: datetime, today: date, need: Need
    ) -> None:
        row, secret = link(world, need, now)
        assert Client().post(self.page(secret), {"answer": "yes"}).status_code == 200
        need.refresh_from_db()
        row.refresh_from_db()
        step = need.steps.get(stage__code="06")
        assert (need.stage.code, row.status, row.on) == ("06", "confirmed", today)
        assert (step.author, step.participant) == (world.staff["anna"], participant(world))
        assert step.evidence == f"Подтверждено по ссылке 16.09.2026: {participant(world)}."
        entry = AuditEntry.objects.filter(subject=f"needs.needstep:{step.pk}").get()
        assert (entry.actor, entry.via) == (None, "ссылка клиенту")

    @pytest.mark.parametrize(
        ("answer", "said", "status"),
        [("no", "", "refused"), ("no", "не помню", "refused"), ("correction", "6 ч", "corrected")],
    )
    def test_no_and_a_correction_leave_the_need(
        self, world: World, now: datetime, need: Need, client_as: As,
        answer: str, said: str, status: str,
    ) -> None:  # fmt: skip
        row, secret = link(world, need, now)
        assert Client().post(self.page(secret), {"answer": answer, "said": said}).status_code == 200
        row.refresh_from_db()
        need.refresh_from_db()
        assert (row.status, row.answer, need.stage.code) == (status, said, "04")
        card = client_as("anna").get(reverse("need", args=[need.pk])).content.decode()
        assert said in card

    @pytest.mark.parametrize(
        "sent",
        [{}, {"answer": "maybe"}, {"answer": "correction"}, {"answer": "yes", "said": "\x00"}],
    )
    def test_an_answer_that_is_none_changes_nothing(
        self, world: World, now: datetime, need: Need, sent: dict[str, str]
    ) -> None:
        row, secret = link(world, need, now)
        assert Client().post(self.page(secret), sent).status_code == 422
        row.refresh_from_db()
        assert row.status == "waiting"

    def test_a_get_changes_nothing_however_often(
        self, world: World, now: datetime, need: Need
    ) -> None:
        row, secret = link(world, need, now)
        for _ in range(5):
            response = Client().get(self.page(secret), {"answer": "yes"})
        Client().head(self.page(secret))
        again = Confirmation.objects.get(pk=row.pk)
        assert (again.status, again.version) == ("waiting", row.version)
        assert response["Cache-Control"] == "no-store"
        assert response["Referrer-Policy"] == "strict-origin"
        assert response["X-Robots-Tag"] == "noindex, nofollow"

    def test_it_shows_the_effect_and_nothing_else(
        self, world: World, now: datetime, need: Need
    ) -> None:
        Need.objects.filter(pk=need.pk).update(
            difficulties="тайна", solution="секрет", context="x1y"
        )
        _, secret = link(world, need, now)
        body = Client().get(self.page(secret)).content.decode()
        for shown in (world.clients["own"].name, "Субсидия", "не справились бы", "12"):
            assert shown in body
        for hidden in ("тайна", "секрет", "x1y", "конкурент", "/needs/", "телефон"):
            assert hidden not in body

    def test_csrf(self, world: World, now: datetime, need: Need) -> None:
        row, secret = link(world, need, now)
        strict = Client(enforce_csrf_checks=True)
        assert strict.post(self.page(secret), {"answer": "yes"}).status_code == 403
        body = strict.get(self.page(secret)).content.decode()
        token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', body)[1]  # type: ignore[index]
        sent = {"answer": "yes", "csrfmiddlewaretoken": token}
        assert strict.post(self.page(secret), sent).status_code == 200
        row.refresh_from_db()
        assert row.status == "confirmed"

    def closed(self, secret: str, state: LinkState) -> None:
        for method in ("get", "post"):
            response = getattr(Client(), method)(self.page(secret), {"answer": "yes"})
            body = response.content.decode()
            assert (response.status_code, state.label in body) == (410, True), method
            assert response["Referrer-Policy"] == "no-referrer"
            assert "Субсидия" not in body

    def test_used_twice(self, world: World, now: datetime, need: Need) -> None:
        _, secret = link(world, need, now)
        Client().post(self.page(secret), {"answer": "yes"})
        self.closed(secret, LinkState.USED)
        assert need.steps.filter(stage__code="06").count() == 1

    def test_expired(
        self, world: World, now: datetime, need: Need, move_clock: Callable[[datetime], None]
    ) -> None:
        _, secret = link(world, need, now)
        move_clock(now + 14 * DAY - timedelta(seconds=1))
        assert Client().get(self.page(secret)).status_code == 200
        move_clock(now + 14 * DAY)
        self.closed(secret, LinkState.EXPIRED)
        assert link(world, need, now + 15 * DAY)[0].status == "waiting"  # it makes room

    def test_the_term_is_a_setting(self, world: World, now: datetime, need: Need) -> None:
        Setting.objects.create(code="needs.link_days", value=3)
        assert link(world, need, now)[0].expires_at == now + 3 * DAY

    def test_withdrawn(self, world: World, now: datetime, need: Need, client_as: As) -> None:
        row, secret = link(world, need, now)
        client_as("anna").post(reverse("confirmation_withdraw", args=[row.pk]))
        self.closed(secret, LinkState.WITHDRAWN)

    def test_a_participant_who_has_left(
        self, world: World, now: datetime, today: date, need: Need
    ) -> None:
        _, secret = link(world, need, now)
        who = participant(world)
        type(who).objects.filter(pk=who.pk).update(ends_on=today)
        self.closed(secret, LinkState.LEFT)

    def test_a_need_moved_since(self, world: World, now: datetime, need: Need) -> None:
        _, secret = link(world, need, now)
        Need.objects.filter(pk=need.pk).update(status="dropped")
        self.closed(secret, LinkState.MOVED)
        Need.objects.filter(pk=need.pk).update(status="open")
        NeedStage.objects.filter(code="06").update(requires=["effect", "context"])  # which is empty
        self.closed(secret, LinkState.MOVED)

    def test_an_unknown_one_tells_nothing(self, world: World, now: datetime, need: Need) -> None:
        _, secret = link(world, need, now)
        near = secret[:-1] + ("A" if secret[-1] != "A" else "B")
        bodies = {
            Client().get(self.page(wrong)).content for wrong in (near, "x", "я" * 20, secret * 3)
        }
        assert len(bodies) == 1
        assert Client().post(self.page(near), {"answer": "yes"}).status_code == 404

    def test_who_works_here_does_not_answer(
        self, world: World, now: datetime, need: Need, client_as: As
    ) -> None:
        row, secret = link(world, need, now)
        for who in ("anna", "galina"):
            response = client_as(who).post(self.page(secret), {"answer": "yes"})
            assert response.status_code == 403
        row.refresh_from_db()
        assert row.status == "waiting"

    def test_guessing_is_throttled(self, world: World, now: datetime, need: Need) -> None:
        _, secret = link(world, need, now)
        statuses = [Client().get(self.page(f"guess{n}")).status_code for n in range(MISSED + 2)]
        assert statuses == [404] * MISSED + [429] * 2
        told = Client().get(self.page(secret))
        assert (told.status_code, told["Retry-After"]) == (429, "60")
        other = Client(REMOTE_ADDR="10.0.0.9")
        assert other.get(self.page(secret)).status_code == 200

    def test_so_is_asking_at_all(self, world: World, now: datetime, need: Need) -> None:
        _, secret = link(world, need, now)
        statuses = {Client().get(self.page(secret)).status_code for _ in range(ASKED)}
        assert statuses == {200}
        assert Client().get(self.page(secret)).status_code == 429

    def test_it_is_in_no_log(self) -> None:
        line = "GET /confirm/ZmFrZS1zZWNyZXQtZmFrZS1zZWNyZXQ/ 200"
        assert masked(line) == "GET /confirm/***/ 200"


class TestWhatIsConfirmedStays:
    def refused(self, world: World, need: Need, **values: Any) -> dict[str, list[str]]:
        return errors(services.update_need, actor=world.users["anna"], need=need, values=values)

    @pytest.mark.parametrize("way", [ask, link])
    def test_while_somebody_is_asked(
        self, world: World, now: datetime, need: Need, way: Callable[..., Any]
    ) -> None:
        asked = way(world, need, now)
        row = asked[0] if isinstance(asked, tuple) else asked
        found = self.refused(world, need, effect="другое", effect_roubles=1_000_000)
        assert set(found) == {"effect", "effect_roubles"}
        assert "отзовите запрос" in found["effect"][0]
        same = {"effect": "не справились бы\r\n", "effect_hours": 12, "works": "дела"}
        services.update_need(actor=world.users["anna"], need=need, values=same)
        services.withdraw_confirmation(actor=world.users["anna"], confirmation=row, now=now)
        services.update_need(actor=world.users["anna"], need=need, values={"effect": "другое"})

    def test_after_it_was_confirmed_until_stepped_back(
        self, world: World, now: datetime, need: Need
    ) -> None:
        decide(world, ask(world, need, now), now)
        found = self.refused(world, need, effect_hours=999)
        assert "верните потребность на этап назад" in found["effect_hours"][0]
        services.step_back(actor=world.users["anna"], need=need, reason="ошиблись", now=now)
        services.update_need(actor=world.users["anna"], need=need, values={"effect_hours": 999})

    def test_the_page_says_so_and_the_api_refuses(
        self, world: World, now: datetime, need: Need, client_as: As, api_as: As
    ) -> None:
        link(world, need, now)
        page = reverse("need_edit", args=[need.pk])
        body = client_as("anna").get(page).content.decode()
        assert body.count("Этот эффект сейчас подтверждают") == 3
        at = f"/api/v1/needs/{need.pk}/"
        tag = api_as("anna").get(at)["ETag"]
        sent = {"data": {"effect_hours": "999.0"}, "format": "json", "HTTP_IF_MATCH": tag}
        answer = api_as("anna").patch(at, **sent)
        assert (answer.status_code, "effect_hours" in answer.content.decode()) == (400, True)
        need.refresh_from_db()
        assert need.effect_hours == 12
