"""What contacts led to: agreements, criteria of К2У with their evidence, risks."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import UTC, date, datetime

from config.demo.mixing import quote, sql_choice, sql_mix, sql_pick, sql_texts
from config.demo.words import (
    ADVANTAGE_WORDS,
    DIAGNOSIS_WORDS,
    DONE_WORDS,
    DROPPED_WORDS,
    K2_TASKS,
    NEED_WORDS,
    REPORT_WORDS,
    RISKS,
    TASKS,
)
from visits.criteria import AGREEMENT, FIRST, GOAL, PARTICIPANT, Contact, judge

# Of a hundred contacts: how many ended with an agreement.
K1_AGREED, K2_AGREED = 10, 83
# Of a hundred К2У: how many met a criterion that words confirm (the talk's first row).
WORDS = (
    ("02", NEED_WORDS, 51),
    ("03", DIAGNOSIS_WORDS, 74),
    ("04", REPORT_WORDS, 44),
    ("advantages", ADVANTAGE_WORDS, 30),
)
# The words that the program itself puts where it decides.
_MOMENT = datetime(2026, 1, 2, tzinfo=UTC)
_MET = Contact(_MOMENT, "цель", _MOMENT.replace(day=1), participants=1, agreements=1)


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("договорённости", _agreed(today)),
        ("договорённости", _agreements(today)),
        ("критерии К2У", _marks(today)),
        ("риски", _risks(today)),
    ]


def _agreed(today: str) -> str:
    """Which contacts ended with one, due a few working days later."""
    off = f"({today} - v.held_on)"
    return f"""
    CREATE TEMPORARY TABLE demo_agreed ON COMMIT DROP AS
    SELECT v.id AS visit_id, v.client_id, v.level, v.employee_id, c.n, c.churn_off,
           {off} AS off, v.held_on AS agreed_on, d2.day AS due_on, d2.off AS due_off,
           {sql_mix("c.n", 502, off)} AS chance
    FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
    JOIN demo_day d ON d.off = {off} - 3 - {sql_pick(16, "c.n", 503, off)}
    JOIN demo_day d2 ON d2.off = d.ahead
    WHERE v.status = 'done'
      AND {sql_pick(100, "c.n", 501, off)} < CASE v.level WHEN 'K2' THEN {K2_AGREED}
          ELSE {K1_AGREED} END
    """


def _agreements(today: str) -> str:
    """Most are done by their day. What is older than two months is closed one way or other;
    of the newer ones some wait past their day."""
    chance = "a.chance / 16 % 100"
    status = f"""CASE
        WHEN {chance} < 3 THEN 'dropped'
        WHEN a.churn_off IS NOT NULL OR a.due_off > 60 THEN 'done'
        WHEN a.due_off > 0 THEN CASE WHEN {chance} < 78 THEN 'done' ELSE 'open' END
        WHEN {chance} < 30 AND a.off > 3 THEN 'done' ELSE 'open' END"""
    closed = f"""least({today} - greatest(coalesce(a.churn_off, 0), 0),
        CASE WHEN a.due_off > 0 THEN a.due_on - (a.chance / 64 % 3)::int + (a.chance / 256 % 4)::int
             ELSE a.agreed_on + 1 + (a.chance / 64 % 3)::int END)"""
    return f"""
    INSERT INTO visits_agreement
        (version, client_id, visit_id, what, participant_id, responsible_id, agreed_on, due_on,
         status, closed_on, outcome)
    SELECT 1, a.client_id, a.visit_id,
           CASE a.level WHEN 'K2' THEN {sql_choice(list(K2_TASKS), "a.n", 504, "a.off")}
               ELSE {sql_choice(list(TASKS), "a.n", 504, "a.off")} END,
           met.participant_id,
           CASE WHEN a.level = 'K2' AND a.chance / 4096 % 100 < 30 THEN a.employee_id END,
           a.agreed_on, a.due_on, a.status,
           CASE WHEN a.status <> 'open' THEN greatest(a.agreed_on, a.closed_on) END,
           CASE a.status WHEN 'done' THEN {sql_choice(list(DONE_WORDS), "a.n", 505, "a.off")}
               WHEN 'dropped' THEN {sql_choice(list(DROPPED_WORDS), "a.n", 505, "a.off")}
               ELSE '' END
    FROM (SELECT a.*, {status} AS status, {closed} AS closed_on FROM demo_agreed a) a
    LEFT JOIN (SELECT visit_id, min(participant_id) AS participant_id
               FROM visits_visit_participants GROUP BY visit_id) met USING (visit_id)
    ORDER BY a.visit_id
    """


def _marks(today: str) -> str:
    """What the program sees for itself it marks by its own rule; the rest, by the talk's shares."""
    off = f"({today} - v.held_on)"
    words = " ".join(
        f"WHEN {quote(code)} THEN CASE WHEN {sql_pick(100, 'v.n', 511 + place, 'v.off')} < {share}"
        f" THEN {sql_choice(list(texts), 'v.n', 521 + place, 'v.off')} END"
        for place, (code, texts, share) in enumerate(WORDS)
    )
    goal, participant, agreement, first = (
        quote(judge(kind, _MET).why) for kind in (GOAL, PARTICIPANT, AGREEMENT, FIRST)
    )
    return f"""
    INSERT INTO visits_visitmark (visit_id, criterion_id, evidence)
    SELECT visit_id, criterion_id, evidence FROM (
        SELECT v.id AS visit_id, k.id AS criterion_id, k.order AS place, CASE k.evidence
            WHEN 'goal' THEN CASE WHEN v.goal <> '' AND v.prepared_at < v.started_at
                THEN {goal} END
            WHEN 'participant' THEN CASE WHEN v.met IS NOT NULL THEN {participant} END
            WHEN 'agreement' THEN CASE WHEN v.agreed IS NOT NULL THEN {agreement} END
            WHEN 'first' THEN CASE WHEN v.turn = 1 THEN {first} END
            ELSE CASE k.code {words} END END AS evidence
        FROM (
            SELECT v.*, c.n, {off} AS off, met.visit_id AS met, a.visit_id AS agreed,
                   row_number() OVER (PARTITION BY v.client_id ORDER BY v.started_at, v.id) AS turn
            FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
            LEFT JOIN (SELECT DISTINCT visit_id FROM visits_visit_participants) met
                ON met.visit_id = v.id
            LEFT JOIN demo_agreed a ON a.visit_id = v.id
            WHERE v.level = 'K2' AND v.status = 'done'
        ) v CROSS JOIN visits_visitcriterion k
        WHERE k.is_on
    ) marks WHERE evidence IS NOT NULL
    ORDER BY visit_id, place, criterion_id
    """


def _risks(today: str) -> str:
    """Some diagnoses showed one; the older ones are dealt with."""
    kinds, seen, ended = zip(*RISKS, strict=True)
    which = f"[1 + {sql_pick(len(RISKS), 'r.n', 532, 'r.off')}]"
    closed = f"r.off > 120 OR r.off > 30 AND {sql_pick(100, 'r.n', 533, 'r.off')} < 55"
    return f"""
    INSERT INTO visits_risk
        (version, client_id, visit_id, kind, text, raised_on, raised_by_id, closed_on, outcome)
    SELECT 1, r.client_id, r.id, ({sql_texts(list(kinds))}){which},
           ({sql_texts(list(seen))}){which}, r.held_on, r.employee_id,
           CASE WHEN r.is_closed THEN
               r.held_on + 10 + {sql_pick(15, "r.n", 534, "r.off")} END,
           CASE WHEN r.is_closed THEN ({sql_texts(list(ended))}){which} ELSE '' END
    FROM (
        SELECT r.*, {closed} AS is_closed FROM (
            SELECT v.*, c.n, {today} - v.held_on AS off
            FROM visits_visit v JOIN demo_client c ON c.id = v.client_id
            JOIN visits_visitmark m ON m.visit_id = v.id
            JOIN visits_visitcriterion k ON k.id = m.criterion_id AND k.code = '03'
            WHERE c.churn_off IS NULL
        ) r
    ) r
    WHERE {sql_pick(100, "r.n", 531, "r.off")} < 14
    ORDER BY r.id
    """
