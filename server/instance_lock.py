"""One server per instance folder: a lock that ends with the process, however it ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from config import writable_folder
from server.children import CannotStart, wait_until

# Another server that was just told to stop may take this long.
WAIT_SECONDS = 3.0


@contextmanager
def locked(instance: Path) -> Iterator[None]:
    """Have the folder to ourselves.

    Raises CannotStart if another server has it, ConfigError if it is read-only.
    """
    descriptor = os.open(writable_folder(instance) / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        if not wait_until(lambda: _lock(descriptor), seconds=WAIT_SECONDS):
            raise CannotStart(f"The folder {instance} is in use by another `make run`. Stop that one first.")
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
