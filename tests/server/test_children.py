"""Children that are stopped, and children whose parent is killed."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from server import children
from server.children import Pauses, how_it_ended, spawn, stop, wait_until
from support.processes import has_ended

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
    assert wait_until(lambda: (tmp_path / "out").read_text().endswith("\n"), seconds=60)
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


def test_a_deaf_child_ignores_sigterm_and_ends_with_another_signal(tmp_path: Path) -> None:
    child = spawn("sleep", "1000", folder=tmp_path, deaf=True)
    ignores = f"/proc/{child.pid}/status"
    assert wait_until(lambda: "sleep" in Path(ignores).read_text(), seconds=60)
    child.terminate()
    stop(child, grace=5, ask_with=signal.SIGUSR1)
    assert how_it_ended(child) == f"process {child.pid} was ended by SIGUSR1"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ends the children of a killed parent")
def test_a_deaf_child_ends_with_a_parent_that_is_killed() -> None:
    program = PARENT.replace('folder=Path("/")', 'folder=Path("/"), deaf=True')
    parent = subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    with parent:
        child = os.pidfd_open(int(parent.stdout.readline()))
        parent.kill()
    assert has_ended(child)


def test_a_program_that_ends_again_and_again_is_started_after_longer_and_longer_pauses(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr("server.children.time.monotonic", lambda: now)
    pauses, waited = Pauses(), []
    for _ in range(8):
        pauses.note_start()
        began = now
        while not pauses.are_over():
            now += 0.5
        waited.append(now - began)
    assert waited == [0, 1, 2, 4, 8, 16, 30, 30]


def test_a_program_that_ran_for_a_while_is_started_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 1000.0
    monkeypatch.setattr("server.children.time.monotonic", lambda: now)
    pauses = Pauses()
    pauses.note_start()
    pauses.note_start()
    now += children.LONGEST_PAUSE + 1
    pauses.note_start()
    assert pauses.are_over()


def test_waiting_ends_when_the_time_is_over() -> None:
    assert not wait_until(lambda: False, seconds=0)


def test_waiting_ends_when_the_condition_holds() -> None:
    answers = iter([False, False, True])
    assert wait_until(lambda: next(answers), seconds=60)
