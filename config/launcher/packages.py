"""The environment `.venv`, made from hash-locked files, and the files themselves."""

import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from . import places
from .places import DEBIAN
from .system import apt_line, offer
from .tools import Stop, child_env, locked, make_data_folder, say, succeeds


def stamp_of(kind: str) -> tuple[Path, str]:
    lock = (places.LOCKS / f"{kind}.txt").read_bytes()
    return places.VENV / f".lampa-{kind}", hashlib.sha256(lock).hexdigest()


def is_installed(kind: str) -> bool:
    stamp, digest = stamp_of(kind)
    return os.access(places.PYTHON, os.X_OK) and stamp.is_file() and stamp.read_text() == digest


def install(kind: str) -> None:
    """Bring .venv to what the lock says; nothing is done when the stamp shows it already is."""
    make_data_folder()
    if is_installed(kind):
        return
    with locked(places.DATA / "install.lock", wait=True):
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
    commands = [[*quiet, "pip", "install", "--python", str(places.PYTHON), *install_options(kind)]]
    if not os.access(places.PYTHON, os.X_OK):
        commands.insert(
            0, [*quiet, "venv", "--clear", "--python", sys.executable, str(places.VENV)]
        )
    # Mirrors and certificates may be configured for pip alone, so a failure is not the end.
    return all(succeeds(c, env=child_env()) for c in commands)


def try_pip(kind: str) -> bool:
    def has_pip() -> bool:
        probe = [str(places.PYTHON), "-c", "import pip"]
        return os.access(places.PYTHON, os.X_OK) and succeeds(probe, stderr=subprocess.DEVNULL)

    say("Готовлю окружение (.venv) с помощью pip, около минуты…")
    if not has_pip():
        require_ensurepip()
        command = [sys.executable, "-m", "venv", "--clear", str(places.VENV)]
        if not succeeds(command, env=child_env()):
            return False
    pip = [str(places.PYTHON), "-m", "pip", "install", "--quiet", "--no-input"]
    command = [*pip, "--disable-pip-version-check", *install_options(kind)]
    return succeeds(command, env=child_env())


def install_options(kind: str) -> list[str]:
    lock = str(places.LOCKS / f"{kind}.txt")
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
    extra = {"run": [], "test": ["--group", "dev", "--constraint", str(places.LOCKS / "run.txt")]}
    for kind, options in extra.items():
        target = places.LOCKS / f"{kind}.txt"
        # The former lock is the preference: only what must change does (`-U` renews all).
        if not succeeds([*common, *options, "-o", str(target)], cwd=places.ROOT):
            raise Stop("Версии не подобрались: причина в сообщениях выше.")
        body = target.read_text().removeprefix(head)
        target.write_text(head + body)
        count = sum(line[:1].isalnum() for line in body.splitlines())
        say(f"{target.relative_to(places.ROOT)}: пакетов {count}")
    return 0
