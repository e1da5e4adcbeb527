"""Letters about a new price; the database refuses to change one. And the words they begin with."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.models

FORWARD = """
CREATE FUNCTION price_letter_is_sealed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a letter never changes';
END $$;
CREATE TRIGGER price_letter_sealed BEFORE UPDATE ON reports_priceletter
    FOR EACH ROW EXECUTE FUNCTION price_letter_is_sealed();
"""
BACKWARD = """
DROP TRIGGER price_letter_sealed ON reports_priceletter;
DROP FUNCTION price_letter_is_sealed();
"""

TEXTS = {
    "retail": "Раз в год мы пересматриваем цену обслуживания: за год растут расходы, из которых она "
    "складывается, — обновление систем и материалов, работа специалистов, связь и налоги. "
    "О новой цене говорим заранее, чтобы вы могли учесть её в расходах.",
    "network": "Раз в год мы пересматриваем цену обслуживания: за год растут расходы, из которых она "
    "складывается, — обновление систем и материалов, работа специалистов во всех ваших отделах, "
    "связь и налоги. О новой цене говорим заранее, чтобы её можно было заложить в бюджет "
    "до того, как он утверждён.",
}


def fill(apps, schema_editor):
    block = apps.get_model("reports", "TextBlock")
    for segment, text in TEXTS.items():
        block.objects.get_or_create(section="letter", segment=segment, defaults={"text": text})


def empty(apps, schema_editor):
    apps.get_model("reports", "TextBlock").objects.filter(section="letter").delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0010_churn_returned_on"),
        ("reports", "0002_sealed"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="textblock",
            name="section",
            field=models.CharField(
                choices=[
                    ("usage", "Использование К+"),
                    ("needs", "Помощь в решении задач"),
                    ("services", "Дополнительные сервисы"),
                    ("prices", "Как устроена цена"),
                    ("news", "Новое в К+ для вас"),
                    ("cok", "Анализ ЦОК"),
                    ("co", "Анализ ЦО"),
                    ("cabinet", "Личный кабинет ПЭ"),
                    ("next_year", "Из чего складывается цена в следующем году"),
                    ("letter", "Письмо о новой цене"),
                ],
                max_length=10,
                verbose_name="раздел",
            ),
        ),
        migrations.CreateModel(
            name="PriceLetter",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("snapshot", models.JSONField(verbose_name="содержание")),
                ("digest", models.CharField(max_length=64, verbose_name="контрольная сумма")),
                ("made_on", models.DateField(verbose_name="дата письма")),
                ("made_at", models.DateTimeField(verbose_name="подготовлено")),
                (
                    "letterhead",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        to="reports.letterhead",
                        verbose_name="оформление",
                    ),
                ),
                (
                    "made_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кто подготовил",
                    ),
                ),
                (
                    "offer",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letters",
                        to="accounts.indexationoffer",
                        verbose_name="предложение",
                    ),
                ),
            ],
            options={
                "verbose_name": "письмо о цене",
                "verbose_name_plural": "письма о цене",
                "ordering": ["-id"],
            },
        ),
        migrations.CreateModel(
            name="LetterFile",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("content", models.BinaryField(null=True, verbose_name="PDF")),
                (
                    "error",
                    core.models.CharField(blank=True, max_length=300, verbose_name="что не так"),
                ),
                ("drawn_at", models.DateTimeField(verbose_name="напечатано")),
                (
                    "letter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="file",
                        to="reports.priceletter",
                        verbose_name="письмо",
                    ),
                ),
            ],
            options={
                "verbose_name": "файл письма",
                "verbose_name_plural": "файлы писем",
            },
        ),
        migrations.CreateModel(
            name="LetterBatch",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "version",
                    models.PositiveIntegerField(default=1, editable=False, verbose_name="версия"),
                ),
                ("title", core.models.CharField(max_length=300, verbose_name="для кого")),
                ("size", models.PositiveIntegerField(verbose_name="писем")),
                ("written", models.PositiveIntegerField(verbose_name="из них новых")),
                ("requested_at", models.DateTimeField(verbose_name="запрошено")),
                ("on", models.DateField(verbose_name="за дату")),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="letter_batches",
                        to="accounts.indexationcampaign",
                        verbose_name="кампания",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="кто запросил",
                    ),
                ),
                (
                    "letters",
                    models.ManyToManyField(
                        related_name="batches", to="reports.priceletter", verbose_name="письма"
                    ),
                ),
            ],
            options={
                "verbose_name": "пакет писем",
                "verbose_name_plural": "пакеты писем",
                "ordering": ["-id"],
            },
        ),
        migrations.AddConstraint(
            model_name="priceletter",
            constraint=models.UniqueConstraint(
                fields=("offer", "digest"), name="price_letter_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="letterfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("content__isnull", False), ("error", "")),
                    models.Q(("content__isnull", True), models.Q(("error", ""), _negated=True)),
                    _connector="OR",
                ),
                name="letter_file_or_error",
            ),
        ),
        migrations.RunPython(fill, empty),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
