"""A repeated name, phone or e-mail is found by reading an index alone."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0004_person_keys"),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="person",
            name="person_search_key",
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_phone_digits",
        ),
        migrations.RemoveIndex(
            model_name="person",
            name="person_email",
        ),
        migrations.AddField(
            model_name="person",
            name="email_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=django.db.models.functions.text.Lower("email"),
                output_field=models.CharField(max_length=254),
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["search_key", "id"],
                name="person_name",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["phone_digits", "id"],
                name="person_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(
                condition=models.Q(("merged_into", None)),
                fields=["email_key", "id"],
                name="person_email",
            ),
        ),
    ]
