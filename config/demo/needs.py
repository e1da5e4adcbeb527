"""Needs as far as each came, and what planned contacts take along of them."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from dataclasses import astuple, fields

from config.demo.mixing import quote, sql_mix, sql_pick, sql_texts
from config.demo.plan import TALK_CLIENTS
from config.demo.texts import CASES, Case

# Of the talk's 702 needs: how many came as far as each stage.
NEEDS = 702
FUNNEL = (("01", 570), ("03", 434), ("04", 328), ("06", 188))
# How much of a need's age is left at each step, percent.
# Of every six clients lost within the last half a year one had a need: so there is something to
# compare. Its steps were made before it left.
LOST_WITH_NEED = "c.churn_off < 170 AND c.n % 6 = 0"
AGE = "(coalesce(n.churn_off, 0) + (n.off - coalesce(n.churn_off, 0)) * {0}.percent / 100)"
STEPS = "(VALUES ('01', 85, 1), ('03', 60, 2), ('04', 40, 3), ('06', 15, 4))"
FORMULA = "Часы клиента × 900 ₽ и возможный штраф, со слов участника."


def statements(clients: int) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    return [
        ("потребности", _cases()),
        ("потребности", _needs_plan(clients)),
        ("потребности", _needs()),
        ("этапы потребностей", _steps()),
        ("инструменты", _tools("tools", "tool", "tool")),
        ("инструменты", _tools("advantages", "productadvantage", "advantage")),
        ("повестки контактов", _agendas()),
        ("повестки контактов", _agenda_needs()),
        ("повестки контактов", _agenda_advantages()),
    ]


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
    rank = "row_number() OVER (ORDER BY churn_off IS NULL, {0}, n, j)"
    stages = " ".join(
        f"WHEN rank <= {round(reached * clients / TALK_CLIENTS)} THEN '{code}'"
        for code, reached in reversed(FUNNEL)
    )
    return f"""
    CREATE TEMPORARY TABLE demo_need ON COMMIT DROP AS
    SELECT (SELECT coalesce(max(id), 0) FROM needs_need) + row_number() OVER (ORDER BY n, j) AS id,
           need.*, CASE {stages} END AS stage
    FROM (
        SELECT *, row_number() OVER (ORDER BY churn_off IS NULL, late, n, j) AS rank
        FROM (
            SELECT c.id AS client_id, c.n, j.j, c.segment, c.part_first, c.part_n, c.head_id,
                   c.churn_off, {sql_mix("c.n", 482, "j.j")} AS late,
                   CASE WHEN c.churn_off IS NULL
                       THEN least(30 + {sql_pick(300, "c.n", 483, "j.j")}, c.conn_off - 2)
                       ELSE c.churn_off + 120 + {sql_pick(120, "c.n", 483, "j.j")} END AS off,
                   (j.j * 5 + {sql_pick(len(CASES), "c.n", 484)}) % {len(CASES)} AS case_number,
                   {rank.format(sql_mix("c.n", 481, "j.j"))} AS place
            FROM (SELECT * FROM demo_client c WHERE churn_off IS NULL OR {LOST_WITH_NEED}) c
            CROSS JOIN LATERAL
                generate_series(0, CASE c.segment WHEN 'network' THEN 2 ELSE 0 END) j(j)
        ) candidates WHERE place <= {count}
    ) need
    """


def _needs() -> str:
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
         effect_risk, effect_formula, client_asset, folder, stage_id, stage_on, status,
         author_id, unit_id, opened_on)
    SELECT n.id, 1, n.client_id, k.title, k.level, n.j = 0, 1 + {sql_pick(3, "n.n", 491, "n.j")},
           dep.id, {part}, k.context, {since("01", "k.difficulties")}, {since("01", "k.works")},
           {since("01", "k.key_need")}, {since("03", "k.solution")}, {since("04", "k.effect")},
           {since("04", f"k.hours * (60 + {sql_pick(80, 'n.n', 492, 'n.j')}) / 100.0", "NULL")},
           {since("04", f"k.roubles * (60 + {sql_pick(80, 'n.n', 493, 'n.j')}) / 100", "NULL")},
           {since("04", "k.risk")}, {since("04", quote(FORMULA))}, {since("04", "k.asset")},
           {since("03", "CASE WHEN k.asset LIKE 'Папка%' THEN k.asset ELSE '' END")},
           s.id, stage_day.day,
           CASE WHEN n.stage IS NULL AND {sql_pick(100, "n.n", 494, "n.j")} < 12
               THEN 'dropped' ELSE 'open' END,
           a.specialist_id, a.unit_id, d2.day
    FROM demo_need n JOIN demo_case k ON k.number = n.case_number
    JOIN contacts_clientdepartment dep ON dep.code = k.department
    JOIN demo_day d ON d.off = n.off JOIN demo_day d2 ON d2.off = d.back
    JOIN accounts_assignment a ON a.client_id = n.client_id AND a.starts_on <= d2.day
        AND (a.ends_on IS NULL OR a.ends_on > d2.day)
    LEFT JOIN needs_needstage s ON s.code = n.stage
    LEFT JOIN {STEPS} step(code, percent, place) ON step.code = n.stage
    LEFT JOIN demo_day step_day ON step_day.off = {AGE.format("step")}
    LEFT JOIN demo_day stage_day ON stage_day.off = step_day.back
    ORDER BY n.id
    """


def _steps() -> str:
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
    JOIN {STEPS} t(code, percent, place) ON t.code <= n.stage
    JOIN needs_needstage s ON s.code = t.code
    JOIN demo_day d ON d.off = {AGE.format("t")}
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


def _agendas() -> str:
    """Plans that lie ahead, and К2У that were planned."""
    return """
    INSERT INTO needs_visitagenda (visit_id)
    SELECT v.id FROM visits_visit v
    WHERE v.plan <> '' AND (v.status = 'planned' OR v.status = 'done' AND v.level = 'K2')
    ORDER BY v.id
    """


def _agenda_needs() -> str:
    """One or two needs of the client that were open on the day."""
    return """
    INSERT INTO needs_visitagenda_needs (visitagenda_id, need_id)
    SELECT agenda_id, need_id FROM (
        SELECT a.id AS agenda_id, n.id AS need_id,
               row_number() OVER (PARTITION BY a.id ORDER BY n.is_key DESC, n.id) AS place
        FROM needs_visitagenda a JOIN visits_visit v ON v.id = a.visit_id
        JOIN needs_need n ON n.client_id = v.client_id AND n.status = 'open'
            AND n.opened_on <= coalesce(v.held_on, v.planned_for)
    ) found WHERE place <= 2 ORDER BY 1, 2
    """


def _agenda_advantages() -> str:
    return f"""
    INSERT INTO needs_visitagenda_advantages (visitagenda_id, productadvantage_id)
    SELECT a.id, p.id
    FROM needs_visitagenda a JOIN visits_visit v ON v.id = a.visit_id
    JOIN demo_client c ON c.id = v.client_id
    JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place, count(*) OVER () AS count
          FROM needs_productadvantage WHERE is_active) p
        ON p.place = {sql_pick("p.count", "c.n", 498)}
    WHERE {sql_pick(100, "c.n", 499)} < 60
    ORDER BY 1, 2
    """
