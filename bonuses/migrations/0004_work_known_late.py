from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("bonuses", "0003_line_rows")]

    operations = [
        migrations.RemoveConstraint(model_name="sheetline", name="sheet_line_kind"),
        migrations.AddConstraint(
            model_name="sheetline",
            constraint=models.CheckConstraint(
                condition=models.Q(kind="kpi", kpi__isnull=False, corrects=None)
                | models.Q(kind="correction", corrects__isnull=False)
                | models.Q(kind="correction", kpi__isnull=False),
                name="sheet_line_kind",
            ),
        ),
    ]
