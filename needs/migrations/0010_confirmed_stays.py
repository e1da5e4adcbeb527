"""What somebody confirmed stays as it was confirmed, whoever writes (decision 0014).

A need is confirmed while it has a step into a stage that names whoever confirms, with an effect
recorded by then: steps are judged, not the column of the stage, so that no detour within one
transaction helps. A step back deletes that step, and the effect is open again.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION needs_confirming(stage bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT 1 FROM needs_needstage g JOIN needs_needstage e ON e.code <= g.code
        WHERE g.id = stage AND g.is_on AND (g.needs_second_person OR g.needs_participant)
          AND e.is_on AND e.requires ? 'effect'
    )
$$;

CREATE FUNCTION needs_effect_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT 1 FROM needs_needstep s WHERE s.need_id = OLD.id AND needs_confirming(s.stage_id)
    ) THEN
        PERFORM needs_refuse('the effect is confirmed', 'need_effect_is_confirmed');
    END IF;
    IF EXISTS (
        SELECT 1 FROM needs_confirmation c WHERE c.need_id = OLD.id AND c.status = 'waiting'
    ) THEN
        PERFORM needs_refuse('somebody is asked to confirm it', 'need_effect_is_asked');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER need_effect_stays
    BEFORE UPDATE OF effect, effect_hours, effect_roubles ON needs_need
    FOR EACH ROW WHEN (
        (OLD.effect, OLD.effect_hours, OLD.effect_roubles)
        IS DISTINCT FROM (NEW.effect, NEW.effect_hours, NEW.effect_roubles)
    ) EXECUTE FUNCTION needs_effect_stays();

CREATE FUNCTION needs_confirmed_need_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- A client that goes takes its needs along; a need alone is dropped, never deleted.
    IF needs_confirming(OLD.stage_id)
        AND EXISTS (SELECT 1 FROM accounts_client WHERE id = OLD.client_id) THEN
        PERFORM needs_refuse('its effect is confirmed', 'need_confirmed_is_kept');
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER need_confirmed_is_kept AFTER DELETE ON needs_need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_confirmed_need_stays();

CREATE FUNCTION needs_confirmed_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT needs_confirming(OLD.stage_id) THEN
        RETURN NEW;
    END IF;
    IF to_jsonb(NEW) - 'participant_id' IS DISTINCT FROM to_jsonb(OLD) - 'participant_id'
        -- Two cards made one lead the step over to the card that stays.
        OR NEW.participant_id IS DISTINCT FROM OLD.participant_id AND NOT EXISTS (
            SELECT 1 FROM contacts_participant p
            WHERE p.id = OLD.participant_id AND p.merged_into_id = NEW.participant_id
        )
    THEN
        PERFORM needs_refuse('it was confirmed so', 'need_step_confirmed_stays');
    END IF;
    RETURN NEW;
END $$;
-- Named so as to be asked after need_step_is_legal, which knows the plainer reasons.
CREATE TRIGGER need_step_stays_confirmed BEFORE UPDATE ON needs_needstep
    FOR EACH ROW EXECUTE FUNCTION needs_confirmed_step_stays();

CREATE FUNCTION needs_confirmation_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        IF OLD.status <> 'waiting' AND NEW.participant_id <> OLD.participant_id AND NOT EXISTS (
            SELECT 1 FROM contacts_participant p
            WHERE p.id = OLD.participant_id AND p.merged_into_id = NEW.participant_id
        ) THEN
            PERFORM needs_refuse('who answered has answered', 'confirmation_answered_once');
        END IF;
        RETURN NEW;
    END IF;
    -- At the end of the transaction: where the need went too, so does what confirmed it.
    IF OLD.status = 'confirmed' AND EXISTS (
        SELECT 1 FROM needs_needstep s
        WHERE s.need_id = OLD.need_id AND s.recorded_at = OLD.answered_at
          AND needs_confirming(s.stage_id)
    ) THEN
        PERFORM needs_refuse('a step stands on it', 'confirmation_is_kept');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER needs_confirmation_stays BEFORE UPDATE OF participant_id ON needs_confirmation
    FOR EACH ROW EXECUTE FUNCTION needs_confirmation_stays();
CREATE CONSTRAINT TRIGGER needs_confirmation_is_kept AFTER DELETE ON needs_confirmation
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_confirmation_stays();
"""
BACKWARD = """
DROP TRIGGER needs_confirmation_is_kept ON needs_confirmation;
DROP TRIGGER needs_confirmation_stays ON needs_confirmation;
DROP FUNCTION needs_confirmation_stays();
DROP TRIGGER need_step_stays_confirmed ON needs_needstep;
DROP FUNCTION needs_confirmed_step_stays();
DROP TRIGGER need_confirmed_is_kept ON needs_need;
DROP FUNCTION needs_confirmed_need_stays();
DROP TRIGGER need_effect_stays ON needs_need;
DROP FUNCTION needs_effect_stays();
DROP FUNCTION needs_confirming(bigint);
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0009_firsts")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
