"""How much of the processor a process has taken: other programs on the machine do not change it."""

from __future__ import annotations

from pathlib import Path


def milliseconds_of(pid: int) -> float:
    """Return the milliseconds of processor time that a process has taken, by the scheduler's own accounts."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6
