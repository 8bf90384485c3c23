"""Looking at processes from outside (Linux)."""

import os
import select
import signal
from contextlib import suppress
from pathlib import Path


def has_ended(descriptor: int, *, seconds: float = 5) -> bool:
    """Wait for the end of the process behind a descriptor of `os.pidfd_open`, which is closed."""
    try:
        return bool(select.select([descriptor], [], [], seconds)[0])
    finally:
        os.close(descriptor)


def family(pid: int) -> dict[int, str]:
    """List a process and all that descend from it: process id → command line."""
    try:
        children = [
            int(child)
            for task in Path(f"/proc/{pid}/task").iterdir()
            for child in (task / "children").read_text().split()
        ]
        found = {pid: Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")}
    except (FileNotFoundError, ProcessLookupError):
        return {}
    for child in children:
        found |= family(child)
    return found


def end_all(pid: int) -> None:
    """Kill a process and all that descend from it, as the loss of a machine would."""
    # Frozen first, so that none can start another one meanwhile.
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for process in family(pid):
            with suppress(ProcessLookupError):
                os.kill(process, number)
