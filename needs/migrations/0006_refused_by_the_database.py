"""Illegal moves are refused whoever writes: steps, confirmations, the day a stage was reached.

A step is judged when it is inserted, against the newest step of its need, under a lock of the
need: of two writers at once the second sees what the first wrote. What a refusal is called
stands in its CONSTRAINT; docs/needs.md has the table.
"""

from django.db import migrations

STEPS = """
CREATE FUNCTION needs_refuse(said text, rule text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%', said USING ERRCODE = 'check_violation', CONSTRAINT = rule;
END $$;

CREATE FUNCTION needs_step_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    need needs_need;
    into_stage needs_needstage;
    newest record;
    empty text;
BEGIN
    IF TG_OP = 'UPDATE' AND (NEW.need_id, NEW.stage_id) IS DISTINCT FROM (OLD.need_id, OLD.stage_id)
    THEN
        PERFORM needs_refuse('a step stays where it was made', 'need_step_stays');
    END IF;
    SELECT * INTO need FROM needs_need WHERE id = NEW.need_id FOR NO KEY UPDATE;
    SELECT * INTO into_stage FROM needs_needstage WHERE id = NEW.stage_id;
    SELECT g.code, s."on" INTO newest
    FROM needs_needstep s JOIN needs_needstage g ON g.id = s.stage_id
    WHERE s.need_id = NEW.need_id AND (TG_OP = 'INSERT' OR g.code < into_stage.code)
    ORDER BY g.code DESC LIMIT 1;

    IF TG_OP = 'INSERT' THEN
        IF need.status <> 'open' THEN
            PERFORM needs_refuse('the need is dropped', 'need_step_of_open_need');
        END IF;
        IF NOT into_stage.is_on THEN
            PERFORM needs_refuse('the stage is switched off', 'need_step_stage_is_on');
        END IF;
        IF newest.code >= into_stage.code OR EXISTS (
            SELECT 1 FROM needs_needstage g
            WHERE g.is_on AND g.code < into_stage.code AND g.code > coalesce(newest.code, '')
        ) THEN
            PERFORM needs_refuse('stages are taken one by one', 'need_step_none_skipped');
        END IF;
        SELECT string_agg(name, ', ') INTO empty
        FROM jsonb_array_elements_text(into_stage.requires) name
        WHERE coalesce(to_jsonb(need) ->> name, to_jsonb(need) ->> (name || '_id'), '') !~ '\\S';
        IF empty IS NOT NULL THEN
            PERFORM needs_refuse('the card lacks ' || empty, 'need_step_card_is_filled');
        END IF;
    END IF;

    IF NEW.evidence !~ '\\S' THEN
        PERFORM needs_refuse('a step needs evidence', 'need_step_has_evidence');
    END IF;
    IF NEW."on" < newest."on"
        OR NEW."on" < (SELECT connected_on FROM accounts_client WHERE id = need.client_id)
        OR NEW."on" > (NEW.recorded_at AT TIME ZONE 'Europe/Moscow')::date
        OR TG_OP = 'UPDATE' AND EXISTS (
            SELECT 1 FROM needs_needstep s JOIN needs_needstage g ON g.id = s.stage_id
            WHERE s.need_id = NEW.need_id AND g.code > into_stage.code AND s."on" < NEW."on"
        )
    THEN
        PERFORM needs_refuse('a step lies between its neighbours', 'need_step_in_order');
    END IF;
    IF NEW.participant_id IS NULL THEN
        IF into_stage.needs_participant THEN
            PERFORM needs_refuse('nobody of the client is named', 'need_step_names_participant');
        END IF;
    ELSIF NOT EXISTS (
        SELECT 1 FROM contacts_participant p
        WHERE p.id = NEW.participant_id AND p.client_id = need.client_id
          -- Two cards made one lead a step over to the card that stays, whatever its dates.
          AND (TG_OP = 'UPDATE' OR p.merged_into_id IS NULL AND p.starts_on <= NEW."on"
               AND (p.ends_on IS NULL OR p.ends_on > NEW."on"))
    ) THEN
        PERFORM needs_refuse('not in the scheme of this client', 'need_step_of_the_scheme');
    END IF;
    IF into_stage.needs_second_person AND NEW.author_id = need.author_id
        AND (TG_OP = 'INSERT' OR NEW.author_id <> OLD.author_id)
        AND NOT EXISTS (
            SELECT 1 FROM needs_confirmation c
            WHERE c.need_id = NEW.need_id AND c.participant_id = NEW.participant_id
              AND c.way = 'link' AND c.status = 'confirmed'
              AND c."on" = NEW."on" AND c.answered_at = NEW.recorded_at
        )
    THEN
        PERFORM needs_refuse('the author alone does not confirm', 'need_step_second_person');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER need_step_is_legal BEFORE INSERT OR UPDATE ON needs_needstep
    FOR EACH ROW EXECUTE FUNCTION needs_step_is_legal();

CREATE FUNCTION needs_step_taken_back_is_newest() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM needs_need WHERE id = OLD.need_id) AND EXISTS (
        SELECT 1 FROM needs_needstep s JOIN needs_needstage g ON g.id = s.stage_id
        WHERE s.need_id = OLD.need_id
          AND g.code > (SELECT code FROM needs_needstage WHERE id = OLD.stage_id)
    ) THEN
        PERFORM needs_refuse('only the newest step is taken back', 'need_step_newest_goes_first');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER need_step_newest_goes_first AFTER DELETE ON needs_needstep
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_step_taken_back_is_newest();
"""

CONFIRMATIONS = """
CREATE FUNCTION needs_confirmation_is_legal() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    need needs_need;
BEGIN
    SELECT * INTO need FROM needs_need WHERE id = NEW.need_id;
    IF NOT EXISTS (
        SELECT 1 FROM contacts_participant p
        WHERE p.id = NEW.participant_id AND p.client_id = need.client_id
    ) THEN
        PERFORM needs_refuse('not in the scheme of this client', 'confirmation_of_the_scheme');
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status <> 'waiting' AND (
        to_jsonb(NEW) - '{participant_id,version}'::text[]
            IS DISTINCT FROM to_jsonb(OLD) - '{participant_id,version}'::text[]
    ) THEN
        PERFORM needs_refuse('it is answered once', 'confirmation_answered_once');
    END IF;
    IF NEW.way = 'link' AND NEW.status IN ('confirmed', 'refused', 'corrected')
        AND (NEW.answered_at > NEW.expires_at OR NEW.decided_by_id IS NOT NULL) THEN
        PERFORM needs_refuse('answered after its term', 'confirmation_within_term');
    END IF;
    IF NEW.status = 'confirmed' AND NEW."on" IS NULL THEN
        PERFORM needs_refuse('confirmed on a day', 'confirmation_has_day');
    END IF;
    IF NEW.way = 'person' AND NEW.status = 'confirmed'
        AND (NEW.decided_by_id IS NULL OR NEW.decided_by_id = need.author_id) THEN
        PERFORM needs_refuse('the author alone does not confirm', 'confirmation_not_by_author');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER needs_confirmation_is_legal BEFORE INSERT OR UPDATE ON needs_confirmation
    FOR EACH ROW EXECUTE FUNCTION needs_confirmation_is_legal();
"""

# The same check as before, and of the day as well.
SINCE = """
CREATE OR REPLACE FUNCTION needs_stage_is_newest_step() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    checked bigint;
BEGIN
    IF TG_TABLE_NAME = 'needs_need' THEN
        checked := NEW.id;
    ELSIF TG_OP = 'DELETE' THEN
        checked := OLD.need_id;
    ELSE
        checked := NEW.need_id;
    END IF;
    IF EXISTS (
        SELECT 1 FROM needs_need n
        LEFT JOIN LATERAL (
            SELECT s.stage_id, s."on"
            FROM needs_needstep s JOIN needs_needstage g ON g.id = s.stage_id
            WHERE s.need_id = n.id ORDER BY g.code DESC LIMIT 1
        ) newest ON true
        WHERE n.id = checked
          AND (n.stage_id, n.stage_on) IS DISTINCT FROM (newest.stage_id, newest."on")
    ) THEN
        RAISE EXCEPTION 'stage of need % is not that of its newest step', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'need_stage_is_newest_step';
    END IF;
    RETURN NULL;
END $$;
DROP TRIGGER need_stage_is_newest_step ON needs_need;
CREATE CONSTRAINT TRIGGER need_stage_is_newest_step
    AFTER INSERT OR UPDATE OF stage_id, stage_on ON needs_need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_stage_is_newest_step();
"""
BACKWARD = """
DROP TRIGGER needs_confirmation_is_legal ON needs_confirmation;
DROP FUNCTION needs_confirmation_is_legal();
DROP TRIGGER need_step_newest_goes_first ON needs_needstep;
DROP FUNCTION needs_step_taken_back_is_newest();
DROP TRIGGER need_step_is_legal ON needs_needstep;
DROP FUNCTION needs_step_is_legal();
DROP FUNCTION needs_refuse(text, text);
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0005_confirmation"), ("contacts", "0003_merged")]

    operations = [
        migrations.RunSQL(STEPS + CONFIRMATIONS, BACKWARD),
        # Backwards the wider check stays: it refuses nothing that was refused to no one before.
        migrations.RunSQL(SINCE, migrations.RunSQL.noop),
    ]
