"""Stages of a need with what each requires, tools and superior features of К+."""

from django.db import migrations

# code, label, used, fields that must be filled in, participant, second person
STAGES = [
    ("01", "Ключевая потребность выявлена", True, ["key_need", "difficulties"], False, False),
    ("02", "", False, [], False, False),
    ("03", "Внедрение ПО К+ проведено", True, ["solution"], False, False),
    ("04", "Зафиксирован эффект от ПО К+", True, ["effect"], False, False),
    ("05", "", False, [], False, False),
    ("06", "КлП подтвердил полученный эффект", True, ["effect"], True, True),
]
TOOLS = [
    "Профиль",
    "Быстрый поиск (БП)",
    "Типовая ситуация (ТС)",
    "Готовое решение (ГР)",
    "ИБ ПКГЛ",
    "Избранное и папки",
]
ADVANTAGES = [
    "Проверка ссылок на актуальность",
    "Табличная форма примеров",
    "Все результаты поиска",
    "Настроенный профиль специалиста",
]


def fill(apps, schema_editor):
    NeedStage = apps.get_model("needs", "NeedStage")
    for code, label, is_on, requires, participant, second in STAGES:
        NeedStage.objects.get_or_create(
            code=code,
            defaults={
                "label": label,
                "is_on": is_on,
                "requires": requires,
                "needs_participant": participant,
                "needs_second_person": second,
            },
        )
    for name in TOOLS:
        apps.get_model("needs", "Tool").objects.get_or_create(name=name)
    for name in ADVANTAGES:
        apps.get_model("needs", "ProductAdvantage").objects.get_or_create(name=name)


class Migration(migrations.Migration):
    dependencies = [("needs", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
