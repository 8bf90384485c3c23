"""Fixtures with real servers and a real browser; each process of pytest-xdist starts its own.

`tests/conftest.py` registers this module as a plugin.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TypeVar

import pytest
from playwright.sync_api import Browser, Page

from support.servers import LecternServer, PostgresServer, RedisServer
from support.unavailable import Unavailable
from tests.support.browser import chromium
from tests.support.left_out import leave_out, pytest_terminal_summary

__all__ = [
    "browser",
    "own_redis_server",
    "page",
    "postgres_server",
    "pytest_terminal_summary",
    "redis_server",
    "start_lectern",
]

Part = TypeVar("Part")


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """The Redis server of the whole run: not to be stopped, and flushed by whoever needs it empty."""
    yield from running(RedisServer)


@pytest.fixture
def own_redis_server() -> Iterator[RedisServer]:
    """A Redis server for this test alone, which may do with it what it likes."""
    yield from running(RedisServer)


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """The PostgreSQL server of the whole run; tests make databases in it."""
    yield from running(PostgresServer)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The browser of the whole run."""
    yield from running(chromium)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own."""
    with browser.new_context(locale="en-GB", reduced_motion="reduce") as context:
        yield context.new_page()


@pytest.fixture
def start_lectern(tmp_path: Path) -> Iterator[Callable[..., LecternServer]]:
    """A function that starts the whole product with the given settings; they are stopped when the test is over.

    All of one test share an instance folder unless LECTERN_INSTANCE says otherwise.
    """
    with ExitStack() as running:

        def start(**environ: str) -> LecternServer:
            return running.enter_context(LecternServer(tmp_path / "instance", environ))

        yield start


def running(part: Callable[[], AbstractContextManager[Part]]) -> Iterator[Part]:
    """Start a part for the time of a fixture, or leave out what needs it."""
    with ExitStack() as running:
        try:
            started = running.enter_context(part())
        except Unavailable as reason:
            leave_out(reason)
        yield started
