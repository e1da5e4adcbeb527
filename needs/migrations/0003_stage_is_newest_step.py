"""The stage of a need is the stage of its newest step, whoever writes: checked at commit."""

from django.db import migrations

FORWARD = """
CREATE FUNCTION needs_stage_is_newest_step() RETURNS trigger LANGUAGE plpgsql AS $$
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
        WHERE n.id = checked AND n.stage_id IS DISTINCT FROM (
            SELECT s.stage_id FROM needs_needstep s JOIN needs_needstage g ON g.id = s.stage_id
            WHERE s.need_id = n.id ORDER BY g.code DESC LIMIT 1
        )
    ) THEN
        RAISE EXCEPTION 'stage of need % is not that of its newest step', checked
            USING ERRCODE = 'check_violation', CONSTRAINT = 'need_stage_is_newest_step';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER need_stage_is_newest_step
    AFTER INSERT OR UPDATE OF stage_id ON needs_need
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_stage_is_newest_step();
CREATE CONSTRAINT TRIGGER need_stage_is_newest_step
    AFTER INSERT OR DELETE OR UPDATE ON needs_needstep
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION needs_stage_is_newest_step();
"""
BACKWARD = """
DROP TRIGGER need_stage_is_newest_step ON needs_needstep;
DROP TRIGGER need_stage_is_newest_step ON needs_need;
DROP FUNCTION needs_stage_is_newest_step();
"""


class Migration(migrations.Migration):
    dependencies = [("needs", "0002_dictionaries")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
