"""Facts of the КИС made from the plan: use, rights, trainings, ГНД, money.

All of it is `INSERT … SELECT` over the temporary tables of clients and days. Offsets count
days back from the demo's date. Whatever decides today's lamp keeps a day or two away from the
borders of windows, so that the outcome is the same on any date.
"""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date

from config.demo.mixing import sql_choice, sql_mix, sql_pick
from config.demo.plan import ACTIVITY, CO, COK, GND, OVERHANG, TRAINING
from config.demo.texts import CHURN_REASONS, GND_NOTES, TRAININGS

# What the last indexation raised the prices by, and what they were before it.
RAISED = (
    "(CASE c.segment WHEN 'network' THEN 12 ELSE 10 END"
    f" + {sql_pick(6, 'c.n', 620)} + {sql_pick(6, 'c.n', 619)})"
)
PRICE_BEFORE = f"(round(c.price * 10.0 / (100 + {RAISED})) * 10)"

# How far back facts go: a year of nights looks another 30 or 90 days further.
KPLUS_DAYS, CONTACT_DAYS, RIGHTS_BLOCKS = 395, 395, 14
# The talk's clients get their last three months from `leads`.
LEAD_DAYS = 95
LIVES = "AND {off} < c.conn_off AND {off} > coalesce(c.churn_off, -1000)"


def _bit(mask: int, block: str = "0") -> str:
    return f"(c.masks[1 + {block}] & {mask}) > 0"


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("закрепления", _assignments(today)),
        ("отключения", _churn(today)),
        ("права на услуги", _entitlements(today)),
        ("обучение", _trainings(today)),
        ("ГНД", _gnd(today)),
        ("ГНД", _gnd_noise(today)),
        ("счета", _invoices(today, on)),
        ("платежи", _payments(today)),
        ("использование К+", _kplus()),
        ("использование ЦОК", _consultations("cok", COK, 6)),
        ("использование ЦО", _consultations("co", CO, 7)),
        ("использование ПЭ", _cabinet()),
        *_leads(),
    ]


def _assignments(today: str) -> str:
    return f"""
    INSERT INTO accounts_assignment (client_id, specialist_id, unit_id, starts_on, ends_on)
    SELECT * FROM (
        SELECT c.id, c.former_id, c.unit_id, {today} - c.since_off, {today} - c.moved_off
        FROM demo_client c WHERE c.former_id IS NOT NULL
        UNION ALL
        SELECT c.id, c.specialist_id, c.unit_id, {today} - coalesce(c.moved_off, c.since_off),
               {today} - c.churn_off
        FROM demo_client c
    ) rows ORDER BY 1, 4
    """


def _churn(today: str) -> str:
    reason = sql_choice(list(CHURN_REASONS), "c.n", 201)
    return f"""
    INSERT INTO accounts_churn (version, client_id, "on", reason, competitor, lost_monthly)
    SELECT 1, c.id, {today} - c.churn_off, {reason},
           CASE WHEN {sql_pick(len(CHURN_REASONS), "c.n", 201)} = 1 THEN
               coalesce(nullif(c.competitor, ''), 'НормаБук') ELSE '' END,
           c.price
    FROM demo_client c WHERE c.churn_off IS NOT NULL ORDER BY c.id
    """


def _entitlements(today: str) -> str:
    """This year's right and last year's before it. ПЭ is open to everybody and never warns."""
    return f"""
    INSERT INTO accounts_entitlement
        (version, client_id, service_id, starts_on, valid_until, quota)
    SELECT 1, c.id, s.id, r.ends - 364 * (1 + r.year) - r.year, r.ends - 365 * r.year,
           CASE s.code WHEN 'cok' THEN 2 + {sql_pick(5, "c.n", 211)}
                       WHEN 'co' THEN 1 + {sql_pick(4, "c.n", 212)} END
    FROM demo_client c
    CROSS JOIN (VALUES (1, 'kplus'), (2, 'cok'), (3, 'co'), (4, 'pe')) k(slot, code)
    JOIN accounts_service s ON s.code = k.code
    CROSS JOIN LATERAL (
        SELECT year, {today} + CASE WHEN k.slot = 4 THEN 300 ELSE c.ends[k.slot] END AS ends
        FROM generate_series(0, 1) year
    ) r
    WHERE (k.slot = 4 OR c.ends[k.slot] IS NOT NULL)
      AND ({today} - (r.ends - 365 * r.year)) < c.conn_off
      AND (r.ends - 364 * (1 + r.year) - r.year) < {today} - coalesce(c.churn_off, -1000)
    ORDER BY c.id, s.id, r.year DESC
    """


def _stretches(mask: int, *, earned: bool) -> str:
    """Runs of blocks in which clients do, or do not, earn an indicator."""
    return f"""
    SELECT id, n, max(block) AS oldest, min(block) AS newest
    FROM (
        SELECT c.id, c.n, b.block, b.block - row_number() OVER (
            PARTITION BY c.id ORDER BY b.block) AS run
        FROM demo_client c CROSS JOIN generate_series(0, 13) b(block)
        WHERE {"" if earned else "NOT "}{_bit(mask, "b.block")}
    ) blocks GROUP BY id, n, run
    """


def _trainings(today: str) -> str:
    """A training for each stretch; a long one is renewed in its middle."""
    topic = sql_choice(list(TRAININGS), "c.n", 222, "s.part")
    begins = f"greatest(30 * s.oldest + 2 + {sql_pick(26, 'c.n', 223, 's.oldest')}, 2)"
    ends = f"""CASE
        WHEN s.newest = 0 AND c.churn_off IS NULL THEN -c.ends[4]
        ELSE 30 * s.newest - 2 - {sql_pick(20, "c.n", 224, "s.newest")} END"""
    return f"""
    INSERT INTO accounts_training (version, client_id, topic, held_on, valid_until, people)
    SELECT DISTINCT ON (c.id, c.held) 1, c.id, {topic}, {today} - c.held,
           {today} - c.until, 1 + {sql_pick(4, "c.n", 225)}
    FROM (
        SELECT c.*, s.part, d.back AS held, {ends} AS until
        FROM (
            SELECT id, oldest, newest, 0 AS part FROM runs WHERE oldest - newest < 8
            UNION ALL
            SELECT id, oldest, (oldest + newest) / 2, 1 FROM runs WHERE oldest - newest >= 8
            UNION ALL
            SELECT id, (oldest + newest) / 2, newest, 2 FROM runs WHERE oldest - newest >= 8
        ) s
        JOIN demo_client c ON c.id = s.id AND c.crossing = 0
        JOIN demo_day d ON d.off = least({begins}, c.conn_off - 1)
        UNION ALL
        SELECT c.*, 3, least(290 + {sql_pick(40, "c.n", 226)}, c.conn_off), 1
        FROM demo_client c WHERE c.crossing = 1
        UNION ALL
        SELECT c.*, 4, 0, -364 FROM demo_client c WHERE c.crossing = 2
    ) c CROSS JOIN LATERAL (SELECT c.part) s
    WHERE c.held > coalesce(c.churn_off, -1000) AND c.until <= c.held
    ORDER BY c.id, c.held DESC, c.until, s.part
    """.replace("FROM runs", f"FROM ({_stretches(TRAINING, earned=True)}) runs")


def _gnd(today: str) -> str:
    return f"""
    INSERT INTO accounts_gndrecord (version, client_id, opened_on, closed_on, note)
    SELECT 1, c.id, {today} - d.back,
           CASE WHEN s.newest > 0 THEN
               {today} - (30 * s.newest - 2 - {sql_pick(20, "c.n", 232, "s.newest")}) END,
           {sql_choice(list(GND_NOTES), "c.n", 233, "s.oldest")}
    FROM ({_stretches(GND, earned=False)}) s JOIN demo_client c ON c.id = s.id
    JOIN demo_day d ON d.off = least(
        30 * s.oldest + 2 + {sql_pick(24, "c.n", 231, "s.oldest")}, c.conn_off - 1)
    WHERE d.back > coalesce(c.churn_off, -1000) AND d.back > 30 * s.newest - 2
    ORDER BY c.id, s.oldest DESC
    """


def _gnd_noise(today: str) -> str:
    """Short troubles that came and were dealt with between the month's reviews."""
    chance = sql_pick(100, "c.n", 235, "b.block")
    return f"""
    INSERT INTO accounts_gndrecord (version, client_id, opened_on, closed_on, note)
    SELECT 1, c.id, {today} - d.back,
           {today} - d.back + 2 + {sql_pick(6, "c.n", 236, "b.block")},
           {sql_choice(list(GND_NOTES), "c.n", 237, "b.block")}
    FROM demo_client c CROSS JOIN generate_series(0, 12) b(block)
    JOIN demo_day d ON d.off = 30 * b.block + 12 + {sql_pick(12, "c.n", 238, "b.block")}
    WHERE {chance} < 4 AND {_bit(GND, "b.block")} AND c.lead = 0 AND c.crossing = 0
      {LIVES.format(off="d.back")}
    ORDER BY c.id, b.block DESC
    """


def _invoices(today: str, on: date) -> str:
    """A bill a month. `k` counts those already due, back from the last; a client that earns
    nothing for overhang leaves `patience` of them unpaid at a time."""
    unpaid = f"NOT {_bit(OVERHANG, 'k.k')}"
    next_unpaid, last_unpaid = (
        f"NOT {_bit(OVERHANG, f'greatest(k.k - {step}, 0)')}" for step in (1, 2)
    )
    through = f"""CASE
        WHEN k.k >= 2 AND c.patience >= 3 AND {next_unpaid} AND {last_unpaid} THEN k.k - 2
        WHEN k.k >= 1 AND c.patience >= 2 AND {next_unpaid} THEN k.k - 1
        ELSE k.k END"""
    late = f"(1 + {sql_pick(4, 'c.n', 242, 'm.back')})"
    early = sql_pick(9, "c.n", 243, "m.back")
    return f"""
    INSERT INTO accounts_invoice
        (version, client_id, number, month, amount, due_on, settled_on)
    SELECT 1, id, number, month, amount, due_on, settled_on FROM (
        SELECT c.id, to_char(m.month, 'YYMM') || '-' || c.n AS number, m.month,
            CASE WHEN m.back > 6 THEN {PRICE_BEFORE} ELSE round(c.price / 10.0) * 10 END AS amount,
            d.due_on,
            CASE
                WHEN d.off = 0 THEN {today} - 1 - {sql_pick(6, "c.n", 244)}
                WHEN d.off < 0 THEN CASE WHEN {sql_pick(100, "c.n", 245)} < 25 THEN
                    greatest(m.month, {today} - 1 - {early}) END
                WHEN NOT ({unpaid}) THEN CASE
                    WHEN k.k >= 1 AND {sql_pick(100, "c.n", 241, "m.back")} < 12
                        AND {late} < d.off - 30 * k.k THEN d.due_on + {late}
                    ELSE d.due_on - {early} END
                WHEN {through} > 0 THEN
                    {today} - (30 * ({through}) - 2 - {sql_pick(18, "c.n", 246, "m.back")})
            END AS settled_on
        FROM demo_client c
        CROSS JOIN demo_month m
        CROSS JOIN LATERAL (SELECT m.month + c.due_day - 1 AS due_on,
                                   {today} - (m.month + c.due_day - 1) AS off) d
        CROSS JOIN LATERAL (SELECT m.back - CASE
            WHEN DATE '{on:%Y-%m-01}' + c.due_day - 1 < {today} THEN 0 ELSE 1 END AS k
        ) k
        WHERE d.off < c.conn_off - 25 AND d.off > coalesce(c.churn_off, -1000)
    ) bills ORDER BY id, month
    """


def _payments(today: str) -> str:
    """Settled bills are paid in full, some in two parts; of the others some in part."""
    half = "round(i.amount * (30 + {0}) / 1000) * 10"
    part = half.format(sql_pick(40, "c.n", 252, "m.back"))
    two = f"{sql_pick(100, 'c.n', 251, 'm.back')} < 8"
    return f"""
    INSERT INTO accounts_payment (version, invoice_id, paid_on, amount)
    SELECT 1, p.invoice_id, p.paid_on, p.amount FROM (
        SELECT i.id AS invoice_id, i.settled_on AS paid_on,
               i.amount - CASE WHEN {two} THEN {part} ELSE 0 END AS amount
        FROM accounts_invoice i JOIN demo_client c ON c.id = i.client_id
        JOIN demo_month m ON m.month = i.month WHERE i.settled_on IS NOT NULL
        UNION ALL
        SELECT i.id, greatest(i.month, least(i.settled_on, i.due_on)
                   - {sql_pick(5, "c.n", 253, "m.back")}), {part}
        FROM accounts_invoice i JOIN demo_client c ON c.id = i.client_id
        JOIN demo_month m ON m.month = i.month WHERE i.settled_on IS NOT NULL AND {two}
        UNION ALL
        SELECT i.id, i.due_on - 1, {part}
        FROM accounts_invoice i JOIN demo_client c ON c.id = i.client_id
        JOIN demo_month m ON m.month = i.month
        WHERE i.settled_on IS NULL AND i.due_on < {today}
          AND {sql_pick(100, "c.n", 254, "m.back")} < 30
    ) p ORDER BY p.invoice_id, p.paid_on, p.amount
    """


def _kplus() -> str:
    """К+ on most working days; a third of them for certain, so that a month never falls short.

    A client that stopped using it opens a document or two now and then.
    """
    block = "least(greatest(d.off - 2, 0) / 30, 15)"
    chance = sql_mix("c.n", 301, "d.off")
    # One draw serves the day and, in its other digits, the quantity.
    return f"""
    INSERT INTO accounts_usage (client_id, service_id, day, quantity)
    SELECT c.id, c.service, c.day, CASE
        WHEN NOT c.active THEN 1 + c.chance / 128 % 4
        WHEN NOT c.is_work THEN 1 + c.chance / 128 % 9
        ELSE greatest(16, c.rate * c.season * (60 + c.chance / 128 % 80) / 10000) END
    FROM (
        SELECT c.id, c.n, c.rate, c.density, s.id AS service, d.day, d.is_work, d.work, d.season,
               {_bit(ACTIVITY, block)} AS active, {chance} AS chance
        FROM demo_client c CROSS JOIN demo_day d
        JOIN accounts_service s ON s.code = 'kplus'
        WHERE d.off BETWEEN 1 AND {KPLUS_DAYS} AND NOT (c.lead > 0 AND d.off <= {LEAD_DAYS})
          {LIVES.format(off="d.off")}
    ) c
    WHERE CASE
        WHEN NOT c.active THEN c.is_work AND (c.work + c.n) % 9 = 0 AND c.chance % 3 = 0
        WHEN NOT c.is_work THEN c.chance % 128 < 4
        ELSE (c.work + c.n) % 3 = 0 OR c.chance % 128 < c.density END
    """


def _consultations(code: str, mask: int, salt: int) -> str:
    """ЦОК and ЦО: once or twice in a block that earns them. The last three blocks follow
    today's plan, for the window is ninety days."""
    block = "CASE WHEN b.block <= 2 THEN 0 ELSE b.block END"
    off = f"30 * b.block + 3 + {sql_pick(26, 'c.n', 310 + salt, 'b.block', 'e.e')}"
    return f"""
    INSERT INTO accounts_usage (client_id, service_id, day, quantity)
    SELECT c.id, s.id, d2.day, count(*)
    FROM demo_client c
    CROSS JOIN generate_series(0, {RIGHTS_BLOCKS}) b(block)
    CROSS JOIN LATERAL generate_series(0, {sql_pick(2, "c.n", 320 + salt, "b.block")}) e(e)
    JOIN demo_day d ON d.off = {off}
    JOIN demo_day d2 ON d2.off = d.back
    JOIN accounts_service s ON s.code = '{code}'
    WHERE {_bit(mask, block)} AND NOT (c.lead > 0 AND d2.off <= {LEAD_DAYS})
      {LIVES.format(off="d2.off")}
    GROUP BY c.id, s.id, d2.day
    """


def _cabinet() -> str:
    """ПЭ, visited by two clients of three, now and then."""
    chance = sql_mix("c.n", 341, "d.off")
    return f"""
    INSERT INTO accounts_usage (client_id, service_id, day, quantity)
    SELECT c.id, s.id, d.day, 1 + {chance} / 128 % 3
    FROM demo_client c CROSS JOIN demo_day d JOIN accounts_service s ON s.code = 'pe'
    WHERE d.is_work AND d.off BETWEEN 1 AND 365 AND {sql_pick(3, "c.n", 342)} > 0
      AND {chance} % 12 = 0 AND c.lead <> 3 {LIVES.format(off="d.off")}
    """


def _leads() -> list[tuple[str, str]]:
    """The last three months of the talk's clients, to the digit."""
    insert = "INSERT INTO accounts_usage (client_id, service_id, day, quantity)"
    # Ромашка: the month's total spread over its working days, the rest on the last of them.
    month = f"""
    {insert}
    SELECT c.id, s.id, w.day, w.quantity + CASE WHEN w.place = 1 THEN 1779 - w.total ELSE 0 END
    FROM (
        SELECT p.*, sum(p.quantity) OVER () AS total FROM (
            SELECT d.off, d.day, row_number() OVER (ORDER BY d.off) AS place,
                1779 * (60 + {sql_pick(80, "d.off", 351)})
                    / (140 * count(*) OVER ()) AS quantity
            FROM demo_day d WHERE d.is_work AND d.off BETWEEN 1 AND 28
        ) p
    ) w
    JOIN demo_client c ON c.lead = 1
    JOIN accounts_service s ON s.code = 'kplus'
    """
    before = f"""
    {insert}
    SELECT c.id, s.id, d.day, 40 + {sql_pick(70, "d.off", 352)}
    FROM demo_day d JOIN demo_client c ON c.lead = 1
    JOIN accounts_service s ON s.code = 'kplus'
    WHERE d.is_work AND d.off BETWEEN 32 AND {LEAD_DAYS}
    """
    single = f"""
    {insert}
    SELECT c.id, s.id, d2.day, u.quantity
    FROM (VALUES (2, 'kplus', 9, 2), (2, 'cok', 12, 1), (2, 'cok', 47, 1), (2, 'co', 26, 1))
        u(lead, code, off, quantity)
    JOIN demo_client c ON c.lead = u.lead
    JOIN demo_day d ON d.off = u.off JOIN demo_day d2 ON d2.off = d.back
    JOIN accounts_service s ON s.code = u.code
    """
    return [("клиенты доклада", month), ("клиенты доклада", before), ("клиенты доклада", single)]
