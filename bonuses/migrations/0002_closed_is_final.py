"""Closed sheets and published schemes never change: the database itself refuses.

No script or shell can rewrite what somebody was paid by, nor empty the tables; corrections come
as lines of an open month.
"""

from django.db import migrations

FORWARD = """
CREATE FUNCTION bonus_scheme_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'draft' THEN
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.status = 'published' AND NEW.status = 'withdrawn'
        AND to_jsonb(NEW) - 'status' - 'version' = to_jsonb(OLD) - 'status' - 'version' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'a published bonus scheme never changes';
END $$;
CREATE TRIGGER bonus_scheme_final BEFORE UPDATE OR DELETE ON bonuses_bonusscheme
    FOR EACH ROW EXECUTE FUNCTION bonus_scheme_is_final();

CREATE FUNCTION bonus_rules_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    touched bigint[] := '{}';
    final boolean;
BEGIN
    IF TG_OP <> 'INSERT' THEN
        touched := touched || (to_jsonb(OLD) ->> TG_ARGV[0])::bigint;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        touched := touched || (to_jsonb(NEW) ->> TG_ARGV[0])::bigint;
    END IF;
    IF TG_ARGV[0] = 'scheme_id' THEN
        final := EXISTS (SELECT FROM bonuses_bonusscheme s
                         WHERE s.id = ANY(touched) AND s.status <> 'draft');
    ELSIF TG_ARGV[0] = 'block_id' THEN
        final := EXISTS (SELECT FROM bonuses_bonusblock b
                         JOIN bonuses_bonusscheme s ON s.id = b.scheme_id
                         WHERE b.id = ANY(touched) AND s.status <> 'draft');
    ELSE
        final := EXISTS (SELECT FROM bonuses_bonuskpi k
                         JOIN bonuses_bonusblock b ON b.id = k.block_id
                         JOIN bonuses_bonusscheme s ON s.id = b.scheme_id
                         WHERE k.id = ANY(touched) AND s.status <> 'draft');
    END IF;
    IF final THEN
        RAISE EXCEPTION 'a published bonus scheme never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER bonus_block_final BEFORE INSERT OR UPDATE OR DELETE ON bonuses_bonusblock
    FOR EACH ROW EXECUTE FUNCTION bonus_rules_are_final('scheme_id');
CREATE TRIGGER bonus_kpi_final BEFORE INSERT OR UPDATE OR DELETE ON bonuses_bonuskpi
    FOR EACH ROW EXECUTE FUNCTION bonus_rules_are_final('block_id');
CREATE TRIGGER bonus_step_final BEFORE INSERT OR UPDATE OR DELETE ON bonuses_bonusstep
    FOR EACH ROW EXECUTE FUNCTION bonus_rules_are_final('kpi_id');

CREATE FUNCTION closed_sheet_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.status = 'closed' THEN
        RAISE EXCEPTION 'a closed bonus sheet never changes';
    END IF;
    IF TG_OP = 'UPDATE' AND NEW.status = 'closed' AND OLD.status <> 'approved' THEN
        RAISE EXCEPTION 'a bonus sheet is approved before it is closed';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER sheet_final BEFORE UPDATE OR DELETE ON bonuses_sheet
    FOR EACH ROW EXECUTE FUNCTION closed_sheet_is_final();

CREATE FUNCTION closed_lines_are_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM bonuses_sheet WHERE status = 'closed' AND (
            TG_OP <> 'INSERT' AND id = OLD.sheet_id OR TG_OP <> 'DELETE' AND id = NEW.sheet_id
        )
    ) THEN
        RAISE EXCEPTION 'a closed bonus sheet never changes';
    END IF;
    RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER sheet_lines_final BEFORE INSERT OR UPDATE OR DELETE ON bonuses_sheetline
    FOR EACH ROW EXECUTE FUNCTION closed_lines_are_final();

CREATE FUNCTION paid_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was paid by never changes';
END $$;
CREATE TRIGGER payroll_final BEFORE UPDATE OR DELETE ON bonuses_payrollexport
    FOR EACH ROW EXECUTE FUNCTION paid_is_final();
CREATE TRIGGER sheet_view_final BEFORE UPDATE OR DELETE ON bonuses_sheetview
    FOR EACH ROW EXECUTE FUNCTION paid_is_final();
CREATE TRIGGER sheet_kept BEFORE TRUNCATE ON bonuses_sheet
    FOR EACH STATEMENT EXECUTE FUNCTION paid_is_final();
CREATE TRIGGER sheet_lines_kept BEFORE TRUNCATE ON bonuses_sheetline
    FOR EACH STATEMENT EXECUTE FUNCTION paid_is_final();
CREATE TRIGGER payroll_kept BEFORE TRUNCATE ON bonuses_payrollexport
    FOR EACH STATEMENT EXECUTE FUNCTION paid_is_final();
"""
BACKWARD = """
DROP TRIGGER payroll_kept ON bonuses_payrollexport;
DROP TRIGGER sheet_lines_kept ON bonuses_sheetline;
DROP TRIGGER sheet_kept ON bonuses_sheet;
DROP TRIGGER sheet_view_final ON bonuses_sheetview;
DROP TRIGGER payroll_final ON bonuses_payrollexport;
DROP FUNCTION paid_is_final();
DROP TRIGGER sheet_lines_final ON bonuses_sheetline;
DROP FUNCTION closed_lines_are_final();
DROP TRIGGER sheet_final ON bonuses_sheet;
DROP FUNCTION closed_sheet_is_final();
DROP TRIGGER bonus_step_final ON bonuses_bonusstep;
DROP TRIGGER bonus_kpi_final ON bonuses_bonuskpi;
DROP TRIGGER bonus_block_final ON bonuses_bonusblock;
DROP FUNCTION bonus_rules_are_final();
DROP TRIGGER bonus_scheme_final ON bonuses_bonusscheme;
DROP FUNCTION bonus_scheme_is_final();
"""


class Migration(migrations.Migration):
    dependencies = [("bonuses", "0001_initial")]

    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
