from django.db import migrations, models


class Migration(migrations.Migration):
    """The code of a setting has a dot in it; an empty text is a value too."""

    dependencies = [("core", "0003_settings_calendar")]

    operations = [
        migrations.AlterField(
            model_name="setting",
            name="code",
            field=models.CharField(max_length=60, unique=True, verbose_name="код"),
        ),
        migrations.AlterField(
            model_name="setting",
            name="value",
            field=models.JSONField(blank=True, null=True, verbose_name="значение"),
        ),
    ]
