"""Dropped needs are counted from the index too."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("needs", "0006_refused_by_the_database")]

    operations = [
        migrations.RemoveIndex(model_name="need", name="need_opened"),
        migrations.AddIndex(
            model_name="need",
            index=models.Index(
                fields=["opened_on"],
                include=["unit", "author", "client", "stage", "status"],
                name="need_opened",
            ),
        ),
    ]
