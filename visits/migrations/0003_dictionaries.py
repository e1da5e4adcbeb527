"""Criteria of a К2У, kinds of control points; the unit of contacts recorded before."""

from django.db import migrations

# code, label, hint, scored, used, evidence
CRITERIA = [
    ("0", "Цель", "Цель записана до начала контакта", True, True, "goal"),
    ("01", "Контакт с участником СПР состоялся", "", True, True, "participant"),
    ("02", "Ключевая потребность выявлена или обновлена", "Какая и чья", True, True, "text"),
    (
        "03",
        "Ранняя диагностика",
        "Изменения в СПР, конкуренты, долгосрочное сотрудничество",
        True,
        True,
        "text",
    ),
    ("04", "Отчёт о сотрудничестве", "Кому представлен и что решили", True, True, "text"),
    ("05", "Договорённости", "Что, кто и до какого дня", True, True, "agreement"),
    ("first", "Первый К2У с новым клиентом", "", False, True, "first"),
    ("advantages", "Позиционирование через ПО К+", "Какие отличия показаны", False, True, "text"),
]
# code, label, days, by specialist
KINDS = [
    ("weekly", "КТ", 7, True),
    ("session", "КС", 14, False),
]
UNITS = """
    UPDATE visits_visit v SET unit_id = p.unit_id
    FROM accounts_position p
    WHERE p.employee_id = v.employee_id AND v.unit_id IS NULL
      AND p.starts_on <= COALESCE(v.held_on, v.planned_for)
      AND (p.ends_on IS NULL OR p.ends_on > COALESCE(v.held_on, v.planned_for))
"""


def fill(apps, schema_editor):
    Criterion = apps.get_model("visits", "VisitCriterion")
    for order, (code, label, hint, is_scored, is_on, evidence) in enumerate(CRITERIA):
        Criterion.objects.get_or_create(
            code=code,
            defaults={
                "label": label,
                "hint": hint,
                "order": order * 10,
                "is_scored": is_scored,
                "is_on": is_on,
                "evidence": evidence,
            },
        )
    Kind = apps.get_model("visits", "ControlPointKind")
    for code, label, days, is_personal in KINDS:
        Kind.objects.get_or_create(
            code=code, defaults={"label": label, "every_days": days, "is_personal": is_personal}
        )


class Migration(migrations.Migration):
    dependencies = [("visits", "0002_reviews")]

    operations = [
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.RunSQL(UNITS, migrations.RunSQL.noop),
    ]
