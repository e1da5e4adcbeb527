from django.db import migrations, models


class Migration(migrations.Migration):
    """Open tasks are listed by their due date, whoever reads them."""

    dependencies = [("visits", "0004_visit_figure_indexes")]

    operations = [
        migrations.AddIndex(
            model_name="agreement",
            index=models.Index(
                fields=["due_on", "id"],
                condition=models.Q(status="open"),
                name="agreement_open_due",
            ),
        ),
    ]
