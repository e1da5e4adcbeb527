"""Contracts and their prices, as the invoices bill them."""
# ruff: noqa: S608 (this package's own words are put into the statements, never typed text)

from datetime import date

from config.demo.mixing import sql_choice, sql_pick

KITS_OF_RETAIL = ["Бухгалтерия и кадры", "Бухгалтер плюс", "Юрист", "Практик"]
KITS_OF_NETWORK = ["Проф", "Проф плюс регион", "Корпоративный", "Бюджет и закупки"]


def statements(on: date) -> list[tuple[str, str]]:
    """What is being made, and the statement that makes it, in order."""
    today = f"DATE '{on:%Y-%m-%d}'"
    return [
        ("договоры", _contracts(today)),
        ("цены", _prices(on)),
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
        SELECT k.starts_on AS day, round(c.price * 0.93 / 10) * 10 AS price
        WHERE k.starts_on < {changed}
        UNION ALL
        SELECT greatest(k.starts_on, {changed}), round(c.price / 10.0) * 10
        WHERE k.ends_on IS NULL OR k.ends_on > {changed}
    ) p ORDER BY k.id, p.day
    """
