"""Processes with an application each, over one database and Redis, that send requests at the same moment."""

from __future__ import annotations

import multiprocessing
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from multiprocessing.connection import Connection
from typing import Any

from app import create_app
from config import Settings
from tests.support.world import Person

# Who asks, by which method, where, with which body.
Attempt = tuple[Person, str, str, dict[str, Any]]
PATIENCE = 60.0

# A child has imported everything already, so it is there in a fraction of a second.
_processes = multiprocessing.get_context("fork")


class Racers:
    """Processes that wait for their next request."""

    def __init__(self, pipes: list[Connection]) -> None:
        self._pipes = pipes
        for pipe in pipes:
            assert _hear(pipe) == "ready"

    def at_once(self, *attempts: Attempt) -> list[int]:
        """Have each attempt made by a process of its own, and return the statuses in the same order."""
        racing = [*zip(self._pipes, attempts, strict=True)]
        for pipe, (person, method, path, body) in racing:
            pipe.send({"method": method, "path": path, "json": body, "headers": person.headers})
        return [_hear(pipe) for pipe, _ in racing]


@contextmanager
def racers(number: int, settings: Settings, now: datetime) -> Iterator[Racers]:
    """Start so many processes, whose clocks stand still at `now`."""
    pipes, children = [], []
    for _ in range(number):
        ours, theirs = _processes.Pipe()
        child = _processes.Process(target=_answer, args=(settings, now, theirs), daemon=True)
        child.start()
        theirs.close()
        pipes.append(ours)
        children.append(child)
    try:
        yield Racers(pipes)
    finally:
        for pipe in pipes:
            pipe.close()
        for child in children:
            child.kill()
            child.join()
            child.close()


def _hear(pipe: Connection) -> Any:
    assert pipe.poll(PATIENCE), "A process has not answered."
    return pipe.recv()


def _answer(settings: Settings, now: datetime, pipe: Connection) -> None:
    """Answer each request with the status of its response, with connections that are this process's own."""
    client = create_app(settings, clock=lambda: now).test_client(use_cookies=False)
    client.get("/api/gigs")
    pipe.send("ready")
    while True:
        pipe.send(client.open(**pipe.recv()).status_code)
