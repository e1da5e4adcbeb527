"""Contacts, held and planned, made by the database from the clients' plan."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date

from config.demo.facts import CONTACT_DAYS, LIVES, _bit
from config.demo.mixing import sql_choice, sql_mix, sql_pick
from config.demo.plan import K1
from config.demo.texts import FEEDBACK, GOALS, K2_GOALS, K2_RESULTS, PLANS, RESULTS

# A К2У of the time before the year, so that not every client's first one lies within it.
OLD_FROM, OLD_DAYS, OLD_PERCENT = 366, 88, 61
# Of a hundred participants of a role, how many their specialist meets in a month of contacts.
MEETS_MAIN, MEETS_OTHERS, MEETS_WEAK = 94, 99, 62
# One specialist of so many does not keep to the norms.
WEAK_OF = 9


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("контакты", _k1(today)),
        ("контакты", _k2(today)),
        ("контакты", _k1_planned(today)),
        ("контакты", _k2_planned(today)),
        ("контакты", "ANALYZE visits_visit"),
        ("участники контактов", _met(today)),
        ("участники контактов", _expected()),
        ("участники контактов", _companions()),
        ("услуги в контактах", _services(today)),
    ]


_VISIT = """
    INSERT INTO visits_visit
        (version, client_id, level, status, channel, employee_id, unit_id, planned_for, started_at,
         ended_at, goal, goal_kind, plan, prepared_at, materials, result, feedback, satisfaction,
         satisfaction_scale)
"""


def _moment(day: str, *salts: str | int) -> str:
    """A quarter of an hour of a working day, as Moscow sees it."""
    return (
        f"(({day} + TIME '09:00' + {sql_pick(32, 'c.n', *salts)} * INTERVAL '15 minutes')"
        " AT TIME ZONE 'Europe/Moscow')"
    )


def _channel(*salts: str | int) -> str:
    chance = sql_pick(100, "c.n", *salts)
    return (
        f"CASE WHEN {chance} < 40 THEN 'visit' WHEN {chance} < 80 THEN 'call' "
        f"WHEN {chance} < 95 THEN 'video' ELSE 'letter' END"
    )


def _score(chance: str) -> str:
    """What clients give of ten: about nine."""
    return (
        f"CASE WHEN {chance} < 46 THEN 10 WHEN {chance} < 78 THEN 9 WHEN {chance} < 92 THEN 8"
        f" WHEN {chance} < 97 THEN 7 ELSE 5 END"
    )


def is_weak(employee: str) -> str:
    """The condition that a specialist is one of those who do not keep to the norms."""
    return f"({employee} % {WEAK_OF} = 4)"


def _k1(today: str) -> str:
    """Two or three contacts in a block that earns the indicator, one or none in another.

    The last block keeps to the nearest working day that is past and inside the window; older
    ones move back to a working day. Some plans are written after the contact, some never.
    """
    enough = _bit(K1, "b.block")
    draws = sql_mix("c.n", 443, "c.off")
    plan = f"{draws} / 8 % 100"
    late = f"CASE WHEN {is_weak('a.specialist_id')} THEN 74 ELSE 93 END"
    folders = f"CASE WHEN {is_weak('a.specialist_id')} THEN 35 ELSE 6 END"
    return f"""{_VISIT}
    SELECT 1, c.id, 'K1', 'done', {_channel(444, "c.off")}, a.specialist_id, a.unit_id,
           CASE WHEN {draws} / 128 % 100 < 92 THEN c.day END, c.started,
           c.started + (20 + {draws} % 50) * INTERVAL '1 minute',
           {sql_choice(list(GOALS), "c.n", 445, "c.off")},
           CASE WHEN {draws} % 5 = 0 THEN 'firefighting' ELSE 'development' END,
           CASE WHEN {plan} < 97
                THEN {sql_choice(list(PLANS), "c.n", 446, "c.off")} ELSE '' END,
           CASE WHEN {plan} < {late} OR {plan} >= 97
                THEN c.started - (2 + {draws} % 70) * INTERVAL '1 hour'
                ELSE c.started + INTERVAL '3 hours' END,
           CASE WHEN {draws} / 1024 % 100 < {folders} THEN 0 ELSE 1 + {draws} / 1024 % 3 END,
           {sql_choice(list(RESULTS), "c.n", 447, "c.off")},
           CASE WHEN {draws} % 11 = 0
                THEN {sql_choice(list(FEEDBACK), "c.n", 448, "c.off")} ELSE '' END,
           CASE WHEN {draws} % 11 = 0 THEN {_score(f"{draws} / 16 % 100")} END, 10
    FROM (
        SELECT c.*, d2.day, d2.off, e.e, {_moment("d2.day", 442, "d2.off", "e.e")} AS started
        FROM demo_client c
        CROSS JOIN generate_series(0, 13) b(block)
        CROSS JOIN generate_series(0, 2) e(e)
        JOIN demo_day d ON d.off = 30 * b.block + 2 + {sql_pick(5, "c.n", 441)}
            + e.e * CASE c.contacts WHEN 2 THEN 14 ELSE 9 END
        JOIN demo_day d2 ON d2.off = CASE b.block WHEN 0 THEN d.near ELSE d.back END
        WHERE CASE WHEN {enough} THEN e.e < c.contacts
                   ELSE e.e = 0 AND {sql_pick(100, "c.n", 449, "b.block")} < 55 END
          AND d2.off <= {CONTACT_DAYS} {LIVES.format(off="d2.off")}
    ) c
    JOIN accounts_assignment a ON a.client_id = c.id AND a.starts_on <= c.day
        AND (a.ends_on IS NULL OR a.ends_on > c.day)
    ORDER BY c.day, c.started, c.id, c.off, c.e
    """


def _k2(today: str) -> str:
    """Heads come about twice in three half-years, often with the specialist.

    Of a hundred, 89 have a goal written before the start, four one written after it.
    """
    draws = sql_mix("c.n", 462, "c.off")
    goal = f"{draws} / 8 % 100"
    off = f"""CASE WHEN b.block = 3 THEN {OLD_FROM} + {sql_pick(OLD_DAYS, "c.n", 461, "b.block")}
        ELSE 4 + b.block * 120 + {sql_pick(118, "c.n", 461, "b.block")} END"""
    return f"""{_VISIT}
    SELECT 1, c.id, 'K2', 'done', CASE WHEN {draws} % 4 = 0 THEN 'video' ELSE 'visit' END,
           c.head_id, c.unit_id, c.day, c.started,
           c.started + (40 + {draws} % 50) * INTERVAL '1 minute',
           CASE WHEN {goal} < 93
                THEN {sql_choice(list(K2_GOALS), "c.n", 463, "c.off")} ELSE '' END,
           CASE WHEN {goal} < 93 THEN
               CASE WHEN {draws} % 6 = 0 THEN 'firefighting' ELSE 'development' END ELSE '' END,
           CASE WHEN {goal} < 84
                THEN {sql_choice(list(PLANS), "c.n", 464, "c.off")} ELSE '' END,
           CASE WHEN {goal} < 89 THEN c.started - (20 + {draws} % 90) * INTERVAL '1 hour'
                WHEN {goal} < 93 THEN c.started + INTERVAL '1 hour' END,
           CASE WHEN {draws} / 1024 % 10 < 6 THEN 1 + {draws} / 1024 % 2 ELSE 0 END,
           {sql_choice(list(K2_RESULTS), "c.n", 465, "c.off")}, '',
           CASE WHEN {draws} % 3 = 0 THEN {_score(f"{draws} / 16 % 100")} END, 10
    FROM (
        SELECT c.*, d2.day, d2.off, {_moment("d2.day", 466, "d2.off")} AS started
        FROM demo_client c CROSS JOIN generate_series(0, 3) b(block)
        JOIN demo_day d ON d.off = {off}
        JOIN demo_day d2 ON d2.off = d.back
        WHERE {sql_pick(100, "c.n", 467, "b.block")} < CASE WHEN b.block = 3 THEN {OLD_PERCENT}
              ELSE 50 END {LIVES.format(off="d2.off")}
    ) c
    ORDER BY c.day, c.started, c.id
    """


def _k1_planned(today: str) -> str:
    """What lies ahead, on working days: this week, the next ones; a few waited too long or fell
    through."""
    waited = sql_pick(100, "c.n", 451)
    off = f"""CASE WHEN e.e = 0 AND {waited} < 5 THEN 1 + {waited}
        WHEN e.e = 0 THEN -({sql_pick(12, "c.n", 452)})
        ELSE -(12 + {sql_pick(17, "c.n", 452, "e.e")}) END"""
    status = f"CASE WHEN e.e = 0 AND {waited} IN (3, 4) THEN 'cancelled' ELSE 'planned' END"
    planned = f"{sql_pick(100, 'c.n', 453, 'e.e')} < 55"
    return f"""{_VISIT}
    SELECT 1, c.id, 'K1', {status}, {_channel(454, "e.e")}, c.specialist_id, c.unit_id,
           d2.day, NULL, NULL,
           CASE WHEN {planned} THEN {sql_choice(list(GOALS), "c.n", 456, "e.e")} ELSE '' END,
           CASE WHEN {planned} THEN 'development' ELSE '' END,
           CASE WHEN {planned} THEN {sql_choice(list(PLANS), "c.n", 457, "e.e")} ELSE '' END,
           CASE WHEN {planned} THEN ({today} - 1 + TIME '17:30') AT TIME ZONE 'Europe/Moscow' END,
           0, '', '', NULL, 10
    FROM demo_client c CROSS JOIN generate_series(0, 1) e(e)
    JOIN demo_day d ON d.off = {off}
    -- Forward to a working day, unless it is past.
    JOIN demo_day d2 ON d2.off = CASE WHEN d.off > 0 THEN d.back ELSE d.ahead END
    WHERE c.churn_off IS NULL
      AND {sql_pick(100, "c.n", 458, "e.e")} < CASE e.e WHEN 0 THEN 70 ELSE 45 END
    ORDER BY d2.day, c.id, e.e
    """


def _k2_planned(today: str) -> str:
    """Heads plan some of their К2У for the coming weeks."""
    return f"""{_VISIT}
    SELECT 1, c.id, 'K2', 'planned', 'visit', c.head_id, c.unit_id, d2.day, NULL, NULL,
           {sql_choice(list(K2_GOALS), "c.n", 468)}, 'development',
           CASE WHEN {sql_pick(100, "c.n", 469)} < 60
                THEN {sql_choice(list(PLANS), "c.n", 460)} ELSE '' END,
           ({today} - 2 + TIME '16:00') AT TIME ZONE 'Europe/Moscow', 0, '', '', NULL, 10
    FROM demo_client c JOIN demo_day d ON d.off = -({sql_pick(24, "c.n", 470)})
    JOIN demo_day d2 ON d2.off = d.ahead
    WHERE c.churn_off IS NULL AND {sql_pick(100, "c.n", 450)} < 8
    ORDER BY d2.day, c.id
    """


def _met(today: str) -> str:
    """Whom a held contact met, all of that client's scheme.

    The key users whom the specialist meets in a month are spread over its useful contacts; a
    contact without any of them met somebody else, a К2У rather who decides. Of a hundred К2У,
    85 met a participant.
    """
    day = f"({today} - v.held_on + 500)"
    meets = f"""CASE WHEN {is_weak("c.specialist_id")} THEN {MEETS_WEAK}
        WHEN p.roles LIKE 'main%' THEN {MEETS_MAIN} ELSE {MEETS_OTHERS} END"""
    return f"""
    INSERT INTO visits_visit_participants (visit_id, participant_id)
    WITH held AS (
        SELECT v.id, v.client_id, v.level, v.materials > 0 AS is_useful, v.month, v.day,
               row_number() OVER w - 1 AS place, count(*) OVER (
                   PARTITION BY v.client_id, v.month, v.materials > 0) AS of
        FROM (
            SELECT v.*, {day} AS day,
                   (extract(year FROM v.held_on) * 12 + extract(month FROM v.held_on))::int AS month
            FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
            WHERE v.status = 'done'
              AND NOT (v.level = 'K2' AND {sql_pick(100, "c.n", 475, day)} >= 85)
        ) v
        WINDOW w AS (PARTITION BY v.client_id, v.month, v.materials > 0 ORDER BY v.held_on, v.id)
    ), met AS (
        SELECT h.id, p.id AS participant_id
        FROM held h JOIN demo_client c ON c.id = h.client_id
        JOIN demo_part p ON p.client_id = h.client_id AND p.roles LIKE '%key_user%'
        WHERE h.is_useful AND (p.k + h.month) % h.of = h.place
          AND {sql_pick(100, "c.n", 471, "p.k", "h.month")} < {meets}
    )
    SELECT id, participant_id FROM met
    UNION
    SELECT h.id, c.part_first + CASE
        WHEN h.level = 'K2' THEN CASE c.segment WHEN 'retail' THEN c.part_n - 1 ELSE 0 END
        ELSE {sql_mix("c.n", 472, "h.day")} % c.part_n END
    FROM held h JOIN demo_client c ON c.id = h.client_id
    WHERE h.level = 'K2' OR NOT EXISTS (SELECT FROM met WHERE met.id = h.id)
    ORDER BY 1, 2
    """


def _expected() -> str:
    """With whom a contact is planned; often that is not known yet."""
    return f"""
    INSERT INTO visits_visit_participants (visit_id, participant_id)
    SELECT v.id, c.part_first + CASE v.level WHEN 'K2' THEN 0
               ELSE {sql_mix("c.n", 476, "v.day")} % c.part_n END
    FROM (SELECT *, (planned_for - DATE '2000-01-01') AS day FROM visits_visit) v
    JOIN demo_client c ON c.id = v.client_id
    WHERE v.status <> 'done' AND {sql_pick(100, "c.n", 473, "v.day")} < 70
    ORDER BY v.id
    """


def _companions() -> str:
    return f"""
    INSERT INTO visits_visit_companions (visit_id, employee_id)
    SELECT v.id, a.specialist_id
    FROM (SELECT *, coalesce(held_on, planned_for) AS day FROM visits_visit) v
    JOIN demo_client c ON c.id = v.client_id
    JOIN accounts_assignment a ON a.client_id = c.id AND a.starts_on <= v.day
        AND (a.ends_on IS NULL OR a.ends_on > v.day)
    WHERE v.level = 'K2' AND {sql_pick(100, "c.n", 474)} < 35
    ORDER BY v.id
    """


def _services(today: str) -> str:
    """What was opened, asked or shown at a К1У."""
    day = f"({today} - v.held_on + 500)"
    return f"""
    INSERT INTO visits_visit_services (visit_id, service_id)
    SELECT v.id, s.id FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
    JOIN (VALUES (1, 'kplus', 60), (2, 'cok', 14), (3, 'co', 8), (4, 'pe', 9)) k(slot, code, share)
        ON {sql_pick(100, "c.n", 477, day, "k.slot")} < k.share
    JOIN accounts_service s ON s.code = k.code
    WHERE v.status = 'done' AND v.level = 'K1'
    ORDER BY v.id, s.id
    """
