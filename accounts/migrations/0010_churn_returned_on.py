from django.db import migrations, models

# A client that came back was given to a specialist that day.
FILL = """
UPDATE accounts_churn churn SET returned_on = back.day
FROM (
    SELECT lost.id, min(given.starts_on) AS day
    FROM accounts_churn lost
    JOIN accounts_assignment given ON given.client_id = lost.client_id AND given.starts_on > lost."on"
    GROUP BY lost.id
) back
WHERE back.id = churn.id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0009_campaigns"),
    ]

    operations = [
        migrations.AddField(
            model_name="churn",
            name="returned_on",
            field=models.DateField(
                blank=True, editable=False, null=True, verbose_name="подключён снова"
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        # No table is altered while rows of it wait for their checks.
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name="churn",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("returned_on", None), ("returned_on__gt", models.F("on")), _connector="OR"
                ),
                name="churn_returned_later",
            ),
        ),
    ]
