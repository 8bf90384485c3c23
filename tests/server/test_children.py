"""Children that are stopped, and children whose parent is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server.children import spawn, stop, wait_until
from tests.server.processes import has_ended

PARENT = """
import sys
from pathlib import Path
from server.children import spawn
print(spawn("sleep", "1000", folder=Path("/")).pid, flush=True)
sys.stdin.read()
"""


def test_a_child_leads_a_session_of_its_own(tmp_path: Path) -> None:
    child = spawn("sleep", "1000", folder=tmp_path)
    try:
        assert os.getsid(child.pid) == child.pid
    finally:
        stop(child, grace=5)


def test_stopping_asks_with_sigterm(tmp_path: Path) -> None:
    child = spawn("sleep", "1000", folder=tmp_path)
    stop(child, grace=5)
    assert child.returncode == -signal.SIGTERM


def test_stopping_ends_by_force_what_does_not_listen_and_what_it_started(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as out:
        child = spawn("sh", "-c", "trap '' TERM; sleep 1000 & echo $!; wait", folder=tmp_path, output=out)
    assert wait_until(lambda: (tmp_path / "out").read_text().endswith("\n"), seconds=5)
    grandchild = os.pidfd_open(int((tmp_path / "out").read_text()))

    stop(child, grace=0.1)

    assert child.returncode == -signal.SIGKILL
    assert has_ended(grandchild)


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed parent")
def test_a_child_ends_with_a_parent_that_is_killed() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert has_ended(child)


def test_waiting_ends_when_the_time_is_over() -> None:
    assert not wait_until(lambda: False, seconds=0)


def test_waiting_ends_when_the_condition_holds() -> None:
    answers = iter([False, False, True])
    assert wait_until(lambda: next(answers), seconds=5)
