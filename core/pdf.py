"""PDF from HTML: drawn by a child process that can fetch nothing and cannot grow.

    data = pdf.render("<!doctype html><html lang='ru'>…", title="Отчёт о сотрудничестве")

Text is set in Golos Text (400, 500, 600, 700) with Noto Emoji for what it lacks: ask for
`font-family: "Golos Text", "Noto Emoji"`. It is tagged as PDF/UA-1, Russian, titled. An image is
one that the caller hands over by name: `render(html, title=…, images={"logo": data})` is what
`<img src="asset:logo" alt="…">` shows; no other address, of whatever scheme, is ever opened.

One document at a time per process, each in a fork of its own with limits of its own: memory
does not grow however long a queue is, and a document that cannot be drawn hurts nobody else.
"""

import atexit
import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from django.conf import settings

SECONDS = 60  # of processor time for one document; four times as much on the clock
MEGABYTES = 1536  # of address space for one document
LARGEST_HTML = 8 * 1024 * 1024

TOO_LARGE = "Документ слишком большой: сократите период или разделы и повторите."
TOO_SLOW = "Документ не построился за отведённое время: сократите период или разделы."
FAILED = "Документ не построился. Повторите; если не поможет, сообщите администратору."
NO_PANGO = (
    "Для PDF нужна библиотека Pango: "
    "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
)
_MESSAGES = {"large": TOO_LARGE, "slow": TOO_SLOW, "failed": FAILED, "pango": NO_PANGO}
_CHILD = Path(__file__).with_name("pdf_child.py")


class Unprintable(Exception):
    """A document that could not be drawn; its text is for the person who asked for it."""


class _Press:
    """The child process of this process: started when first needed, ended with it."""

    def __init__(self, seconds: int, megabytes: int) -> None:
        self.owner = os.getpid()
        self.patience = seconds * 4
        fonts = Path(settings.BASE_DIR) / "static" / "vendor" / "pdf-fonts"
        self.process = subprocess.Popen(  # noqa: S603  (our own interpreter and file)
            [sys.executable, "-I", str(_CHILD), str(fonts), str(seconds), str(megabytes)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
            # Neither secrets nor addresses of servers: what draws foreign text knows none.
            env={"PATH": os.environ.get("PATH", ""), "LANG": "C.UTF-8"}
            | {k: v for k, v in os.environ.items() if k in ("HOME", "TMPDIR", "XDG_CACHE_HOME")},
        )

    def draw(self, html: bytes, title: str, images: Mapping[str, bytes]) -> bytes:
        """Hand over one document and wait for it. Raises Unprintable."""
        assert self.process.stdin is not None
        head = {
            "title": title,
            "html": len(html),
            "images": {name: len(data) for name, data in images.items()},
        }
        end = time.monotonic() + self.patience
        try:
            self.process.stdin.write(json.dumps(head).encode() + b"\n" + html)
            for data in images.values():
                self.process.stdin.write(data)
            self.process.stdin.flush()
            outcome, _, length = self._line(end).partition(" ")
            if outcome != "ok":
                raise Unprintable(_MESSAGES.get(outcome, FAILED))
            return self._read(int(length), end)
        except TimeoutError as error:
            self.end()
            raise Unprintable(TOO_SLOW) from error
        except (OSError, EOFError, ValueError) as error:
            self.end()
            raise Unprintable(FAILED) from error

    def _line(self, end: float) -> str:
        line = b""
        while not line.endswith(b"\n"):
            line += self._read(1, end)
        return line.decode().strip()

    def _read(self, size: int, end: float) -> bytes:
        assert self.process.stdout is not None
        found = bytearray()
        handle = self.process.stdout.fileno()
        while len(found) < size:
            if not select.select([handle], [], [], max(0.0, end - time.monotonic()))[0]:
                raise TimeoutError
            piece = os.read(handle, min(size - len(found), 1 << 20))
            if not piece:
                raise EOFError
            found += piece
        return bytes(found)

    def end(self) -> None:
        """Kill the child and whatever it draws just now."""
        if self.owner != os.getpid():
            return
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            try:
                pipe and pipe.close()
            except OSError:
                continue  # what could not be handed over any more


_lock = threading.Lock()
_press: _Press | None = None


def render(html: str, *, title: str, images: Mapping[str, bytes] | None = None) -> bytes:
    """Draw a whole HTML page as PDF/UA-1. Styles stand in the page itself (`<style>`).

    Raises Unprintable with a Russian sentence: too large, too slow, Pango missing, broken.
    """
    data = html.encode("utf-8", "replace")
    if len(data) > LARGEST_HTML:
        raise Unprintable(TOO_LARGE)
    global _press
    with _lock:
        if _press is None or _press.owner != os.getpid() or _press.process.poll() is not None:
            _press = _Press(SECONDS, MEGABYTES)
            atexit.register(_press.end)
        return _press.draw(data, title, images or {})


def stop() -> None:
    """End the child of this process; the next document starts another."""
    global _press
    with _lock:
        if _press is not None:
            _press.end()
            _press = None
