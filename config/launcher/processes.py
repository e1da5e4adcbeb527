"""Child processes: kept running, their output named, none left behind."""

import os
import selectors
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from types import FrameType

from . import places
from .places import LINUX
from .tools import die_with_parent, put, say


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
        reap = [sys.executable, "-P", str(places.LAUNCHER), "_reap"]
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
            cwd=places.ROOT,
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


def foreground(command: Sequence[str], env: Mapping[str, str]) -> int:
    """Ctrl-C belongs to the command; the launcher waits for it to end."""
    # A handler, unlike ignoring, is not inherited by the command.
    before = signal.signal(signal.SIGINT, lambda *_: None)
    try:
        process = subprocess.Popen(command, env=env, cwd=places.ROOT)
        try:
            code = process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise
        return code if code >= 0 else 128 - code
    finally:
        signal.signal(signal.SIGINT, before)
