"""Decision schemes, contacts and needs, made by the database from the clients' plan."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from dataclasses import astuple, fields
from datetime import date

from config.demo.facts import CONTACT_DAYS, LIVES, _bit
from config.demo.mixing import quote, sql_choice, sql_mix, sql_pick, sql_texts
from config.demo.names import FATHERS, MEN, SURNAMES, WOMEN
from config.demo.plan import K1, TALK_CLIENTS
from config.demo.texts import (
    CASES,
    FEEDBACK,
    GOALS,
    K2_GOALS,
    K2_RESULTS,
    PLANS,
    RESULTS,
    Case,
)
from core import text

# Of the talk's 702 needs: how many came as far as each stage.
NEEDS = 702
FUNNEL = (("01", 570), ("03", 434), ("04", 328), ("06", 188))

# By segment and place in the scheme: job title, department, roles, superior, letter box.
_PLACES = (
    ("retail", 0, "Главный бухгалтер", "accounting", "main_key_user key_user", 1, "buh"),
    ("retail", 1, "Генеральный директор", "management", "decision_maker", None, "dir"),
    ("network", 0, "Генеральный директор", "management", "decision_maker", None, "dir"),
    ("network", 1, "Главный бухгалтер", "accounting", "main_key_user", 0, "buh"),
    ("network", 2, "Руководитель юридической службы", "legal", "main_key_user", 0, "jur"),
    ("network", 3, "Начальник отдела кадров", "hr", "key_user", 0, "kadry"),
    ("network", 4, "Бухгалтер по налогам", "accounting", "key_user", 1, "nalog"),
    ("network", 5, "Юрисконсульт", "legal", "key_user", 2, "jur2"),
    ("network", 6, "Начальник отдела закупок", "purchasing", "key_user", 0, "zakupki"),
    ("network", 7, "Заместитель директора по экономике", "management", "decision_maker", 0, "zam"),
)


def statements(on: date, clients: int) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("контактные лица", _participants_plan()),
        ("контактные лица", _people()),
        ("участники СПР", _participants(today)),
        ("участники СПР", _superiors()),
        ("роли в СПР", _roles(today)),
        ("контакты", _k1(today)),
        ("контакты", _k1_planned(today)),
        ("контакты", _k2(today)),
        ("участники контактов", _visit_participants(today)),
        ("участники контактов", _companions()),
        ("потребности", _cases()),
        ("потребности", _needs_plan(clients)),
        ("потребности", _needs(today)),
        ("этапы потребностей", _steps(today)),
        ("инструменты", _tools("tools", "tool", "tool")),
        ("инструменты", _tools("advantages", "productadvantage", "advantage")),
    ]


def _keys(words: list[str]) -> list[str]:
    return [text.key(word) for word in words]


def _participants_plan() -> str:
    """Who stands where. Now and then one accountant keeps the books of two companies, and a
    former one is remembered."""
    rows = ", ".join(
        f"({quote(segment)}, {place}, {quote(title)}, {quote(department)}, {quote(roles)}, "
        f"{'NULL' if boss is None else boss}::int, {quote(box)})"
        for segment, place, title, department, roles, boss, box in _PLACES
    )
    shared = (
        f"c.segment = 'retail' AND p.k = 0 AND c.part_first > 1 AND {sql_pick(60, 'c.n', 401)} = 0"
    )
    return f"""
    CREATE TEMPORARY TABLE demo_part ON COMMIT DROP AS
    SELECT c.part_first + p.k AS id, c.id AS client_id, c.n, p.k, p.title, p.roles, p.box,
           dep.id AS department_id, c.conn_off, c.segment, c.churn_off,
           CASE WHEN p.boss < c.part_n THEN c.part_first + p.boss END AS boss_id,
           CASE WHEN {shared} AND lag(c.segment) OVER w = 'retail' AND lag(p.k) OVER w <= 1
               THEN lag(c.part_first) OVER w ELSE c.part_first + p.k END AS person_id,
           {sql_pick(3, "c.n", 402, "p.k")} > 0 AS woman
    FROM demo_client c
    JOIN (VALUES {rows}) p(segment, k, title, department, roles, boss, box)
        ON p.segment = c.segment AND p.k < c.part_n
    JOIN contacts_clientdepartment dep ON dep.code = p.department
    WINDOW w AS (ORDER BY c.part_first + p.k)
    """


def _people() -> str:
    surnames, women, men = list(SURNAMES), list(WOMEN), list(MEN)
    fathers = list(FATHERS)
    last = sql_pick(len(surnames), "p.n", 411, "p.k")
    first = sql_mix("p.n", 412, "p.k")
    father = sql_pick(len(fathers), "p.n", 413, "p.k")

    def name(surnames: list[str], women: list[str], men: list[str], fathers: list[str]) -> str:
        return f"""
            ({sql_texts(surnames)})[1 + {last}] || CASE WHEN p.woman THEN 'а' ELSE '' END,
            CASE WHEN p.woman THEN ({sql_texts(women)})[1 + {first} % {len(women)}]
                 ELSE ({sql_texts(men)})[1 + {first} % {len(men)}] END,
            ({sql_texts(fathers)})[1 + {father}]
                || CASE WHEN p.woman THEN 'на' ELSE 'ич' END"""

    keys = name(_keys(surnames), _keys(women), _keys(men), _keys(fathers))
    digits = sql_mix("p.n", 414, "p.k")
    return f"""
    INSERT INTO contacts_person
        (id, version, last_name, first_name, middle_name, search_key, phone, email)
    SELECT p.id, 1, {name(surnames, women, men, fathers)},
        concat_ws(' ', {keys}),
        -- No country gives out +7 000, and .example belongs to nobody.
        '+7 000 ' || lpad(({digits} % 1000)::text, 3, '0')
            || '-' || lpad(({digits} / 1000 % 100)::text, 2, '0')
            || '-' || lpad(({digits} / 100000 % 100)::text, 2, '0')
            || CASE WHEN {digits} % 7 = 0 THEN ' доб. ' || 100 + {digits} % 90 ELSE '' END,
        CASE WHEN {digits} % 10 > 0 THEN p.box || '@client-' || p.n || '.example' ELSE '' END
    FROM demo_part p WHERE p.person_id = p.id ORDER BY p.id
    """


def _participants(today: str) -> str:
    attitude = "CASE WHEN {0} < 45 THEN 'supporter' WHEN {0} < 80 THEN 'neutral' WHEN {0} < 86 THEN 'opponent' ELSE 'unknown' END"  # noqa: E501
    chance = sql_pick(100, "p.n", 421, "p.k")
    return f"""
    INSERT INTO contacts_participant
        (id, version, client_id, person_id, department_id, job_title, attitude, influence,
         notes, starts_on, verified_on)
    SELECT p.id, 1, p.client_id, p.person_id, p.department_id, p.title,
           {attitude.format(chance)},
           CASE WHEN p.boss_id IS NULL THEN 3 WHEN p.roles LIKE 'main%' THEN 2 + {chance} % 2
                ELSE 1 + {chance} % 2 END,
           '', {today} - p.conn_off, {today} - 3 - {sql_pick(200, "p.n", 422, "p.k")} % p.conn_off
    FROM demo_part p ORDER BY p.id
    """


def _superiors() -> str:
    return """
    UPDATE contacts_participant p SET reports_to_id = d.boss_id
    FROM demo_part d WHERE d.id = p.id AND d.boss_id IS NOT NULL
    """


def _roles(today: str) -> str:
    """A few schemes know no key user yet; a few roles changed hands within the year."""
    changed = f"{sql_pick(100, 'p.n', 432, 'p.k')} < 4 AND p.conn_off > 300"
    since = f"({today} - 60 - {sql_pick(200, 'p.n', 433, 'p.k')})"
    return f"""
    INSERT INTO contacts_roleperiod (participant_id, role, starts_on, ends_on)
    SELECT id, role, starts_on, ends_on FROM (
        SELECT p.id, r.role, CASE WHEN {changed} THEN {since} ELSE {today} - p.conn_off END
                   AS starts_on, NULL::date AS ends_on
        FROM demo_part p CROSS JOIN LATERAL unnest(string_to_array(p.roles, ' ')) r(role)
        WHERE NOT (r.role IN ('main_key_user', 'key_user') AND p.segment = 'retail'
                   AND {sql_pick(100, "p.n", 431)} < 4)
        UNION ALL
        SELECT p.id, 'key_user', {today} - p.conn_off, {since}
        FROM demo_part p
        WHERE {changed} AND p.roles = 'main_key_user'
    ) r ORDER BY id, role, starts_on
    """


_VISIT = """
    INSERT INTO visits_visit
        (version, client_id, level, status, channel, employee_id, planned_for, started_at,
         ended_at, goal, goal_kind, plan, prepared_at, materials, result, feedback, satisfaction)
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


def _k1(today: str) -> str:
    """Two or three contacts in a block that earns the indicator, one or none in another.

    The last block keeps to the nearest working day that is past and inside the window; older
    ones move back to a working day.
    """
    enough = _bit(K1, "b.block")
    draws = sql_mix("c.n", 443, "c.off")
    return f"""{_VISIT}
    SELECT 1, c.id, 'K1', 'done', {_channel(444, "c.off")}, a.specialist_id, c.day, c.started,
           c.started + (20 + {draws} % 50) * INTERVAL '1 minute',
           {sql_choice(list(GOALS), "c.n", 445, "c.off")},
           CASE WHEN {draws} % 5 = 0 THEN 'firefighting' ELSE 'development' END,
           CASE WHEN {draws} / 8 % 100 < 93
                THEN {sql_choice(list(PLANS), "c.n", 446, "c.off")} ELSE '' END,
           CASE WHEN {draws} / 8 % 100 < 86
                    THEN c.started - (2 + {draws} % 70) * INTERVAL '1 hour'
                WHEN {draws} / 8 % 100 < 93 THEN c.started + INTERVAL '3 hours' END,
           CASE WHEN {draws} / 1024 % 10 < 3 THEN 0 ELSE {draws} / 1024 % 4 END,
           {sql_choice(list(RESULTS), "c.n", 447, "c.off")},
           CASE WHEN {draws} % 11 = 0
                THEN {sql_choice(list(FEEDBACK), "c.n", 448, "c.off")} ELSE '' END,
           CASE WHEN {draws} % 11 = 0 THEN 7 + {draws} / 16 % 4 END
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


def _k1_planned(today: str) -> str:
    """What lies ahead: most of it this week and next; a few waited too long or fell through."""
    off = f"CASE WHEN {{0}} < 5 THEN 1 + {{0}} ELSE -({sql_pick(18, 'c.n', 452)}) END".format(
        sql_pick(100, "c.n", 451)
    )
    planned = f"{sql_pick(100, 'c.n', 453)} < 40"
    status = f"CASE WHEN {sql_pick(100, 'c.n', 451)} IN (3, 4) THEN 'cancelled' ELSE 'planned' END"
    return f"""{_VISIT}
    SELECT 1, c.id, 'K1', {status}, {_channel(454)}, c.specialist_id, d2.day,
           CASE WHEN {planned} THEN {_moment("d2.day", 455)} END, NULL,
           CASE WHEN {planned} THEN {sql_choice(list(GOALS), "c.n", 456)} ELSE '' END,
           CASE WHEN {planned} THEN 'development' ELSE '' END,
           CASE WHEN {planned} THEN {sql_choice(list(PLANS), "c.n", 457)} ELSE '' END,
           CASE WHEN {planned} THEN ({today} - 1 + TIME '17:30') AT TIME ZONE 'Europe/Moscow' END,
           0, '', '', NULL
    FROM demo_client c
    JOIN demo_day d ON d.off = {off}
    -- Forward to a working day, unless it is past.
    JOIN LATERAL (SELECT x.day FROM demo_day x WHERE x.is_work
        AND CASE WHEN d.off > 0 THEN x.off >= d.off AND x.off <= d.off + 12
                 ELSE x.off <= d.off AND x.off > d.off - 14 END
        ORDER BY abs(x.off - d.off) LIMIT 1) d2 ON true
    WHERE c.churn_off IS NULL AND {sql_pick(100, "c.n", 458)} < 70
    ORDER BY d2.day, c.id
    """


def _k2(today: str) -> str:
    """Heads come about twice in three half-years, often with the specialist."""
    draws = sql_mix("c.n", 462, "c.off")
    return f"""{_VISIT}
    SELECT 1, c.id, 'K2', 'done', CASE WHEN {draws} % 4 = 0 THEN 'video' ELSE 'visit' END,
           c.head_id, c.day, c.started, c.started + (40 + {draws} % 50) * INTERVAL '1 minute',
           CASE WHEN {draws} / 8 % 100 < 89
                THEN {sql_choice(list(K2_GOALS), "c.n", 463, "c.off")} ELSE '' END,
           CASE WHEN {draws} / 8 % 100 < 89 THEN
               CASE WHEN {draws} % 6 = 0 THEN 'firefighting' ELSE 'development' END ELSE '' END,
           CASE WHEN {draws} / 8 % 100 < 80
                THEN {sql_choice(list(PLANS), "c.n", 464, "c.off")} ELSE '' END,
           CASE WHEN {draws} / 8 % 100 < 80
                THEN c.started - (20 + {draws} % 90) * INTERVAL '1 hour' END,
           {draws} / 1024 % 2, {sql_choice(list(K2_RESULTS), "c.n", 465, "c.off")}, '',
           CASE WHEN {draws} % 3 = 0 THEN 7 + {draws} / 16 % 4 END
    FROM (
        SELECT c.*, d2.day, d2.off, {_moment("d2.day", 466, "d2.off")} AS started
        FROM demo_client c CROSS JOIN generate_series(0, 2) b(block)
        JOIN demo_day d ON d.off = 4 + b.block * 120 + {sql_pick(118, "c.n", 461, "b.block")}
        JOIN demo_day d2 ON d2.off = d.back
        WHERE {sql_pick(100, "c.n", 467, "b.block")} < 50 {LIVES.format(off="d2.off")}
    ) c
    ORDER BY c.day, c.started, c.id
    """


def _visit_participants(today: str) -> str:
    """Everybody at a contact stands in that client's scheme."""
    day = f"({today} - coalesce(v.held_on, v.planned_for) + 500)"
    return f"""
    INSERT INTO visits_visit_participants (visit_id, participant_id)
    SELECT v.id, c.part_first + ({sql_mix("c.n", 471, day)} + e.e) % c.part_n
    FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
    CROSS JOIN generate_series(0, 1) e(e)
    WHERE (e.e = 0 OR c.part_n > 1 AND {sql_pick(100, "c.n", 472, day)} < 25)
      AND NOT (v.status <> 'done' AND {sql_pick(100, "c.n", 473)} < 30)
    ORDER BY v.id, e.e
    """


def _companions() -> str:
    return f"""
    INSERT INTO visits_visit_companions (visit_id, employee_id)
    SELECT v.id, a.specialist_id
    FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
    JOIN accounts_assignment a ON a.client_id = c.id AND a.starts_on <= v.held_on
        AND (a.ends_on IS NULL OR a.ends_on > v.held_on)
    WHERE v.level = 'K2' AND {sql_pick(100, "c.n", 474)} < 35
    ORDER BY v.id
    """


def _literal(value: str | int) -> str:
    return quote(value) if isinstance(value, str) else str(value)


def _cases() -> str:
    columns = ", ".join(field.name for field in fields(Case))
    rows = ", ".join(
        "(" + ", ".join([str(number), *map(_literal, astuple(case))]) + ")"
        for number, case in enumerate(CASES)
    )
    return f"""
    CREATE TEMPORARY TABLE demo_case ON COMMIT DROP AS
    SELECT * FROM (VALUES {rows}) cases(number, {columns})
    """


def _needs_plan(clients: int) -> str:
    """Which client has which needs, and how far each came."""
    count = round(NEEDS * clients / TALK_CLIENTS)
    rank = "row_number() OVER (ORDER BY {0}, n, j)"
    stages = " ".join(
        f"WHEN rank <= {round(reached * clients / TALK_CLIENTS)} THEN '{code}'"
        for code, reached in reversed(FUNNEL)
    )
    return f"""
    CREATE TEMPORARY TABLE demo_need ON COMMIT DROP AS
    SELECT (SELECT coalesce(max(id), 0) FROM needs_need) + row_number() OVER (ORDER BY n, j) AS id,
           need.*, CASE {stages} END AS stage
    FROM (
        SELECT *, row_number() OVER (ORDER BY late, n, j) AS rank
        FROM (
            SELECT c.id AS client_id, c.n, j.j, c.segment, c.part_first, c.part_n, c.head_id,
                   c.churn_off, {sql_mix("c.n", 482, "j.j")} AS late,
                   least(30 + {sql_pick(300, "c.n", 483, "j.j")}, c.conn_off - 2) AS off,
                   (j.j * 5 + {sql_pick(len(CASES), "c.n", 484)}) % {len(CASES)} AS case_number,
                   {rank.format(sql_mix("c.n", 481, "j.j"))} AS place
            FROM (SELECT * FROM demo_client WHERE churn_off IS NULL) c
            CROSS JOIN LATERAL
                generate_series(0, CASE c.segment WHEN 'network' THEN 2 ELSE 0 END) j(j)
        ) candidates WHERE place <= {count}
    ) need
    """


def _needs(today: str) -> str:
    """The card holds as much as the stage requires."""
    part = """CASE WHEN n.segment = 'retail' THEN n.part_first
        WHEN k.department = 'legal' AND n.part_n > 2 THEN n.part_first + 2
        WHEN k.department = 'hr' AND n.part_n > 3 THEN n.part_first + 3
        ELSE n.part_first + 1 END"""

    def since(code: str, column: str, empty: str = "''") -> str:
        return f"CASE WHEN n.stage >= '{code}' THEN {column} ELSE {empty} END"

    return f"""
    INSERT INTO needs_need
        (id, version, client_id, title, level, is_key, priority, department_id, participant_id,
         context, difficulties, works, key_need, solution, effect, effect_hours, effect_roubles,
         effect_risk, client_asset, stage_id, status, author_id, opened_on)
    SELECT n.id, 1, n.client_id, k.title, k.level, n.j = 0, 1 + {sql_pick(3, "n.n", 491, "n.j")},
           dep.id, {part}, k.context, {since("01", "k.difficulties")}, {since("01", "k.works")},
           {since("01", "k.key_need")}, {since("03", "k.solution")}, {since("04", "k.effect")},
           {since("04", f"k.hours * (60 + {sql_pick(80, 'n.n', 492, 'n.j')}) / 100.0", "NULL")},
           {since("04", f"k.roubles * (60 + {sql_pick(80, 'n.n', 493, 'n.j')}) / 100", "NULL")},
           {since("04", "k.risk")}, {since("04", "k.asset")},
           s.id, CASE WHEN n.stage IS NULL AND {sql_pick(100, "n.n", 494, "n.j")} < 12
               THEN 'dropped' ELSE 'open' END,
           a.specialist_id, d2.day
    FROM demo_need n JOIN demo_case k ON k.number = n.case_number
    JOIN contacts_clientdepartment dep ON dep.code = k.department
    JOIN demo_day d ON d.off = n.off JOIN demo_day d2 ON d2.off = d.back
    JOIN accounts_assignment a ON a.client_id = n.client_id AND a.starts_on <= d2.day
        AND (a.ends_on IS NULL OR a.ends_on > d2.day)
    LEFT JOIN needs_needstage s ON s.code = n.stage
    ORDER BY n.id
    """


def _steps(today: str) -> str:
    """Steps in their order, the confirmation taken by the head from the key user."""
    evidence = sql_texts(
        [
            "Записано со слов участника на контакте.",
            "Проведена настройка, создана папка, пользователь повторил сам.",
            "Ответ на «А если бы Вы решали эту задачу без нашей правовой поддержки?» записан.",
            "Подтверждено на встрече К2У.",
        ]
    )
    return f"""
    INSERT INTO needs_needstep
        (need_id, stage_id, "on", author_id, participant_id, evidence, recorded_at)
    SELECT n.id, s.id, d2.day, CASE s.code WHEN '06' THEN n.head_id ELSE need.author_id END,
           CASE s.code WHEN '06' THEN need.participant_id END, ({evidence})[t.place],
           (d2.day + TIME '16:40') AT TIME ZONE 'Europe/Moscow'
    FROM demo_need n JOIN needs_need need ON need.id = n.id
    JOIN (VALUES ('01', 85, 1), ('03', 60, 2), ('04', 40, 3), ('06', 15, 4))
        t(code, percent, place) ON t.code <= n.stage
    JOIN needs_needstage s ON s.code = t.code
    JOIN demo_day d ON d.off = n.off * t.percent / 100
    JOIN demo_day d2 ON d2.off = d.back
    ORDER BY n.id, s.code
    """


def _tools(field: str, model: str, column: str) -> str:
    return f"""
    INSERT INTO needs_need_{field} (need_id, {model}_id)
    SELECT n.id, t.id FROM demo_need n JOIN demo_case k ON k.number = n.case_number
    JOIN needs_{model} t ON t.name = k.{column}
    WHERE n.stage >= '03' ORDER BY n.id
    """
