"""What every part of the launcher uses: words to the person, locks, child processes."""

import ctypes
import fcntl
import os
import secrets
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from . import places
from .places import LINUX


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


def make_data_folder() -> None:
    try:
        # static: whitenoise warns of its absence
        (places.DATA / "static").mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise Stop(f"Не создать папку данных {places.DATA}: {problem.strerror}") from problem
    if not os.access(places.DATA, os.W_OK):
        raise Stop(f"Нет права записи в папку данных {places.DATA}")


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
    path = places.DATA / "secret_key"
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(64))
    key = path.read_text().strip()
    if len(key) < 50:
        raise Stop(f"{path} повреждён: удалите его, и будет создан новый ключ")
    return key


def child_env(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    env = {**os.environ, "PYTHONUNBUFFERED": "1", "LAMPA_DATA_DIR": str(places.DATA)}
    env["PATH"] = f"{places.VENV / 'bin'}{os.pathsep}{env.get('PATH', os.defpath)}"
    # fontconfig, Chromium and uv write at home; a bare machine may have none.
    home = Path(env.get("HOME") or "/nonexistent")
    if not (home.is_dir() and os.access(home, os.W_OK)):
        (places.DATA / "home").mkdir(exist_ok=True)
        env["HOME"] = str(places.DATA / "home")
    env.setdefault("UV_SYSTEM_CERTS", "true")  # as pip does; companies have roots of their own
    if Path("/opt/homebrew/lib").is_dir():
        env.setdefault("DYLD_FALLBACK_LIBRARY_PATH", "/opt/homebrew/lib:/usr/local/lib:/usr/lib")
    return {**env, **(extra or {})}


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
