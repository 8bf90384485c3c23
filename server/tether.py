"""Tie a process to its parent's life: `python tether.py PARENT COMMAND…` runs COMMAND and ends it when PARENT dies.

Linux does it, even when the parent is killed with -9, and the bond survives the `exec`. Setting it in a process of its
own, rather than between a fork and an exec, keeps it safe in programs with threads. Elsewhere nothing happens.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

_PR_SET_PDEATHSIG = 1


def end_with_parent(parent: int) -> None:
    """Have this process get SIGTERM when process `parent`, which started it, dies; or now, if that has happened."""
    if sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    end_with_parent(int(sys.argv[1]))
    os.execvp(sys.argv[2], sys.argv[2:])  # noqa: S606  (no shell is wanted; the caller is children.py)
