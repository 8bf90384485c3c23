"""The files of counters have their place on the disk before anything is written."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest
from prometheus_client.multiprocess import MultiProcessCollector

from config import ROOT
from server import counters

# Counts to three in a process of its own.
COUNT = """
import sys
from pathlib import Path
from server import counters
counters.allocate(Path(sys.argv[1]))
from prometheus_client import Counter
Counter("steps", "Steps.").inc(3)
"""


@pytest.fixture(autouse=True)
def variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))


def test_files_are_allocated_and_not_only_long(tmp_path: Path) -> None:
    counters.allocate(tmp_path)
    sizes = [file.stat() for file in tmp_path.glob(f"*_{os.getpid()}.db")]
    assert len(sizes) == len(counters.KINDS)
    assert all(size.st_blocks * 512 >= size.st_size == counters.FILE_BYTES for size in sizes)


def test_what_ended_processes_counted_stays_and_takes_no_more_than_it_needs(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", COUNT, str(tmp_path)], cwd=ROOT) as process:
        pass
    counted = tmp_path / f"counter_{process.pid}.db"
    assert counted.stat().st_size == counters.FILE_BYTES

    counters.tidy(tmp_path)

    assert 0 < counted.stat().st_size < 1000
    assert [sample.value for sample in next(iter(MultiProcessCollector.merge([str(counted)]))).samples] == [3]


def test_without_place_a_process_counts_in_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "posix_fallocate", full)
    counters.allocate(tmp_path)

    elsewhere = Path(os.environ["PROMETHEUS_MULTIPROC_DIR"])
    assert elsewhere != tmp_path
    assert not list(tmp_path.iterdir())
    elsewhere.rmdir()
