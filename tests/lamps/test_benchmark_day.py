"""The benchmark of my day and of preparation runs, and its queries do not grow with rows."""

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Client


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_benchmark_of_the_day(capsys):
    home = connection.settings_dict["NAME"]
    call_command("benchmark", "day", "--clients=90", "--runs=1")
    out = capsys.readouterr().out
    for line in ("мой день: отдел", "подготовка к запланированному", "Запросов поровну: да"):
        assert line in out
    assert connection.settings_dict["NAME"] == home
    assert not Client.objects.exists()
