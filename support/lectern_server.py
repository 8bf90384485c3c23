"""The whole product as `make run` starts it, on a free port, with an instance folder of its own."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from config import ROOT
from server import tether
from support.processes import end_all

START_SECONDS = 240.0
STOP_SECONDS = 90.0


class LecternServer:
    """A running `python -m server`.

    `environ` overrides the defaults, and no `.env` of the developer's is heeded. `code` is another version's folder.
    """

    def __init__(
        self,
        instance: Path,
        environ: Mapping[str, str] | None = None,
        *,
        command: Sequence[str] = (sys.executable, "-m", "server"),
        code: Path = ROOT,
    ) -> None:
        self.instance = instance
        self._code = code
        self.url = ""
        self._environ = {**os.environ, **_no_settings(), **_defaults(instance), **(environ or {})}
        self.process = subprocess.Popen(
            # A run of the tests that is killed takes its servers along.
            [sys.executable, "-I", tether.__file__, str(os.getpid()), *command],
            cwd=code,
            env=self._environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self._lines: list[str] = []
        self._news = threading.Condition()
        self._over = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        try:
            self.wait_until_ready()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def output(self) -> str:
        """All that it has printed so far."""
        with self._news:
            return "".join(self._lines)

    def flask(self, *command: str) -> str:
        """Run a `flask` command with the same settings in a process of its own, and return what it printed."""
        line = (sys.executable, "-m", "flask", *command)
        return subprocess.run(
            line, cwd=self._code, env=self._environ, capture_output=True, text=True, check=True
        ).stdout

    def wait_until_ready(self) -> None:
        """Wait until it has announced its address, which becomes `url`."""
        line = self.wait_for(r"Lectern is ready: http\S+", seconds=START_SECONDS)
        self.url = line.split()[-1]

    def wait_for(self, pattern: str, *, seconds: float = 60.0) -> str:
        """Wait until it has printed something that matches, and return that."""
        with self._news:
            self._news.wait_for(lambda: self._over or self._match(pattern), timeout=seconds)
            match = self._match(pattern)
        assert match, f"{pattern} did not appear in:\n{self.output}"
        return match[0]

    def wait(self) -> int:
        """Wait until it has ended and return its exit status."""
        status = self.process.wait(STOP_SECONDS)
        self._reader.join(STOP_SECONDS)
        return status

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal, wait until it has ended and return its exit status."""
        self.process.send_signal(number)
        try:
            return self.wait()
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def kill(self) -> None:
        """End all its processes, as the loss of its machine would."""
        end_all(self.process.pid)
        self.process.wait()
        self._reader.join(STOP_SECONDS)

    def _match(self, pattern: str) -> re.Match[str] | None:
        return re.search(pattern, "".join(self._lines))

    def _read(self) -> None:
        assert self.process.stdout is not None
        with self.process.stdout as lines:
            for line in lines:
                with self._news:
                    self._lines.append(line)
                    self._news.notify_all()
        with self._news:
            self._over = True
            self._news.notify_all()


def _no_settings() -> dict[str, str]:
    """Empty every setting: that counts as not given, and wins over `.env`."""
    names = re.findall(r"^#([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    return dict.fromkeys(names, "")


def _defaults(instance: Path) -> dict[str, str]:
    return {"LECTERN_INSTANCE": str(instance), "PORT": "0", "DEMO_DATA": "0", "PYTHONUNBUFFERED": "1"}
