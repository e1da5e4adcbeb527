"""News hooks look for their words in what is known of a client."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.search import SearchVector
from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("accounts", "0003_targets")]

    operations = [
        migrations.AddIndex(
            model_name="client",
            index=GinIndex(
                SearchVector("portrait", "specifics", config="russian"), name="client_words"
            ),
        ),
    ]
