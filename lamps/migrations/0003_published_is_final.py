"""A published scheme never changes: past days keep the rules they were computed with.

The database itself refuses, so that no script or shell can rewrite them; all that a published
version may do is be withdrawn. The present lamps leave room in their pages, for most of them
are rewritten every night.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION lamp_scheme_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'withdrawn'
        AND to_jsonb(NEW) - 'status' - 'version' = to_jsonb(OLD) - 'status' - 'version' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published lamp scheme never changes';
END $$;
CREATE TRIGGER lamp_scheme_final BEFORE UPDATE OR DELETE ON lamps_lampscheme
    FOR EACH ROW EXECUTE FUNCTION lamp_scheme_is_final();

CREATE FUNCTION lamp_rules_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM lamps_lampscheme WHERE status <> 'draft' AND (
            TG_OP <> 'INSERT' AND id = OLD.scheme_id OR TG_OP <> 'DELETE' AND id = NEW.scheme_id
        )
    ) THEN
        RAISE EXCEPTION 'a published lamp scheme never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER lamp_rules_final BEFORE INSERT OR UPDATE OR DELETE ON lamps_schemeindicator
    FOR EACH ROW EXECUTE FUNCTION lamp_rules_are_final();

CREATE FUNCTION lamp_tiers_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM lamps_schemeindicator i JOIN lamps_lampscheme s ON s.id = i.scheme_id
        WHERE s.status <> 'draft' AND (
            TG_OP <> 'INSERT' AND i.id = OLD.indicator_id
            OR TG_OP <> 'DELETE' AND i.id = NEW.indicator_id
        )
    ) THEN
        RAISE EXCEPTION 'a published lamp scheme never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER lamp_tiers_final BEFORE INSERT OR UPDATE OR DELETE ON lamps_tier
    FOR EACH ROW EXECUTE FUNCTION lamp_tiers_are_final();

ALTER TABLE lamps_lamp SET (fillfactor = 60);
"""
BACKWARD = """
ALTER TABLE lamps_lamp RESET (fillfactor);
DROP TRIGGER lamp_tiers_final ON lamps_tier;
DROP TRIGGER lamp_rules_final ON lamps_schemeindicator;
DROP TRIGGER lamp_scheme_final ON lamps_lampscheme;
DROP FUNCTION lamp_tiers_are_final();
DROP FUNCTION lamp_rules_are_final();
DROP FUNCTION lamp_scheme_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("lamps", "0002_dictionaries")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
