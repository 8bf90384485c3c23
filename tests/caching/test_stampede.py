"""Many people ask for the same cold list at once, in several processes."""

from __future__ import annotations

import json
import subprocess
import sys

from config import ROOT, Settings
from tests.support.world import World

PROCESSES, PEOPLE = 2, 50


def test_fifty_requests_at_once_in_each_of_two_processes_ask_the_database_once_each(
    world: World, settings: Settings
) -> None:
    gig = world.gig(world.teacher())
    where = [settings.database_url, settings.redis_url, str(settings.instance), str(PEOPLE)]
    line = [sys.executable, "-m", "tests.caching.reader_process", *where]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    processes = [subprocess.Popen(line, cwd=ROOT, **pipes) for _ in range(PROCESSES)]  # type: ignore[call-overload]
    for process in processes:
        assert process.stdout.readline() == "ready\n"

    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    found = [json.loads(process.communicate(timeout=60)[0]) for process in processes]

    assert [one["number"] for one in found] == [PEOPLE] * PROCESSES
    assert all(one["queries"] <= 1 for one in found)
    assert sum(one["queries"] for one in found) >= 1
    bodies = {body for one in found for _, body in one["answers"]}
    assert {status for one in found for status, _ in one["answers"]} == {200}
    assert [[row["id"] for row in json.loads(body)["data"]] for body in bodies] == [[gig["id"]]] * len(bodies)
