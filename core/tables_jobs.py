"""Columns of the list of job runs."""

from typing import Any

import django_tables2 as tables
from django.urls import reverse
from django.utils.html import format_html

from core import jobs
from core.models import JobRun
from core.russian import day, daytime, number

NUM = {"th": {"class": "num"}, "td": {"class": "num"}}
# What the counters of the registered jobs are called; one without a word keeps its name.
COUNTERS = {
    "days": "дней",
    "clients": "клиентов",
    "periods": "периодов",
    "lamps": "лампочек изменено",
    "pools": "пулов",
}


def counter_words(counters: dict[str, Any]) -> str:
    """«дней 1, клиентов 758»: known ones in their order, then the rest."""
    names = [*(k for k in COUNTERS if k in counters), *(k for k in counters if k not in COUNTERS)]
    return ", ".join(f"{COUNTERS.get(k, k)} {number(counters[k])}" for k in names)


def duration(run: JobRun) -> str:
    """How long the last attempt took."""
    if run.started_at is None or run.finished_at is None:
        return "–"
    seconds = (run.finished_at - run.started_at).total_seconds()
    if seconds < 60:
        return f"{number(round(seconds, 1))} с"
    return f"{number(int(seconds) // 60)} мин {int(seconds) % 60} с"


class JobRunTable(tables.Table):
    """Runs, the newest day first."""

    business_date = tables.Column(verbose_name="За дату", attrs={"td": {"class": "cell-title"}})
    kind = tables.Column(verbose_name="Задание")
    status = tables.Column(verbose_name="Состояние")
    attempts = tables.Column(verbose_name="Попыток", attrs=NUM)
    counters = tables.Column(verbose_name="Итог", orderable=False, empty_values=())
    duration = tables.Column(verbose_name="Длительность", accessor="pk", orderable=False, attrs=NUM)
    requested_by = tables.Column(verbose_name="Кто запросил", default="расписание", orderable=False)
    finished_at = tables.Column(verbose_name="Закончено")

    class Meta:
        empty_text = "Заданий ещё не было: ночь запустится по расписанию"
        order_by = "-business_date"

    def render_business_date(self, value: Any, record: JobRun) -> Any:
        address = reverse("job_run", args=[record.pk])
        return format_html('<a href="{}">{}</a>', address, day(value))

    def value_business_date(self, value: Any) -> Any:
        return value

    def render_kind(self, value: str) -> str:
        return jobs.label_of(value)

    def render_counters(self, record: JobRun) -> str:
        return record.error[:120] if record.error else counter_words(record.counters)

    def render_duration(self, record: JobRun) -> str:
        return duration(record)

    def render_finished_at(self, value: Any) -> str:
        return daytime(value)

    def value_finished_at(self, value: Any) -> Any:
        return value
