"""Libraries and programs that come from the system: named when missing, offered where possible."""

import ctypes.util
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence

from .places import DEBIAN, LINUX
from .tools import say, succeeds

PANGO = ["libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0"]


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


def find_office() -> str | None:
    """LibreOffice, which opens the workbook for payroll in a test."""
    mac = "/Applications/LibreOffice.app/Contents/MacOS/soffice"
    for name in (os.environ.get("LAMPA_SOFFICE") or "", "soffice", "libreoffice", mac):
        if found := shutil.which(name) if name else None:
            return found
    return None


def test_tools() -> dict[str, str]:
    """What the tests need from the system: installed in CI, said aloud elsewhere.

    The programs that were found, as the variables by which the tests know them.
    """
    wanted = {"LAMPA_CHROMIUM": find_chromium, "LAMPA_SOFFICE": find_office}
    missing = [] if find_chromium() else ["chromium"]
    missing += [] if find_office() else ["libreoffice-calc"]
    for_paper = [] if shutil.which("pdftoppm") else ["poppler-utils"]
    for_paper += [] if has_pango() else PANGO
    missing += for_paper
    ci = os.environ.get("CI", "").lower() not in {"", "0", "false"}
    if missing and ci and DEBIAN and os.geteuid() == 0:
        if not apt_install(missing):
            say(f"Не удалось: {apt_line(missing)}")
    elif for_paper:
        say(f"Для тестов PDF не хватает: {' '.join(for_paper)}")
    found = {name: path for name, find in wanted.items() if (path := find())}
    if "LAMPA_CHROMIUM" not in found:
        how = apt_line(["chromium"]) if LINUX else "brew install --cask chromium"
        say(f"ВНИМАНИЕ: Chromium не найден, тесты в браузере НЕ БУДУТ ВЫПОЛНЕНЫ. Поставить: {how}")
    if "LAMPA_SOFFICE" not in found:
        how = apt_line(["libreoffice-calc"]) if LINUX else "brew install --cask libreoffice"
        say(
            "ВНИМАНИЕ: LibreOffice не найден, книга для зарплаты НЕ БУДЕТ ИМ ПРОВЕРЕНА. "
            f"Поставить: {how}"
        )
    return found
