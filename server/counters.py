"""The files that the worker processes write their counters into."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import tempfile
from contextlib import suppress
from pathlib import Path

# The kinds of metrics that there are; `prometheus_client` names its files after them.
KINDS = ("counter", "histogram", "gauge_livesum")
FILE_BYTES = 1024 * 1024

logger = logging.getLogger(__name__)


def empty(folder: Path) -> None:
    """Make the folder, or empty it."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)


def share(folder: Path) -> None:
    """Have this process and those that it forks count into `folder`.

    Called before `prometheus_client` is imported.
    """
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)


def tidy(folder: Path) -> None:
    """Cut the files of ended processes to what they wrote, so that they do not fill the disk."""
    for file in folder.glob("*.db"):
        with suppress(OSError, ValueError):
            pid = int(file.stem.rpartition("_")[2])
            if not _lives(pid):
                os.truncate(file, _used(file))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def _used(file: Path) -> int:
    """Read how much of a file is used, which is its first number.

    Readers skip an empty one.
    """
    with file.open("rb") as opened:
        return int.from_bytes(opened.read(4), sys.byteorder)


def allocate(folder: Path) -> None:
    """Give the files of this process their place on the disk before anything is written into them.

    They are mapped into memory, and a process that writes to such a file when the disk is full is killed. If there is
    no place, this process counts in a folder in memory, where it is not seen.
    """
    tidy(folder)
    files = [folder / f"{kind}_{os.getpid()}.db" for kind in KINDS]
    try:
        for file in files:
            _allocate(file)
    except OSError as error:
        for file in files:
            file.unlink(missing_ok=True)
        memory = "/dev/shm"  # noqa: S108  (mkdtemp makes a folder of this user's alone)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(dir=memory if os.access(memory, os.W_OK) else None)
        logger.error("Process %d is not in the metrics: %s (%s).", os.getpid(), error.strerror, folder)


def _allocate(file: Path) -> None:
    with file.open("wb") as opened:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(opened.fileno(), 0, FILE_BYTES)
        else:
            opened.write(bytes(FILE_BYTES))
