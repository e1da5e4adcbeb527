"""Services whose use is counted. Expansions nobody could confirm stay empty."""

from django.db import migrations

SERVICES = [("kplus", "К+"), ("cok", "ЦОК"), ("co", "ЦО"), ("pe", "ПЭ")]


def fill(apps, schema_editor):
    Service = apps.get_model("accounts", "Service")
    for order, (code, label) in enumerate(SERVICES, 1):
        Service.objects.get_or_create(code=code, defaults={"label": label, "order": order})


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
