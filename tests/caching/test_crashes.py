"""Writers that are killed at the worst moment: their change is there or not, and nobody sees anything older."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from caching import outbox
from caching.metrics import cache_samples, tally
from config import ROOT, Settings
from support.servers import RedisServer
from tests.caching.conftest import Probe


@pytest.fixture
def kill_writer(settings: Settings, probe: Probe) -> Callable[[str], None]:
    """A function that has another process write `new` and die at a point."""

    def kill(point: str) -> None:
        # SQLAlchemy hides the password in str(); here there is none.
        arguments = [
            settings.database_url,
            settings.redis_url,
            str(settings.instance),
            str(probe.user_id),
            "new",
            point,
        ]
        line = [sys.executable, "-m", "tests.caching.writer_process", *arguments]
        done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == -signal.SIGKILL, done.stderr

    return kill


def waiting(probe: Probe) -> int:
    with probe.app.app_context():
        return outbox.depth()


def drain(probe: Probe) -> int:
    with probe.app.app_context():
        return probe.store.drain()


def test_killed_between_commit_and_announcement(probe: Probe, kill_writer: Callable[[str], None]) -> None:
    probe.read()

    kill_writer("after-commit")

    assert waiting(probe) == 1
    assert (probe.answer().state, probe.read()) == ("BYPASS", "new")
    assert drain(probe) == 1
    assert probe.read() == "new"
    assert probe.answer().state == "HIT"


def test_killed_before_commit(probe: Probe, kill_writer: Callable[[str], None], redis_server: RedisServer) -> None:
    probe.read()

    kill_writer("before-commit")

    assert waiting(probe) == 0
    assert probe.read() == "old"
    with redis_server.client() as client:
        assert 0 < client.pttl(probe.token_key) <= 15_000, "the mark of a dead writer has to end by itself"


def test_killed_after_the_announcement(probe: Probe, kill_writer: Callable[[str], None]) -> None:
    probe.read()

    kill_writer("after-announcement")

    assert probe.read() == "new"
    assert drain(probe) == 1
    assert probe.read() == "new"


def test_a_mark_is_drained_with_its_row_and_another_writers_stays(
    probe: Probe, kill_writer: Callable[[str], None], redis_server: RedisServer
) -> None:
    probe.read()
    kill_writer("after-commit")
    probe.store.server.mark([probe.tag], "somebody else")

    drain(probe)

    with redis_server.client() as client:
        assert client.get(probe.token_key).startswith(b"!somebody else@")
    assert probe.answer().state == "BYPASS"


def test_what_is_drained_counts_as_an_invalidation(probe: Probe, kill_writer: Callable[[str], None]) -> None:
    kill_writer("after-commit")
    before = _invalidations(probe)

    with probe.app.app_context():
        probe.store.drain()

    assert _invalidations(probe) == before + 1


def test_killed_while_redis_is_away(probe: Probe, settings: Settings, kill_writer: Callable[[str], None]) -> None:
    """The writer finds no Redis, so it leaves no mark; what it leaves is the row."""
    probe.read()
    object.__setattr__(settings, "redis_url", "unix:///nowhere/redis.sock")

    kill_writer("after-commit")

    assert waiting(probe) == 1
    assert drain(probe) == 1
    assert probe.read() == "new"


def _invalidations(probe: Probe) -> int:
    samples = cache_samples(Path(probe.app.instance_path))
    return tally(samples, "lectern_cache_invalidations_total")["probe", "name"]
