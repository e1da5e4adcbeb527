"""Contracts, their prices as the invoices bill them, and two indexations."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date

from config.demo.facts import PRICE_BEFORE, RAISED
from config.demo.mixing import sql_choice, sql_pick, sql_texts
from config.demo.texts import CHURN_REASONS

KITS_OF_RETAIL = ["Бухгалтерия и кадры", "Бухгалтер плюс", "Юрист", "Практик"]
REFUSALS = [
    "Бюджет года уже утверждён",
    "Сравнивают с конкурентом",
    "Просят вернуться после отчётности",
]
KITS_OF_NETWORK = ["Проф", "Проф плюс регион", "Корпоративный", "Бюджет и закупки"]


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("договоры", _contracts(today)),
        ("цены", _prices(on)),
        ("отключения", _causes()),
        ("индексация", _campaigns(on)),
        ("индексация", _plans()),
        ("индексация", _finished()),
        ("индексация", _running(today)),
        ("индексация", _coming_prices()),
        ("индексация", _goals()),
    ]


def _contracts(today: str) -> str:
    """One a client. Every third network has fixed its price until the next year."""
    kit = f"""CASE c.segment WHEN 'network' THEN {sql_choice(KITS_OF_NETWORK, "c.n", 611)}
        ELSE {sql_choice(KITS_OF_RETAIL, "c.n", 612)} END"""
    fixed = f"c.segment = 'network' AND {sql_pick(3, 'c.n', 613)} = 0 AND c.churn_off IS NULL"
    fixed_on = f"(date_trunc('month', {today}) - INTERVAL '6 months')::date"
    return f"""
    INSERT INTO accounts_contract
        (version, client_id, number, kit, starts_on, ends_on, fixed_from, fixed_until, external_id)
    SELECT 1, c.id, to_char({today} - c.conn_off, 'YY') || '/' || (1000 + c.n), {kit},
           {today} - c.conn_off, {today} - c.churn_off,
           CASE WHEN {fixed} AND c.conn_off > 400 THEN {fixed_on} END,
           CASE WHEN {fixed} AND c.conn_off > 400 THEN
               ({fixed_on} + INTERVAL '1 year')::date - 1 END,
           'demo-contract-' || c.n
    FROM demo_client c ORDER BY c.id
    """


def _prices(on: date) -> str:
    """The price billed until half a year ago and the one billed since; see `facts._invoices`."""
    first = f"DATE '{on:%Y-%m-01}'"
    changed = f"({first} - INTERVAL '6 months')::date"
    return f"""
    INSERT INTO accounts_contractprice (version, contract_id, effective_on, monthly)
    SELECT 1, k.id, p.day, p.price
    FROM accounts_contract k JOIN demo_client c ON c.id = k.client_id
    CROSS JOIN LATERAL (
        SELECT k.starts_on AS day, {PRICE_BEFORE} AS price
        WHERE k.starts_on < {changed}
        UNION ALL
        SELECT greatest(k.starts_on, {changed}), round(c.price / 10.0) * 10
        WHERE k.ends_on IS NULL OR k.ends_on > {changed}
    ) p ORDER BY k.id, p.day
    """


def _causes() -> str:
    """The kind of reason of each loss, by its words; the dictionary comes with a migration."""
    return f"""
    UPDATE accounts_churn SET cause_id = k.id FROM accounts_churncause k
    WHERE k."order" = (ARRAY[1, 2, 3, 4, 5, 3])[
        array_position({sql_texts(list(CHURN_REASONS))}, accounts_churn.reason::text)]
    """


def _campaigns(on: date) -> str:
    """The one whose prices are billed since half a year ago, and the one that is running."""
    first = f"DATE '{on:%Y-%m-01}'"
    return f"""
    INSERT INTO accounts_indexationcampaign (version, year, starts_on, effective_on, status)
    SELECT 1, extract(year FROM {first} + INTERVAL '2 months') - 1,
           ({first} - INTERVAL '9 months')::date, ({first} - INTERVAL '6 months')::date, 'closed'
    UNION ALL
    SELECT 1, extract(year FROM {first} + INTERVAL '2 months'),
           ({first} - INTERVAL '1 month')::date, ({first} + INTERVAL '2 months')::date, 'running'
    """


def _plans() -> str:
    return """
    INSERT INTO accounts_segmentplan (version, campaign_id, segment, percent, floor, ceiling)
    SELECT 1, c.id, s.segment, s.percent, s.floor, s.ceiling
    FROM accounts_indexationcampaign c
    CROSS JOIN (VALUES ('retail', 15, 10, 20), ('network', 17, 12, 25))
        s(segment, percent, floor, ceiling)
    ORDER BY c.year, s.segment
    """


_INTO = """
    INSERT INTO accounts_indexationoffer
        (version, campaign_id, client_id, contract_id, segment, price_before, planned_percent,
         floor, ceiling, stage, offered_percent, offered_on, agreed_percent, agreed_on,
         price_after, effective_on, refused_on, refusal_reason, is_exception, exception_reason)
"""


def _finished() -> str:
    """Everybody whose price was raised agreed; those with whom needs were worked, sooner."""
    took = f"""(8 + {sql_pick(16, "c.n", 621)} + CASE WHEN EXISTS (
        SELECT FROM needs_need n WHERE n.client_id = c.id AND n.opened_on < k.starts_on
        ) THEN 0 ELSE 6 END)"""
    offered = f"(k.starts_on + {sql_pick(20, 'c.n', 622)})"
    return f"""
    {_INTO}
    SELECT 1, k.id, c.id, t.id, c.segment, b.monthly, s.percent, s.floor, s.ceiling, 'agreed',
           s.percent, {offered}, {RAISED}, {offered} + {took}, a.monthly, k.effective_on,
           NULL, '', false, ''
    FROM accounts_indexationcampaign k
    JOIN accounts_segmentplan s ON s.campaign_id = k.id
    JOIN demo_client c ON c.segment = s.segment
    JOIN accounts_contract t ON t.client_id = c.id
    JOIN accounts_contractprice a ON a.contract_id = t.id AND a.effective_on = k.effective_on
    JOIN accounts_contractprice b ON b.contract_id = t.id AND b.effective_on < k.effective_on
    WHERE k.status = 'closed' AND t.starts_on <= k.starts_on
    ORDER BY c.id
    """


def _running(today: str) -> str:
    """Of ten, three agreed already, one refused, four think it over, two wait for their turn."""
    offered = f"least(k.starts_on + {sql_pick(25, 'c.n', 632)}, {today})"
    answered = f"least({offered} + 3 + {sql_pick(15, 'c.n', 633)}, {today})"
    agreed = f"(s.floor + {sql_pick(6, 'c.n', 634)} + {sql_pick(6, 'c.n', 636)})"
    return f"""
    {_INTO}
    SELECT 1, k.id, c.id, t.id, c.segment, p.monthly, s.percent, s.floor, s.ceiling, g.stage,
           CASE WHEN g.stage <> 'planned' THEN s.percent END,
           CASE WHEN g.stage <> 'planned' THEN {offered} END,
           CASE WHEN g.stage = 'agreed' THEN {agreed} END,
           CASE WHEN g.stage = 'agreed' THEN {answered} END,
           CASE WHEN g.stage = 'agreed' THEN round(p.monthly * (100 + {agreed}) / 100, 2) END,
           CASE WHEN g.stage = 'agreed' THEN k.effective_on END,
           CASE WHEN g.stage = 'refused' THEN {answered} END,
           CASE WHEN g.stage = 'refused' THEN {sql_choice(REFUSALS, "c.n", 635)} ELSE '' END,
           false, ''
    FROM accounts_indexationcampaign k
    JOIN accounts_segmentplan s ON s.campaign_id = k.id
    JOIN demo_client c ON c.segment = s.segment AND c.churn_off IS NULL
    JOIN accounts_contract t ON t.client_id = c.id AND t.fixed_until IS NULL
    CROSS JOIN LATERAL (SELECT monthly FROM accounts_contractprice
        WHERE contract_id = t.id ORDER BY effective_on DESC LIMIT 1) p
    CROSS JOIN LATERAL (SELECT (ARRAY['agreed', 'agreed', 'agreed', 'refused', 'offered',
        'offered', 'offered', 'offered', 'planned', 'planned']
        )[1 + {sql_pick(10, "c.n", 631)}] AS stage) g
    WHERE k.status = 'running' ORDER BY c.id
    """


def _coming_prices() -> str:
    return """
    INSERT INTO accounts_contractprice (version, contract_id, effective_on, monthly)
    SELECT 1, o.contract_id, o.effective_on, o.price_after
    FROM accounts_indexationoffer o JOIN accounts_indexationcampaign k ON k.id = o.campaign_id
    WHERE k.status = 'running' AND o.stage = 'agreed' ORDER BY o.contract_id
    """


def _goals() -> str:
    """What each campaign is to reach, of the centre and of each department."""
    return f"""
    INSERT INTO accounts_target (version, kind, unit_id, span, month, value)
    SELECT 1, 'indexation', u.id, 'year', make_date(k.year, 1, 1),
           CASE WHEN u.id IS NULL THEN 15.5 ELSE 15 + {sql_pick(5, "u.id", 637)} * 0.5 END
    FROM accounts_indexationcampaign k
    CROSS JOIN (SELECT id FROM accounts_unit WHERE kind = 'department'
                UNION ALL SELECT NULL) u
    ORDER BY k.year, u.id NULLS FIRST
    """
