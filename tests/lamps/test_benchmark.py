"""The benchmark runs, gives both ways the same lamps, and puts everything back."""

import pytest
from django.core.management import call_command
from django.db import connection

from lamps.models import Lamp


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_benchmark_of_the_night(capsys):
    home = connection.settings_dict["NAME"]
    call_command("benchmark", "night", "--clients=63", "--base=63", "--runs=2", "--sample=2")
    out = capsys.readouterr().out
    assert "63 клиентов, 18,144 строк использования" in out
    for line in ("написанная вручную", "наивный цикл", "память процесса"):
        assert line in out
    assert connection.settings_dict["NAME"] == home
    assert not Lamp.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_database WHERE datname LIKE 'lampa_benchmark_63_%'")
        assert cursor.fetchone() == (0,)
