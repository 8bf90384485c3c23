"""What is counted, by this process and by all of the server's together, and who gets to see it."""

from __future__ import annotations

import http.client
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from caching.metrics import INCONSISTENCIES, cache_samples, forget_dead_workers, reads_by_family, tally
from caching.operations import health
from config import metrics_folder
from operators.cache.pages import STATES
from server.children import wait_until
from support.servers import LecternServer
from tests.caching.conftest import Probe
from tests.support.world import World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

REQUESTS = 40


def outcomes(probe: Probe, work: Callable[[], object]) -> dict[str, int]:
    """How the reads that `work` makes are counted."""
    before = _reads(probe)
    work()
    return dict(_reads(probe) - before)


def _reads(probe: Probe) -> Counter[str]:
    return reads_by_family(cache_samples(Path(probe.app.instance_path)))["probe"].count


def counted(app: Flask, name: str, *labels: str) -> int:
    return tally(cache_samples(Path(app.instance_path)), name)[labels]


@on_sqlite
def test_hits_and_misses_are_counted(probe: Probe) -> None:
    assert outcomes(probe, probe.read) == {"miss": 1}
    assert outcomes(probe, probe.read) == {"hit": 1}


@on_sqlite
def test_an_old_answer_is_a_stale_stamp_and_a_miss(probe: Probe) -> None:
    probe.read()
    probe.write("new")

    assert outcomes(probe, probe.read) == {"stale_stamp": 1, "miss": 1}


@on_sqlite
def test_a_read_while_its_tag_is_under_change_is_a_bypass(probe: Probe) -> None:
    probe.store.server.mark([probe.tag], "a writer")

    assert outcomes(probe, probe.read) == {"bypass": 1}


def test_a_read_that_cannot_use_redis_is_an_error(probe: Probe, make_app: Callable[..., Flask]) -> None:
    alone = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))

    assert outcomes(alone, alone.read) == {"error": 1}


def test_a_read_that_joins_another_is_coalesced(probe: Probe) -> None:
    selected, released = threading.Event(), threading.Event()

    def hold() -> None:
        selected.set()
        released.wait(10)

    def read_twice_at_once() -> None:
        probe.after_select = hold
        with ThreadPoolExecutor(2) as pool:
            pool.submit(probe.read)
            selected.wait(10)
            follower = pool.submit(probe.read)
            # The follower is about to wait for the flight; nothing tells when it does.
            threading.Timer(0.3, released.set).start()
            follower.result()

    assert outcomes(probe, read_twice_at_once) == {"miss": 1, "coalesced": 1}


@on_sqlite
def test_the_time_of_hits_and_misses_is_counted(probe: Probe) -> None:
    before = reads_by_family(cache_samples(Path(probe.app.instance_path)))["probe"]
    probe.read()
    probe.read()

    taken = reads_by_family(cache_samples(Path(probe.app.instance_path)))["probe"] - before

    assert 0 < taken.mean_ms("hit") < 1000
    assert 0 < taken.mean_ms("miss", "coalesced") < 1000
    assert taken.hit_rate == 0.5
    assert taken.mean_ms("bypass") is None


def test_invalidations_are_counted_by_tag(probe: Probe) -> None:
    before = counted(probe.app, "lectern_cache_invalidations_total", "probe", "name")

    probe.write("new")

    assert counted(probe.app, "lectern_cache_invalidations_total", "probe", "name") == before + 1


def test_what_redis_refused_is_counted_and_shows_in_a_gauge(probe: Probe, make_app: Callable[..., Flask]) -> None:
    before = counted(probe.app, "lectern_cache_errors_total", "read")
    alone = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))

    alone.read()

    assert counted(probe.app, "lectern_cache_errors_total", "read") == before + 1
    assert counted(probe.app, "lectern_cache_open_breakers") == 1


@on_sqlite
def test_workers_that_are_no_more_have_no_state(app: Flask) -> None:
    folder = metrics_folder(Path(app.instance_path))
    folder.mkdir()
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    for pid in (ended.pid, os.getpid()):
        (folder / f"gauge_livesum_{pid}.db").touch()
        (folder / f"counter_{pid}.db").touch()

    forget_dead_workers(folder.parent)

    assert [file.name for file in folder.glob("gauge*")] == [f"gauge_livesum_{os.getpid()}.db"]
    assert len(list(folder.glob("counter*"))) == 2


@on_sqlite
def test_a_worker_that_is_just_starting_counts_nothing(app: Flask) -> None:
    instance = Path(app.instance_path)
    metrics_folder(instance).mkdir(parents=True)
    (metrics_folder(instance) / "counter_1.db").touch()

    assert cache_samples(instance) == []
    assert app.test_client().get("/metrics").status_code == 200


@on_sqlite
@pytest.mark.middleware_not_compared
def test_administrators_see_the_numbers_by_family(world: World) -> None:
    admin = world.admin()
    before = _family(admin.get("/api/cache/metrics").json, "gigs")
    world.anyone.get("/api/gigs")
    world.anyone.get("/api/gigs")
    INCONSISTENCIES.labels("gigs").inc()
    world.gig(world.teacher())

    answer = admin.get("/api/cache/metrics").json
    after = _family(answer, "gigs")

    changes = {name: after[name] - before[name] for name in ("hits", "misses", "inconsistencies")}
    assert changes == {"hits": 1, "misses": 1, "inconsistencies": 1}
    assert after["invalidations"] > before["invalidations"]
    assert (after["kind"], _family(answer, "gig")["kind"]) == ("list", "entity")
    assert answer["keys"] > 0
    assert 0 < answer["memory_bytes"] < answer["memory_limit_bytes"]
    assert answer["changes_waiting"] == 0
    assert [alert["name"] for alert in answer["alerts"] if not alert["firing"]]


@on_sqlite
@pytest.mark.parametrize("path", ["/api/cache/metrics", "/api/cache/health"])
def test_the_numbers_are_for_administrators(world: World, path: str) -> None:
    assert world.anyone.get(path).status_code == 401
    assert world.student().get(path).status_code == 403


@on_sqlite
def test_without_a_cache_there_are_zeros(make_app: Callable[..., Flask], world: World) -> None:
    admin = world.admin()
    off = make_app(cache_type="NullCache").test_client()

    answer = off.get("/api/cache/metrics", headers=admin.headers)

    assert answer.status_code == 200
    assert (answer.json["keys"], answer.json["memory_bytes"]) == (None, None)


def test_two_workers_count_together_and_commands_act_on_their_cache(
    start_lectern: Callable[..., LecternServer],
) -> None:
    server = start_lectern(WEB_CONCURRENCY="2")
    counters = metrics_folder(server.instance)

    def have_counted() -> int:
        return sum(b"gigs.list_gigs" in file.read_bytes() for file in counters.glob("histogram_*.db"))

    # HAProxy chooses who gets a request.
    asked = 0
    while have_counted() < 2 or asked < REQUESTS:
        assert asked < 100 * REQUESTS, "The second worker never answered."
        _get(server, "/api/gigs")
        asked += 1
    expected = f'http_request_seconds_count{{endpoint="gigs.list_gigs",status="2xx"}} {asked}.0'
    # The worker that does not answer writes down what it has observed a little later.
    assert wait_until(lambda: expected in _get(server, "/metrics")[2], seconds=30)
    _, _, text = _get(server, "/metrics")

    # Warming has read the list, too.
    assert sum(int(float(n)) for n in re.findall(r'cache_reads_total{family="gigs".*} (.*)', text)) >= asked
    assert "gigs" in server.flask("cache", "stats")
    assert server.flask("cache", "clear").startswith("Forgot ")
    assert _get(server, "/api/gigs")[1] == "MISS"


def _family(answer: dict[str, Any], name: str) -> dict[str, int]:
    return next(row for row in answer["families"] if row["family"] == name)


def _get(server: LecternServer, path: str) -> tuple[int, str | None, str]:
    """A request on a connection of its own, so that any worker may get it."""
    connection = http.client.HTTPConnection(server.url.removeprefix("http://"), timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.headers["X-Cache"], answer.read().decode()
    finally:
        connection.close()


def test_whatever_is_wrong_with_redis_has_words_for_people() -> None:
    assert set(health._WORDS.values()) <= STATES.keys()
