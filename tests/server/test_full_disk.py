"""A full disk ends nothing: reads go on, and processes that die are replaced."""

import os
import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from server.children import wait_until
from support.lectern_server import LecternServer
from support.processes import family
from tests.server.clients import ask, is_healthy


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 24 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    line = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(folder)]
    if not shutil.which("mount") or subprocess.run(line, capture_output=True, check=False).returncode:
        pytest.skip("Making a file system needs root.")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


def fill(folder: Path) -> None:
    with (folder / "filling").open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))


def test_reads_go_on_and_workers_are_replaced(small_disk: Path) -> None:
    with LecternServer(small_disk, {"DEMO_DATA": "1", "WEB_CONCURRENCY": "1"}) as server:
        fill(small_disk)
        pages = ["/", "/health", "/api/gigs", "/api/teachers", "/metrics", "/sign-in"]
        before = {path: ask(server.url, path).status for path in pages}
        for pid, line in family(server.process.pid).items():
            if "server.webserver" in line:
                os.kill(pid, signal.SIGKILL)
        back = wait_until(lambda: is_healthy(server.url), seconds=60)
        after = {path: ask(server.url, path).status for path in pages}

        assert before == after == dict.fromkeys(pages, 200)
        assert back
        assert "crash loop" not in server.output
        assert server.stop() == 0
