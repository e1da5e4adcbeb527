"""Production starts safe or not at all."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SAFE = {
    "LAMPA_MODE": "production",
    "SECRET_KEY": "k" * 25 + "-0123456789-abcdefghijklmnopqrstuvwxyz",
    "ALLOWED_HOSTS": "lampa.example.org",
    "DATABASE_URL": "postgres://lampa@127.0.0.1:5432/lampa",
}


def start(*command: str, **given: str | None) -> subprocess.CompletedProcess[str]:
    """Run a command of the program in an environment of its own."""
    values = {k: v for k, v in (SAFE | given).items() if v is not None}
    kept = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "LANG", "VIRTUAL_ENV"}}
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=ROOT, env=kept | values, capture_output=True, text=True, check=False, timeout=90,
    )  # fmt: skip


def test_safe_settings_pass_the_check_for_deployment() -> None:
    done = start("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.mark.parametrize(
    ("given", "word"),
    [
        ({"SECRET_KEY": None}, "SECRET_KEY"),
        ({"SECRET_KEY": "short"}, "SECRET_KEY"),
        ({"ALLOWED_HOSTS": None}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "*"}, "ALLOWED_HOSTS"),
        ({"ALLOWED_HOSTS": "lampa.example.org,*"}, "ALLOWED_HOSTS"),
        ({"SECOND_FACTOR_ROLES": "manager"}, "SECOND_FACTOR_ROLES"),
        ({"SECOND_FACTOR_ROLES": ""}, "SECOND_FACTOR_ROLES"),
        ({"DATABASE_URL": "sqlite:///x.db"}, "PostgreSQL"),
        ({"DATABASE_URL": None}, "DATABASE_URL"),
        ({"LAMPA_MODE": "debug"}, "LAMPA_MODE"),
    ],
)
def test_unsafe_settings_stop_the_start(given: dict[str, str | None], word: str) -> None:
    done = start("check", **given)
    assert done.returncode != 0 and word in done.stderr


def test_the_default_mode_is_production() -> None:
    done = start("check", LAMPA_MODE=None, SECRET_KEY=None)
    assert done.returncode != 0 and "SECRET_KEY" in done.stderr


def test_production_never_debugs_and_its_cookies_are_secure() -> None:
    code = (
        "from django.conf import settings as s; print(s.DEBUG, s.SESSION_COOKIE_SECURE,"
        " s.CSRF_COOKIE_SECURE, s.SECURE_SSL_REDIRECT, s.SECURE_HSTS_SECONDS >= 31536000)"
    )
    done = start("shell", "--no-imports", "-c", code)
    assert done.stdout.split()[-5:] == ["False", "True", "True", "True", "True"], done.stderr
