"""What is approved never changes: the database itself refuses it. And what reports begin with."""

from django.db import migrations
from django.utils import timezone

# Beside these, everything of an approved report is sealed.
FORWARD = """
CREATE FUNCTION report_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    free text[] := ARRAY['visit_id'];
BEGIN
    IF OLD.status NOT IN ('final', 'presented') THEN
        RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'an approved report is never removed';
    END IF;
    IF OLD.status = 'final' AND NEW.status IN ('final', 'presented') THEN
        free := free || ARRAY['status', 'presented_to_id', 'presented_on', 'outcome', 'version'];
    END IF;
    IF to_jsonb(OLD) - free IS DISTINCT FROM to_jsonb(NEW) - free THEN
        RAISE EXCEPTION 'an approved report never changes';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER report_sealed BEFORE UPDATE OR DELETE ON reports_cooperationreport
    FOR EACH ROW EXECUTE FUNCTION report_is_sealed();

CREATE FUNCTION letterhead_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a letterhead never changes: write a new one';
END $$;
CREATE TRIGGER letterhead_sealed BEFORE UPDATE OR DELETE ON reports_letterhead
    FOR EACH ROW EXECUTE FUNCTION letterhead_is_sealed();
"""
BACKWARD = """
DROP TRIGGER report_sealed ON reports_cooperationreport;
DROP FUNCTION report_is_sealed();
DROP TRIGGER letterhead_sealed ON reports_letterhead;
DROP FUNCTION letterhead_is_sealed();
"""

RETAIL = {
    "usage": "Коротко о том, как вы работали с К+ в этом периоде.",
    "needs": "Задачи, которые мы решили вместе, и что это дало. Слова и оценки — ваши.",
    "services": "Чем ещё, кроме самой системы, вы пользовались.",
    "prices": "Цена складывается из **комплекта**, числа рабочих мест и **сервисов**, которые в него "
    "входят. В течение срока фиксированной цены она не меняется; о новой цене мы "
    "договариваемся заранее.",
    "news": "Новости, которые касаются вашей деятельности.",
    "cok": "Сколько вы использовали из того, что входит в договор.",
    "co": "Сколько вы использовали из того, что входит в договор.",
    "cabinet": "Как вы пользовались личным кабинетом.",
    "next_year": "Из чего сложится цена, когда закончится срок нынешней.",
}
NETWORK = RETAIL | {
    "usage": "Как с К+ работала ваша организация: по месяцам и по отделам, с которыми мы "
    "встречались.",
    "needs": "Задачи ваших отделов, которые мы решили вместе: что было нужно, как решили, что это "
    "дало. Слова и оценки — ваши, сумма — только подтверждённого.",
    "prices": "Цена складывается из **комплекта** для каждого отдела, числа рабочих мест и "
    "**сервисов**, которые в него входят. На срок фиксированной цены она не меняется, и её можно "
    "закладывать в бюджет; о цене следующего срока мы договариваемся до того, как бюджет "
    "утверждён.",
}


def fill(apps, schema_editor):
    apps.get_model("reports", "Letterhead").objects.create(
        name="Региональный центр", colour="#1a5cad", created_at=timezone.now()
    )
    block = apps.get_model("reports", "TextBlock")
    block.objects.bulk_create(
        block(section=section, segment=segment, text=text)
        for segment, texts in (("retail", RETAIL), ("network", NETWORK))
        for section, text in texts.items()
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
