"""Keys by which two cards of one human being are found: name, digits of the phone, e-mail."""

import django.db.models.functions.text
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0003_merged"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="phone_digits",
            field=models.GeneratedField(
                db_persist=True,
                expression=models.Func(
                    models.Func(
                        models.F("phone"),
                        models.Value("[^0-9]"),
                        models.Value(""),
                        models.Value("g"),
                        function="regexp_replace",
                    ),
                    models.Value("^8(?=[0-9]{10})"),
                    models.Value("7"),
                    function="regexp_replace",
                ),
                output_field=models.CharField(max_length=40),
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["search_key", "id"], name="person_search_key"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["phone_digits"], name="person_phone_digits"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(django.db.models.functions.text.Lower("email"), name="person_email"),
        ),
    ]
