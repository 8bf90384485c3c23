"""Run a command that ends when its parent dies: `python tether.py PARENT COMMAND…`.

Linux does it, even when the parent is killed with -9, and the bond survives the `exec`. Setting it in a process of its
own, rather than between a fork and an exec, keeps it safe in programs with threads. Elsewhere nothing happens.

With `deaf:PARENT` instead of PARENT the command starts with SIGTERM ignored.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1
DEAF = "deaf:"


def end_with_parent(parent: int, number: signal.Signals = signal.SIGTERM) -> None:
    """Have this process get a signal when process `parent`, which started it, dies.

    Or now, if that has happened.
    """
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, number)
    if os.getppid() != parent:
        os.kill(os.getpid(), number)


def main(parent: str, *command: str) -> None:
    """Become the command."""
    deaf = parent.startswith(DEAF)
    if deaf:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    end_with_parent(int(parent.removeprefix(DEAF)), signal.SIGKILL if deaf else signal.SIGTERM)
    os.execvp(command[0], command)  # noqa: S606  (no shell is wanted; the caller is children.py)


if __name__ == "__main__":
    main(*sys.argv[1:])
