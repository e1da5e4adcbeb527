"""The launcher: what it says, what it installs, and that nothing it starts outlives it."""

import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from config.launcher import commands, packages, places, postgres, system, tools

ROOT = Path(__file__).resolve().parents[2]
# Loads the launcher as it loads itself: alone, not as a part of `config`.
ALONE = """
import importlib.util, os, sys, time
spec = importlib.util.spec_from_file_location(
    "launcher", sys.argv[1] + "/__init__.py", submodule_search_locations=[sys.argv[1]]
)
sys.modules["launcher"] = importlib.util.module_from_spec(spec)
"""
pytestmark = pytest.mark.skipif(os.name != "posix", reason="the launcher is for POSIX systems")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder that the database's own user can reach, as `tmp_path` is not for root."""
    with tempfile.TemporaryDirectory(prefix="lampa-test-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


@pytest.fixture
def data(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(places, "DATA", folder)
    monkeypatch.setenv("LAMPA_DATA_DIR", str(folder))
    return folder


def within(seconds: float, condition: Callable[[], object]) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


def alive(pid: int) -> bool:
    return psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE


def lampa(*arguments: str, data: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(ROOT / "lampa"), *arguments],
        env={**os.environ, "LAMPA_DATA_DIR": str(data)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


# --- what it says ----------------------------------------------------------------------------
def test_without_a_command_it_shows_the_commands(folder: Path) -> None:
    done = lampa(data=folder)
    assert done.returncode == 2
    assert "./lampa run" in done.stdout
    assert "./lampa test" in done.stdout


def test_a_taken_port_is_named_before_anything_is_installed(folder: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = lampa("run", "--port", str(port), data=folder)
    assert done.returncode == 1
    assert done.stderr == (
        f"lampa: Порт {port} занят. Возьмите другой: ./lampa run --port {port + 1}\n"
    )


def test_a_second_run_in_the_same_tree_is_told_where_the_first_is(folder: Path) -> None:
    with tools.locked(folder / "run.lock", wait=False) as first:
        assert first
        first.write("http://127.0.0.1:8000/ (процесс 42)")
        first.flush()
        done = lampa("run", data=folder)
    assert done.returncode == 1
    assert "уже запущена: http://127.0.0.1:8000/ (процесс 42)" in done.stderr


def test_an_unknown_host_is_a_sentence(folder: Path) -> None:
    done = lampa("run", "--host", "no-such-host.invalid", data=folder)
    assert done.returncode == 1
    assert "Адрес no-such-host.invalid не найден" in done.stderr
    assert "Traceback" not in done.stderr


def test_old_python_is_told_what_to_install(folder: Path) -> None:
    (folder / "python3").write_text("#!/bin/sh\nexit 1\n")
    (folder / "python3").chmod(0o755)
    for tool in ("dirname", "sh"):
        (folder / tool).symlink_to(f"/usr/bin/{tool}" if tool != "sh" else "/bin/sh")
    done = subprocess.run(
        [str(ROOT / "lampa"), "run"],
        env={"PATH": str(folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "нужен Python 3.11 или новее" in done.stderr


def test_nobody_is_asked_without_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "DEBIAN", True)
    monkeypatch.setattr("builtins.input", lambda _: pytest.fail("it asked"))
    assert system.offer(["libpango-1.0-0"]) is False


def test_missing_pango_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "has_pango", lambda: False)
    monkeypatch.setattr(system, "offer", lambda _: False)
    system.report_pango()
    (line,) = capsys.readouterr().out.splitlines()
    assert "Pango" in line
    assert ("apt-get install" if system.LINUX else "brew install") in line


def test_missing_programs_are_said_aloud(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(system, "find_chromium", lambda: None)
    monkeypatch.setattr(system, "find_office", lambda: None)
    monkeypatch.setattr(system, "has_pango", lambda: True)
    monkeypatch.delenv("CI", raising=False)
    assert system.test_tools() == {}
    said = capsys.readouterr().out
    assert "Chromium не найден, тесты в браузере НЕ БУДУТ ВЫПОЛНЕНЫ" in said
    assert "LibreOffice не найден, книга для зарплаты НЕ БУДЕТ ИМ ПРОВЕРЕНА" in said


def test_a_build_machine_gets_the_programs_that_tests_need(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def install(packages: list[str]) -> bool:
        asked.extend(packages)
        return True

    found = {"chromium": "/usr/bin/chromium", "libreoffice-calc": "/usr/bin/soffice"}
    for name, package in (("find_chromium", "chromium"), ("find_office", "libreoffice-calc")):
        monkeypatch.setattr(
            system, name, lambda package=package: found[package] if package in asked else None
        )
    monkeypatch.setattr(system, "apt_install", install)
    monkeypatch.setattr(system, "has_pango", lambda: True)
    monkeypatch.setattr(system, "DEBIAN", True)
    monkeypatch.setattr(system.os, "geteuid", lambda: 0)
    monkeypatch.setattr(system.shutil, "which", lambda name: "/usr/bin/pdftoppm")
    monkeypatch.setenv("CI", "true")
    assert system.test_tools() == {
        "LAMPA_CHROMIUM": "/usr/bin/chromium", "LAMPA_SOFFICE": "/usr/bin/soffice"
    }  # fmt: skip
    assert asked == ["chromium", "libreoffice-calc"]


def test_python_without_venv_is_told_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Debian keeps `ensurepip` in a package of its own."""
    monkeypatch.setattr(packages, "DEBIAN", True)
    monkeypatch.setattr(packages, "succeeds", lambda *_, **__: False)
    with pytest.raises(tools.Stop) as stopped:
        packages.require_ensurepip()
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert f"apt-get install -y python{version}-venv" in str(stopped.value)
    assert "нет модуля venv" in capsys.readouterr().out


# --- the environment -------------------------------------------------------------------------
@pytest.fixture
def installs(data: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A tree with a lock and a working `.venv/bin/python`; lists what was installed."""
    done: list[str] = []
    (data / "locks").mkdir()
    (data / "locks" / "run.txt").write_text("a==1\n")
    (data / "venv" / "bin").mkdir(parents=True)
    (data / "venv" / "bin" / "python").symlink_to(sys.executable)
    monkeypatch.setattr(places, "LOCKS", data / "locks")
    monkeypatch.setattr(places, "VENV", data / "venv")
    monkeypatch.setattr(places, "PYTHON", data / "venv" / "bin" / "python")
    monkeypatch.setattr(packages, "try_uv", lambda _: False)
    monkeypatch.setattr(packages, "try_pip", lambda kind: done.append(kind) or True)
    return done


def test_the_lock_is_installed_once(installs: list[str], data: Path) -> None:
    packages.install("run")
    packages.install("run")
    assert installs == ["run"]
    stamp = (data / "venv" / ".lampa-run").read_text()
    assert stamp == hashlib.sha256(b"a==1\n").hexdigest()


def test_a_changed_lock_is_installed_again(installs: list[str], data: Path) -> None:
    packages.install("run")
    (data / "locks" / "run.txt").write_text("a==2\n")
    packages.install("run")
    assert installs == ["run", "run"]


def test_an_environment_whose_python_has_gone_is_made_again(
    installs: list[str], data: Path
) -> None:
    packages.install("run")
    (data / "venv" / "bin" / "python").unlink()
    packages.install("run")
    assert installs == ["run", "run"]


def test_a_failed_install_leaves_no_stamp(
    installs: list[str], data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packages, "try_pip", lambda _: False)
    with pytest.raises(tools.Stop):
        packages.install("run")
    assert not (data / "venv" / ".lampa-run").exists()


def test_the_key_is_made_once_and_read_by_its_owner_only(data: Path) -> None:
    first = tools.secret_key()
    assert tools.secret_key() == first
    assert len(first) >= 50
    assert (data / "secret_key").stat().st_mode & 0o777 == 0o600


def test_a_home_that_cannot_be_written_is_replaced(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/nonexistent")
    assert tools.child_env()["HOME"] == str(data / "home")
    monkeypatch.setenv("HOME", str(data))
    assert tools.child_env()["HOME"] == str(data)


def test_redis_decides_which_processes_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("REDIS_URL", raising=False)
    assert list(commands.programs_to_run("127.0.0.1", 8000)) == ["web", "worker"]
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:6379/0")
    programs = commands.programs_to_run("::1", 8000)
    assert list(programs) == ["web", "worker", "scheduler"]
    assert "[::1]:8000" in programs["web"]
    assert "--no-control-socket" in programs["web"]


# --- the processes ---------------------------------------------------------------------------
CHILD = """
import os, pathlib, subprocess, sys, time
notes = pathlib.Path(sys.argv[1])
grandchild = subprocess.Popen(["sleep", "600"])
with notes.open("a") as file:
    file.write(f"{os.getpid()} {grandchild.pid}\\n")
print("hello from the child", flush=True)
time.sleep(600)
"""
DRIVER = f"""{ALONE}
from launcher.processes import Supervisor
Supervisor.patience = 2.0
command = [sys.executable, "-c", sys.argv[2], sys.argv[3]]
sys.exit(Supervisor({{"child": command}}, os.environ).run())
"""


class Supervised:
    def __init__(self, folder: Path, child: str = CHILD) -> None:
        self.notes = folder / "notes"
        self.output = folder / "output"
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-c", DRIVER, str(places.LAUNCHER), child, str(self.notes)],
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    def started(self) -> list[list[int]]:
        if not self.notes.exists():
            return []
        lines = self.notes.read_text().splitlines()
        return [[int(pid) for pid in line.split()] for line in lines]

    def all_gone(self) -> bool:
        return not any(alive(pid) for pids in self.started() for pid in pids)


@pytest.fixture
def supervised(folder: Path) -> Iterator[Supervised]:
    found = Supervised(folder)
    yield found
    if found.process.poll() is None:
        found.process.kill()
    found.process.wait()
    assert within(10, found.all_gone)


def test_a_fallen_child_is_started_again(supervised: Supervised) -> None:
    assert within(10, lambda: len(supervised.started()) == 1)
    ((child, grandchild),) = supervised.started()
    os.kill(child, signal.SIGKILL)
    assert within(10, lambda: len(supervised.started()) == 2)
    assert not alive(grandchild), "what the fallen child left behind went with it"
    output = supervised.output.read_text()
    assert "child     │ hello from the child" in output
    assert "child: процесс завершился (код -9), снова запущу через 1 с" in output


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_stop_leaves_no_orphans(supervised: Supervised, number: signal.Signals) -> None:
    assert within(10, supervised.started)
    supervised.process.send_signal(number)
    assert supervised.process.wait(10) == 0
    assert within(2, supervised.all_gone)


def test_a_killed_launcher_leaves_no_orphans(supervised: Supervised) -> None:
    assert within(10, supervised.started)
    supervised.process.kill()
    assert within(10, supervised.all_gone)


def test_a_child_deaf_to_the_stop_is_killed(folder: Path) -> None:
    deaf = CHILD.replace("import os", "import signal; signal.signal(15, signal.SIG_IGN)\nimport os")
    supervised = Supervised(folder, deaf)
    assert within(10, supervised.started)
    supervised.process.terminate()
    assert supervised.process.wait(15) == 0
    assert within(2, supervised.all_gone)


# --- the embedded database -------------------------------------------------------------------
USER = f"""{ALONE}
from launcher.postgres import Postgres
with Postgres("pg-test") as server:
    print(server.url(), server.pid_file()[0], flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def use(data: Path) -> Callable[[float], tuple[subprocess.Popen[str], str, int]]:
    def start(seconds: float) -> tuple[subprocess.Popen[str], str, int]:
        process = subprocess.Popen(
            [sys.executable, "-P", "-c", USER, str(places.LAUNCHER), str(seconds)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert process.stdout
        url, pid = process.stdout.readline().split()
        return process, url, int(pid)

    return start


def test_the_database_lives_as_long_as_its_last_user(
    use: Callable[[float], tuple[subprocess.Popen[str], str, int]], data: Path
) -> None:
    import psycopg2

    first, url, server = use(1)
    second, same_url, same_server = use(60)
    assert (url, server) == (same_url, same_server)
    assert first.wait(10) == 0, "the one who started it leaves"
    time.sleep(1.5)
    connection = psycopg2.connect(url)
    with connection.cursor() as cursor:
        cursor.execute("SELECT lower('ЁЖИК'), 'Ромашка' ILIKE 'РОМАШКА', current_database()")
        assert cursor.fetchone() == ("ёжик", True, "lampa")
    connection.close()
    second.kill()
    second.wait()
    assert within(10, lambda: not alive(server)), "kill -9 of the last one ends it as well"
    third, _, _ = use(0)
    assert third.wait(10) == 0
    assert not (data / "pg-test" / "postmaster.pid").exists()


def test_a_private_folder_is_not_opened_for_the_database(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Root's checkout may be closed to others; the data go elsewhere, the folder stays shut."""
    monkeypatch.setattr(places, "SYSTEM_DATA", data / "system")
    monkeypatch.setattr(postgres, "database_account", lambda _: postgres.Account(65534, 65534))
    monkeypatch.setattr(postgres, "reaches", lambda *_: False)
    before = data.stat().st_mode
    server = postgres.Postgres("pg")
    server.place()
    assert server.data.parent.parent == data / "system"
    assert data.stat().st_mode == before
    assert "закрыта от пользователя базы" in capsys.readouterr().out


def test_a_given_database_is_used_as_it_is(data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@db/other")
    with postgres.database("pg") as extra:
        assert extra == {}
    assert not list(data.iterdir())


# --- the files beside it ---------------------------------------------------------------------
@pytest.mark.parametrize("kind", ["run", "test"])
def test_locks_pin_with_hashes_and_name_no_host(kind: str) -> None:
    text = (places.LOCKS / f"{kind}.txt").read_text()
    assert "://" not in text
    assert not re.search(r"^\s*-", text.replace("    --hash=sha256:", ""), re.MULTILINE)
    pins = re.split(r"\n(?=\w)", text)[1:]
    assert len(pins) > 50
    for pin in pins:
        assert re.match(r"[\w.\[\],-]+==\S+", pin), pin
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", pin), pin


def pins_of(kind: str) -> dict[str, str]:
    text = (places.LOCKS / f"{kind}.txt").read_text()
    return dict(re.findall(r"^([\w.-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))


def test_the_test_lock_adds_to_the_run_lock_and_changes_nothing() -> None:
    run, test = pins_of("run"), pins_of("test")
    assert run.items() <= test.items()


def test_locks_follow_pyproject() -> None:
    """A package added to pyproject.toml is installed only after `./lampa lock`."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    for kind, wanted in (
        ("run", project["project"]["dependencies"]),
        ("test", project["dependency-groups"]["dev"]),
    ):
        names = {re.split(r"[\[~=<>! ;]", line)[0].lower() for line in wanted}
        assert names <= set(pins_of(kind)), kind


def test_every_variable_that_settings_read_is_explained() -> None:
    settings = (ROOT / "config" / "settings.py").read_text()
    read = set(re.findall(r"""\benv(?:\.\w+)?\(\s*["']([A-Z_0-9]+)["']""", settings))
    assert len(read) > 8
    example = (ROOT / ".env.example").read_text().splitlines()
    for name in sorted(read):
        places = [i for i, line in enumerate(example) if re.match(rf"(# )?{name}=", line)]
        assert len(places) == 1, name
        assert example[places[0] - 1].startswith("# "), f"{name} has no line of explanation"


def test_compose_is_whole() -> None:
    import yaml

    compose = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
    services = compose["services"]
    assert set(services) == {"migrate", "web", "worker", "beat", "postgres", "redis"}
    assert "HEALTHCHECK" in (ROOT / services["web"]["build"]["dockerfile"]).read_text()
    for name in ("worker", "beat", "postgres", "redis"):
        assert services[name]["healthcheck"]["test"], name
    for name in ("web", "worker", "beat"):
        waits = services[name]["depends_on"]
        assert waits["migrate"]["condition"] == "service_completed_successfully", name
        assert waits["postgres"]["condition"] == "service_healthy", name
        assert services[name]["environment"]["LAMPA_MODE"] == "production", name
    assert "--appendonly yes" in services["redis"]["command"]
    assert "noeviction" in services["redis"]["command"]
    used = {v.split(":")[0] for s in services.values() for v in s.get("volumes", [])}
    assert used == set(compose["volumes"])
    for service in services.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:"), "behind a proxy, not open to the network"


def test_the_image_is_well_formed() -> None:
    """No Docker here to build it: its commands at least parse, and it is not root's."""
    text = (ROOT / "config" / "docker" / "Dockerfile").read_text().replace("\\\n", "")
    commands = [json.loads(found) for found in re.findall(r"CMD (\[.*\])", text)]
    assert [command[0] for command in commands] == ["python", "gunicorn"]
    compile(commands[0][2], "healthcheck", "exec")
    assert "\nUSER lampa\n" in text
    for source in re.findall(r"^COPY (\S+)", text, re.MULTILINE):
        assert (ROOT / source).exists()


def test_the_programs_files_name_no_machine() -> None:
    files = [
        "lampa", ".ci/run", "docker-compose.yml", ".env.example",
        ".dockerignore", ".gitignore", "config/docker/Dockerfile",
    ]  # fmt: skip
    files += [str(path.relative_to(ROOT)) for path in places.LAUNCHER.glob("*.py")]
    for name in files:
        assert not re.search(r"/root\b|/home/|/work\b", (ROOT / name).read_text()), name
