"""The seven indicators of the talk and the scheme that gives its three lamps."""

from datetime import date

from django.db import migrations
from django.utils import timezone

# code, label, source, service, direction, window, warning days, tiers (threshold, hundredths)
INDICATORS = [
    ("activity", "Активность К+", "usage", "kplus", "higher", 30, 60, [(50, 40)]),
    ("cok", "ЦОК", "usage", "cok", "higher", 90, 60, [(1, 10)]),
    ("co", "ЦО", "usage", "co", "higher", 90, 60, [(1, 10)]),
    ("k1", "К1У", "k1", None, "higher", 30, None, [(2, 20)]),
    ("gnd", "ГНД", "gnd", None, "lower", None, None, [(0, 10)]),
    ("overhang", "Навес", "overhang", None, "lower", None, None, [(0, 10)]),
    ("training", "Обученность", "training", None, "higher", None, 60, [(1, 10)]),
]


def fill(apps, schema_editor):
    Indicator = apps.get_model("lamps", "Indicator")
    Service = apps.get_model("accounts", "Service")
    scheme, created = apps.get_model("lamps", "LampScheme").objects.get_or_create(
        name="Основная схема",
        segment="",
        effective_from=date(2000, 1, 1),
        defaults={"status": "published", "published_at": timezone.now()},
    )
    for slot, row in enumerate(INDICATORS):
        code, label, source, service, direction, window, warning, tiers = row
        indicator, _ = Indicator.objects.get_or_create(
            code=code, defaults={"label": label, "slot": slot}
        )
        if not created:
            continue
        rule = apps.get_model("lamps", "SchemeIndicator").objects.create(
            scheme=scheme,
            indicator=indicator,
            order=slot,
            source=source,
            service=Service.objects.get(code=service) if service else None,
            direction=direction,
            window_days=window,
            warning_days=warning,
            stale_after_days=30 if source in ("gnd", "training") else 7,
        )
        for threshold, weight in tiers:
            apps.get_model("lamps", "Tier").objects.create(
                indicator=rule, threshold=threshold, weight=weight
            )


class Migration(migrations.Migration):
    dependencies = [("lamps", "0001_initial"), ("accounts", "0002_dictionaries")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
