"""The files of counters have their place on the disk before anything is written."""

import errno
import os
from pathlib import Path

import pytest

from server import counters


@pytest.fixture(autouse=True)
def variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))


def test_files_are_allocated_and_not_only_long(tmp_path: Path) -> None:
    counters.allocate(tmp_path)
    sizes = [file.stat() for file in tmp_path.glob(f"*_{os.getpid()}.db")]
    assert len(sizes) == len(counters.KINDS)
    assert all(size.st_blocks * 512 >= size.st_size == counters.FILE_BYTES for size in sizes)


def test_without_place_a_process_counts_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    counters.allocate(tmp_path)

    elsewhere = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert elsewhere != tmp_path
    assert not list(tmp_path.iterdir())
    elsewhere.rmdir()
