"""The benchmark of the director's pages runs."""

import pytest
from django.core.management import call_command
from django.db import connection

from accounts.models import Client


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_benchmark_of_the_director(capsys: pytest.CaptureFixture[str]) -> None:
    home = connection.settings_dict["NAME"]
    call_command("benchmark", "director", "--clients=90", "--runs=1")
    out = capsys.readouterr().out
    for line in ("цели года, лист PDF", "план отключений", "риск на карточке"):
        assert line in out
    assert connection.settings_dict["NAME"] == home
    assert not Client.objects.exists()
