"""Needs counted by client, author, unit and calendar span, so that a long one need not read them all.

A span is the year times ten: with nothing the year, 1–4 its quarters, 5 and 6 its halves; 0 holds
everything. `alone`: all needs of the client in that span stand in this row. Written anew for a
client with every change of its needs. Whoever writes the needs of a client waits for whoever
wrote them before, so a count never misses a row.
"""

from django.db import migrations

FORWARD = """
-- A base that has an earlier form of it.
DROP TABLE IF EXISTS needs_tally;
DROP FUNCTION IF EXISTS needs_tally_follows() CASCADE;
DROP FUNCTION IF EXISTS needs_tally_write(bigint[]);
DROP FUNCTION IF EXISTS needs_tally_fill(bigint[]);
CREATE TABLE needs_tally (
    client_id bigint NOT NULL,
    unit_id bigint,
    author_id bigint NOT NULL,
    span smallint NOT NULL,
    alone boolean NOT NULL,
    whole integer NOT NULL,
    dropped integer NOT NULL,
    s01 integer NOT NULL,
    s02 integer NOT NULL,
    s03 integer NOT NULL,
    s04 integer NOT NULL,
    s05 integer NOT NULL,
    s06 integer NOT NULL
);
CREATE INDEX need_tally_client ON needs_tally (client_id);
CREATE INDEX need_tally_span ON needs_tally (span)
    INCLUDE (unit_id, author_id, client_id, alone, whole, dropped, s01, s02, s03, s04, s05, s06);

-- The counts of some clients; of all, with NULL.
CREATE FUNCTION needs_tally_fill(clients bigint[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO needs_tally
    SELECT client_id, unit_id, author_id, span,
        count(*) OVER (PARTITION BY client_id, span) = 1, count(*),
        count(*) FILTER (WHERE status = 'dropped'),
        count(*) FILTER (WHERE code >= '01'), count(*) FILTER (WHERE code >= '02'),
        count(*) FILTER (WHERE code >= '03'), count(*) FILTER (WHERE code >= '04'),
        count(*) FILTER (WHERE code >= '05'), count(*) FILTER (WHERE code >= '06')
    FROM needs_need n
    LEFT JOIN needs_needstage g ON g.id = n.stage_id
    CROSS JOIN LATERAL (
        SELECT extract(year FROM opened_on)::int * 10 AS year,
            extract(quarter FROM opened_on)::int AS quarter
    ) opened
    CROSS JOIN LATERAL unnest(
        ARRAY[0, year, year + quarter, year + (quarter + 1) / 2 + 4]
    ) span
    WHERE clients IS NULL OR n.client_id = ANY(clients)
    GROUP BY client_id, unit_id, author_id, span;
$$;

CREATE FUNCTION needs_tally_write(clients bigint[]) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF cardinality(clients) > 1000 THEN
        LOCK TABLE needs_tally IN SHARE ROW EXCLUSIVE MODE;
    ELSE
        LOCK TABLE needs_tally IN ROW EXCLUSIVE MODE;
        -- In one order, so that two writers do not wait for each other.
        PERFORM pg_advisory_xact_lock(7265003, hashint8(client))
        FROM (SELECT client FROM unnest(clients) client ORDER BY hashint8(client)) ordered;
    END IF;
    DELETE FROM needs_tally WHERE client_id = ANY(clients);
    PERFORM needs_tally_fill(clients);
END $$;

CREATE FUNCTION needs_tally_follows() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    clients bigint[];
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        TRUNCATE needs_tally;
        RETURN NULL;
    ELSIF TG_OP = 'INSERT' THEN
        SELECT array_agg(DISTINCT client_id) INTO clients FROM made;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg(DISTINCT client_id) INTO clients FROM gone;
    ELSE
        SELECT array_agg(DISTINCT client_id) INTO clients FROM (
            SELECT unnest(ARRAY[g.client_id, m.client_id]) AS client_id
            FROM gone g JOIN made m USING (id)
            WHERE (g.client_id, g.unit_id, g.author_id, g.opened_on, g.stage_id, g.status)
                IS DISTINCT FROM
                (m.client_id, m.unit_id, m.author_id, m.opened_on, m.stage_id, m.status)
        ) changed;
    END IF;
    IF clients IS NOT NULL THEN
        PERFORM needs_tally_write(clients);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER need_tally_made AFTER INSERT ON needs_need
    REFERENCING NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION needs_tally_follows();
CREATE TRIGGER need_tally_changed AFTER UPDATE ON needs_need
    REFERENCING OLD TABLE AS gone NEW TABLE AS made
    FOR EACH STATEMENT EXECUTE FUNCTION needs_tally_follows();
CREATE TRIGGER need_tally_gone AFTER DELETE ON needs_need
    REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION needs_tally_follows();
CREATE TRIGGER need_tally_emptied AFTER TRUNCATE ON needs_need
    FOR EACH STATEMENT EXECUTE FUNCTION needs_tally_follows();
SELECT needs_tally_fill(NULL);
"""
BACKWARD = """
DROP TRIGGER need_tally_made ON needs_need;
DROP TRIGGER need_tally_changed ON needs_need;
DROP TRIGGER need_tally_gone ON needs_need;
DROP TRIGGER need_tally_emptied ON needs_need;
DROP FUNCTION needs_tally_follows();
DROP FUNCTION needs_tally_write(bigint[]);
DROP FUNCTION needs_tally_fill(bigint[]);
DROP TABLE needs_tally;
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0007_tally")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
