"""Departments of clients; the longer list is a guess and is edited."""

from django.db import migrations

DEPARTMENTS = [
    ("accounting", "Бухгалтерия"),
    ("legal", "Юристы"),
    ("hr", "Кадры"),
    ("management", "Руководство"),
    ("purchasing", "Закупки"),
    ("it", "ИТ"),
]


def fill(apps, schema_editor):
    ClientDepartment = apps.get_model("contacts", "ClientDepartment")
    for order, (code, name) in enumerate(DEPARTMENTS, 1):
        ClientDepartment.objects.get_or_create(code=code, defaults={"name": name, "order": order})


class Migration(migrations.Migration):
    dependencies = [("contacts", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
