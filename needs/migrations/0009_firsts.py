"""Needs for counting: of each, when an earlier one of the same client stood beside it.

A client is counted once in any period by its first need there: the need whose predecessor was
opened before the period began. So each need keeps the day of its predecessor, for every stage
(the latest earlier need that reached it) and three times over: among the client's needs of the
same author and unit (`row`), of the same unit (`unit`) and of all (`client`). Distinct clients
of any days are then a plain count. Written anew for a client with every change of its needs.
"""

from django.db import migrations

CODES = ("01", "02", "03", "04", "05", "06")
SAME = {
    "row": "client_id, unit_id, author_id",
    "unit": "client_id, unit_id",
    "client": "client_id",
}
COLUMNS = [f"{tier}_{n}" for tier in SAME for n in range(len(CODES) + 1)]
EARLIER = ",\n        ".join(
    f"coalesce(max(opened_on) FILTER (WHERE stage >= {n}) OVER of_{tier}, '-infinity')"
    for tier in SAME
    for n in range(len(CODES) + 1)
)
WINDOWS = ",\n        ".join(
    f"of_{tier} AS (PARTITION BY {same} ORDER BY opened_on, id"
    " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING)"
    for tier, same in SAME.items()
)
STAGE = " + ".join(f"coalesce(code >= '{code}', false)::int" for code in CODES)
TABLE = f"""
SET LOCAL statement_timeout = 0;
DROP TABLE needs_tally;
CREATE TABLE needs_tally (
    client_id bigint NOT NULL,
    unit_id bigint,
    author_id bigint NOT NULL,
    opened_on date NOT NULL,
    stage smallint NOT NULL,
    dropped boolean NOT NULL,
    {", ".join(f"{column} date NOT NULL" for column in COLUMNS)}
);
CREATE INDEX need_tally_client ON needs_tally (client_id);
CREATE INDEX need_tally_opened ON needs_tally (opened_on)
    INCLUDE (unit_id, author_id, client_id, stage, dropped, {", ".join(COLUMNS)});

-- The rows of some clients; of all, with NULL. `stage`: how many of the stages 01…06 it reached.
CREATE OR REPLACE FUNCTION needs_tally_fill(clients bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO needs_tally
    SELECT client_id, unit_id, author_id, opened_on, stage, dropped,
        {EARLIER}
    FROM (
        SELECT n.id, client_id, unit_id, author_id, opened_on, status = 'dropped' AS dropped,
            {STAGE} AS stage
        FROM needs_need n LEFT JOIN needs_needstage g ON g.id = n.stage_id
        WHERE clients IS NULL OR client_id = ANY(clients)
    ) counted
    WINDOW
        {WINDOWS};
$$;
SELECT needs_tally_fill(NULL);
"""  # noqa: S608 (of this module's own words)


class Migration(migrations.Migration):
    dependencies = [("needs", "0008_tally")]

    operations = [migrations.RunSQL(TABLE, migrations.RunSQL.noop)]
