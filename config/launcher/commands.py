"""The commands of `./lampa`."""

import errno
import http.client
import os
import signal
import socket
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from contextlib import suppress
from types import FrameType

from . import places
from .packages import compile_locks, install
from .postgres import Postgres, database
from .processes import Supervisor, foreground, reap
from .system import report_pango, test_tools
from .tools import Stop, child_env, locked, make_data_folder, say, secret_key, succeeds

USAGE = """\
./lampa run [--port 8000] [--host 127.0.0.1]   запустить Lampa (остановить: Ctrl-C)
./lampa manage КОМАНДА …                       команда manage.py в том же окружении
./lampa test                                   все проверки и все тесты
./lampa test -k слово …                        только pytest с этими аргументами
./lampa lock                                   пересчитать файлы версий (нужен uv)"""

# Tests that walk over all there is, or start programs of their own. They pass through every line
# without a word about it, so they do not count as its tests; and measuring doubles their time.
WALKS = ("access", "api_schema", "browser", "demo", "faults", "ground", "input", "lists", "look")


def work_env(extra: Mapping[str, str]) -> dict[str, str]:
    env = child_env(extra)
    env.setdefault("LAMPA_MODE", "demo")
    env.setdefault("SECRET_KEY", secret_key())
    return env


def manage_py(*arguments: str) -> list[str]:
    return [str(places.PYTHON), str(places.ROOT / "manage.py"), *arguments]


def check_port(host: str, port: int) -> None:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as problem:
        raise Stop(f"Адрес {host} не найден: {problem}") from problem
    with socket.socket(found[0]) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(found[4])
        except OSError as problem:
            if problem.errno == errno.EADDRINUSE:
                raise Stop(
                    f"Порт {port} занят. Возьмите другой: ./lampa run --port {port + 1}"
                ) from problem
            raise Stop(f"Нельзя слушать {host}:{port}: {problem.strerror}") from problem


def programs_to_run(host: str, port: int) -> dict[str, list[str]]:
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    # gunicorn would open a control socket in the home folder
    web = [str(places.PYTHON), "-m", "gunicorn", "config.wsgi", "--bind", address]
    web += ["--workers", "2", "--threads", "4", "--no-control-socket", "--graceful-timeout", "10"]
    web += ["--worker-tmp-dir", str(places.DATA), "--log-level", "warning"]
    if not os.environ.get("REDIS_URL"):
        return {"web": web, "worker": manage_py("worker")}
    celery = [str(places.PYTHON), "-m", "celery", "--quiet", "-A", "config"]
    beat = [
        "beat",
        "--loglevel",
        "WARNING",
        "--pidfile",
        "",
        "-s",
        str(places.DATA / "beat-schedule"),
    ]
    return {
        "web": web,
        "worker": [*celery, "worker", "--loglevel", "WARNING", "--concurrency", "2"],
        "scheduler": [*celery, *beat],
    }


def answers(host: str, port: int) -> bool:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    connection = http.client.HTTPConnection(host, port, timeout=2)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def run(arguments: Sequence[str]) -> int:
    parser = ArgumentParser(prog="./lampa run", allow_abbrev=False)
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--host", default="127.0.0.1")
    options = parser.parse_args(arguments)
    host, port = options.host, options.port
    make_data_folder()
    with locked(places.DATA / "run.lock", wait=False) as lock:
        if lock is None:
            holder = (places.DATA / "run.lock").read_text().strip() or "другой терминал"
            raise Stop(f"Lampa из этой папки уже запущена: {holder}")
        check_port(host, port)
        shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, host)
        url = f"http://{shown}:{port}/"
        lock.truncate(0)
        lock.write(f"{url} (процесс {os.getpid()})")
        lock.flush()
        install("run")
        report_pango()
        with database("pg") as extra:
            code = serve(host, port, url, work_env(extra))
            say("Останавливаю базу данных…" if extra else "Остановлено.")
        if extra:
            say("Остановлено.")
        return code


def interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def serve(host: str, port: int, url: str, env: dict[str, str]) -> int:
    say("Готовлю базу данных…")
    if not succeeds(manage_py("migrate", "--verbosity", "0"), env=env, cwd=places.ROOT):
        raise Stop("Миграции не прошли: причина в сообщениях выше.")
    demo = env["LAMPA_MODE"] == "demo"
    if demo:
        say("Заполняю демонстрационные данные (один раз)…")
        if not succeeds(manage_py("demo"), env=env, cwd=places.ROOT):
            raise Stop("Демонстрационные данные не заполнены: причина в сообщениях выше.")
    if env["LAMPA_MODE"] == "production":
        static = manage_py("collectstatic", "--noinput", "--verbosity", "0")
        if not succeeds(static, env=env, cwd=places.ROOT):
            raise Stop("Статические файлы не собраны: причина в сообщениях выше.")
    logins = ""
    if demo:
        done = subprocess.run(  # the log-ins are a courtesy, not a condition
            manage_py("demo", "--logins"),
            env=env,
            cwd=places.ROOT,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        logins = done.stdout.strip() if done.returncode == 0 else ""

    def ready() -> bool:
        if not answers(host, port):
            return False
        lines = ["", f"Lampa работает: {url}", *logins.splitlines(), "Остановить: Ctrl-C", ""]
        if demo and host not in {"127.0.0.1", "::1", "localhost"}:
            lines.insert(2, "ВНИМАНИЕ: пароли демонстрации известны всем, а адрес открыт в сеть.")
        say("\n".join(lines))
        return True

    say("Запускаю веб-сервер и обработчик заданий…")
    return Supervisor(programs_to_run(host, port), env).run(ready)


def manage(arguments: Sequence[str]) -> int:
    install("run")
    with database("pg") as extra:
        return foreground(manage_py(*arguments), work_env(extra))


def test(arguments: Sequence[str]) -> int:
    install("test")
    found = test_tools()
    pytest = ["-m", "pytest", "-n", str(min(os.cpu_count() or 1, 4)), "-r", "fE"]
    steps = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
        "mypy": ["-m", "mypy", "."],
        "makemigrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
        "pytest: правила, с измерением": [
            *(*pytest, "--cov", "--cov-report=term:skip-covered"),
            *(f"--ignore=tests/{name}" for name in WALKS),
        ],
        "pytest: обходы": [*pytest, *(f"tests/{name}" for name in WALKS)],
    }
    if arguments:
        steps = {"pytest": ["-m", "pytest", *arguments]}
    failed: dict[str, int] = {}
    # A second run at the same time gets a database of its own instead of spoiling the first.
    with locked(places.DATA / "test.lock", wait=False) as alone, database("pg-test") as extra:
        env = child_env({"LAMPA_MODE": "test", **extra})
        if not alone:
            env.setdefault("LAMPA_TEST_DB", f"test_lampa_{os.getpid()}")
        env.update(found)
        for name, step in steps.items():
            if len(steps) > 1:
                say(f"── {name}")
            if code := foreground([str(places.PYTHON), *step], env):
                failed[name] = code
    if len(steps) > 1:
        bad = ", ".join(failed)
        say(f"Не прошло: {bad}" if failed else f"Пройдено всё: {', '.join(steps)}")
    return next(iter(failed.values()), 0)


def main(arguments: Sequence[str]) -> int:
    name, *rest = arguments or [""]
    if name == "_keep":
        try:
            Postgres(rest[0]).keep()
        except Stop as reason:
            print(reason)  # the starter reads it
            return 1
        return 0
    if name == "_reap":
        reap()
        return 0
    commands = {"run": run, "manage": manage, "test": test, "lock": compile_locks}
    if name not in commands:
        print(USAGE)
        return 0 if name in {"help", "-h", "--help"} else 2
    # A terminal that closes or a service manager that stops us must unwind as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
    return commands[name](rest)


def start(arguments: Sequence[str]) -> int:
    try:
        return main(arguments)
    except Stop as reason:
        with suppress(OSError):
            print(f"lampa: {reason}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        say("Прервано.")
        return 130
