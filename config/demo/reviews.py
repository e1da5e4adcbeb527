"""Control points and what they decided, lessons of the staff, plan figures, news hooks."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date, timedelta
from typing import Any

from accounts.enums import TargetKind, TargetSpan, UnitKind
from accounts.models import Target, Unit
from config.demo.mixing import quote, sql_choice, sql_mix, sql_pick
from config.demo.words import (
    DECISIONS,
    HOOKS,
    LESSONS,
    RESULTS_OF_LESSON,
    REVIEW_NOTES,
    SESSION_NOTES,
)

# Weeks of control points behind, and the next one ahead.
WEEKS = 13
# Contacts of the first level that are planned for a client in a month.
K1_OF_CLIENT = "2.7"
K2_OF_CLIENT = "0.12"
YEAR_GOALS = {
    TargetKind.NEEDS_IDENTIFIED_CLIENTS: 160,
    TargetKind.NEEDS_IMPLEMENTED_CLIENTS: 140,
    TargetKind.NEEDS_EFFECT_CLIENTS: 130,
    TargetKind.NEEDS_CONFIRMED_CLIENTS: 120,
    TargetKind.CHURN_CUT: 14,
    TargetKind.LOST_REVENUE: 300_000,
    TargetKind.PAYMENTS: 99,
    TargetKind.SATISFACTION: 90,
    TargetKind.K2_QUALITY: 75,
}
# Losses of a year, by department in the order of their names.
YEAR_LOSSES = (3, 3, 3, 3, 2)

# Who works where today, under whom.
_STAFF = """(
    SELECT p.employee_id AS id, p.unit_id, h.employee_id AS head_id, p.starts_on
    FROM accounts_position p
    JOIN accounts_position h ON h.unit_id = p.unit_id AND h.kind = 'head' AND h.ends_on IS NULL
    WHERE p.kind = 'specialist' AND p.ends_on IS NULL
) s"""


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    monday = (on - timedelta(days=on.weekday())).isoformat()
    return [
        ("контрольные точки", _weekly(today, f"DATE '{monday}'")),
        ("контрольные точки", _sessions(today, f"DATE '{monday}'")),
        ("контрольные точки", _decisions(today)),
        ("обучение сотрудников", _lessons(today)),
        ("обучение сотрудников", _attendance(today)),
        ("инфоповоды", _hooks(today)),
    ]


_POINT = """
    INSERT INTO visits_controlpoint
        (version, kind_id, unit_id, specialist_id, led_by_id, since, "on", notes, figures, held_at)
"""
_HELD = "(({day} + TIME '11:00') AT TIME ZONE 'Europe/Moscow')"


def _weekly(today: str, monday: str) -> str:
    """Each specialist has a day of the week; the weeks of long holidays go without."""
    day = f"{monday} - 7 * w.week + (s.id % 5)::int"
    return f"""{_POINT}
    SELECT 1, k.id, s.unit_id, s.id, s.head_id, d.day - 7, d.day,
           CASE WHEN d.off > 0 THEN {sql_choice(list(REVIEW_NOTES), "s.id", 541, "w.week")}
                ELSE '' END, '{{}}',
           CASE WHEN d.off > 0 THEN {_HELD.format(day="d.day")} END
    FROM {_STAFF} CROSS JOIN generate_series(-1, {WEEKS}) w(week)
    JOIN visits_controlpointkind k ON k.code = 'weekly'
    JOIN demo_day d ON d.day = {day}
    WHERE d.is_work AND d.off = d.ahead AND d.day - 7 > s.starts_on
      -- One that lies ahead, not two.
      AND (w.week >= 0 OR {monday} + (s.id % 5)::int < {today})
    ORDER BY d.day, s.id
    """


def _sessions(today: str, monday: str) -> str:
    return f"""{_POINT}
    SELECT 1, k.id, u.unit_id, NULL, u.head_id, d.day - 14, d.day,
           CASE WHEN d.off > 0 THEN {sql_choice(list(SESSION_NOTES), "u.unit_id", 542, "w.turn")}
                ELSE '' END, '{{}}',
           CASE WHEN d.off > 0 THEN {_HELD.format(day="d.day")} END
    FROM (SELECT DISTINCT s.unit_id, s.head_id FROM {_STAFF}) u
    CROSS JOIN generate_series(-1, 11) w(turn)
    JOIN visits_controlpointkind k ON k.code = 'session'
    JOIN demo_day d ON d.day = {monday} + 3 - 14 * w.turn
    WHERE d.is_work AND d.off = d.ahead AND (w.turn >= 0 OR {monday} + 3 < {today})
    ORDER BY d.day, u.unit_id
    """


def _decisions(today: str) -> str:
    """Every third control point decided something; the latest decisions are still in work."""
    chance = sql_mix("cp.specialist_id", 543, "cp.off")
    is_done = "cp.off > 7 AND (cp.off > 28 OR cp.chance / 16 % 100 < 75)"
    return f"""
    INSERT INTO visits_agreement
        (version, client_id, control_point_id, what, responsible_id, agreed_on, due_on, status,
         closed_on, outcome)
    SELECT 1, client.id, cp.id, {sql_choice(list(DECISIONS), "cp.specialist_id", 544, "cp.off")},
           cp.specialist_id, cp.on, due.day,
           CASE WHEN {is_done} THEN 'done' ELSE 'open' END,
           CASE WHEN {is_done} THEN least({today} - 1, cp.on + 3 + (cp.chance / 64 % 5)::int) END,
           CASE WHEN {is_done} THEN 'Сделано.' ELSE '' END
    FROM (
        SELECT cp.*, {today} - cp.on AS off,
               {chance.replace("cp.off", f"({today} - cp.on)")} AS chance
        FROM visits_controlpoint cp WHERE cp.held_at IS NOT NULL AND cp.specialist_id IS NOT NULL
    ) cp
    JOIN demo_day d ON d.day = cp.on + 7 JOIN demo_day due ON due.off = d.ahead
    JOIN (
        SELECT id, specialist_id, row_number() OVER (PARTITION BY specialist_id ORDER BY n) AS place
        FROM demo_client WHERE churn_off IS NULL
    ) client ON client.specialist_id = cp.specialist_id AND client.place = 1 + cp.chance / 1024 % 10
    WHERE cp.chance % 100 < 35
    ORDER BY cp.id
    """


def _lessons(today: str) -> str:
    rows = ", ".join(
        f"({place}, {quote(programme)}, {quote(title)}, {quote(audience)}, {off}, {quote(by)})"
        for place, (programme, title, audience, off, by) in enumerate(LESSONS)
    )
    return f"""
    INSERT INTO visits_stafftraining
        (version, programme, title, audience, unit_id, "on", led_by, notes)
    SELECT 1, l.programme, l.title, l.audience, NULL, d2.day, l.led_by, ''
    FROM (VALUES {rows}) l(place, programme, title, audience, off, led_by)
    JOIN demo_day d ON d.off = l.off
    JOIN demo_day d2 ON d2.off = CASE WHEN l.off > 0 THEN d.back ELSE d.ahead END
    ORDER BY l.place
    """


def _attendance(today: str) -> str:
    """Everybody who worked that day was invited; nine of ten came."""
    came = f"{sql_pick(100, 's.id', 551, 't.id')} < 89"
    return f"""
    INSERT INTO visits_attendance (version, training_id, employee_id, attended, result)
    SELECT 1, t.id, s.id, CASE WHEN t.on < {today} THEN {came} END,
           CASE WHEN t.on < {today} AND {came}
                THEN {sql_choice(list(RESULTS_OF_LESSON), "s.id", 552, "t.id")} ELSE '' END
    FROM visits_stafftraining t JOIN {_STAFF} ON s.starts_on <= t.on
    ORDER BY t.id, s.id
    """


def write_targets(cursor: Any, on: date) -> None:
    """A year of months and the next one: К1У of specialists, К2У of heads, by the size of pools."""
    cursor.execute(f"""
    WITH m AS (
        SELECT month FROM demo_month
        UNION SELECT (date_trunc('month', DATE '{on:%Y-%m-%d}') + INTERVAL '1 month')::date
    )
    SELECT kind, id, month, greatest(value, 1) FROM (
        SELECT 'k1_visits' AS kind, s.id, m.month, round(count(*) * {K1_OF_CLIENT}) AS value
        FROM m CROSS JOIN {_STAFF}
        JOIN demo_client c ON c.specialist_id = s.id AND c.churn_off IS NULL
        WHERE s.starts_on < m.month + 25
        GROUP BY s.id, m.month
        UNION ALL
        SELECT 'k2_visits', c.head_id, m.month, round(count(*) * {K2_OF_CLIENT})
        FROM m CROSS JOIN demo_client c WHERE c.churn_off IS NULL
        GROUP BY c.head_id, m.month
    ) plans ORDER BY month, kind, id
    """)
    Target.objects.bulk_create(
        Target(kind=kind, employee_id=employee, month=month, value=value)
        for kind, employee, month, value in cursor.fetchall()
    )
    # The talk's goals for a year, in clients of the centre.
    Target.objects.bulk_create(
        Target(kind=kind, span=TargetSpan.YEAR, month=date(year, 1, 1), value=value)
        for year in (on.year - 1, on.year)
        for kind, value in YEAR_GOALS.items()
    )
    departments = Unit.objects.filter(kind=UnitKind.DEPARTMENT).order_by("pk")
    Target.objects.bulk_create(
        Target(
            kind=TargetKind.DISCONNECTED,
            span=TargetSpan.YEAR,
            month=date(year, 1, 1),
            unit=unit,
            value=value,
        )
        for year in (on.year - 1, on.year)
        for unit, value in zip(departments, YEAR_LOSSES, strict=True)
    )


def _hooks(today: str) -> str:
    rows = ", ".join(
        f"({place}, {quote(title)}, {quote(said)}, {quote(words)}, {quote(segment)},"
        f" {ago}, {valid})"
        for place, (title, said, words, segment, ago, valid) in enumerate(HOOKS)
    )
    return f"""
    INSERT INTO visits_newshook
        (version, title, text, keywords, segment, published_on, valid_until)
    SELECT 1, h.title, h.said, h.words, h.segment, {today} - h.ago, {today} - h.ago + h.valid
    FROM (VALUES {rows}) h(place, title, said, words, segment, ago, valid)
    ORDER BY h.ago DESC, h.place
    """
