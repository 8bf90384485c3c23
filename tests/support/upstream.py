"""A pytest plugin for the test suites of Flask-Caching and cachelib: they get our cache and our Redis backend.

`tests/caching/test_upstream.py` runs their suites with `-p tests.support.upstream`. No file of theirs is changed.
"""

from __future__ import annotations

import json
import sys
import time
import types
from collections.abc import Container
from pathlib import Path
from typing import Any

import cachelib
import flask_caching
import pytest
import redis
from flask_caching import backends
from flask_caching.backends import simplecache
from redis.connection import Connection

from caching import client
from caching.backend import StampedRedisCache
from caching.extension import LecternCache

# Where their tests look for a Redis server: at a port of their own, or at the usual one.
THEIR_PORTS = (6360, 6379)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--redis-port", type=int, help="where Redis listens instead")
    parser.addoption("--all-on-redis", action="store_true", help="also what is meant for SimpleCache")
    parser.addoption("--outcomes", type=Path, help="the file to write every test's outcome to")


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> None:
    """Put our classes in the place of theirs, before anything of their tests is imported."""
    options = early_config.known_args_namespace
    client.CONNECT_SECONDS = client.READ_SECONDS = 5.0
    _put(LecternCache, flask_caching, "Cache")
    _put(StampedRedisCache, cachelib, "RedisCache")
    # The second is how their tests spell the class's own name.
    _put(StampedRedisCache, backends, "RedisCache", "StampedRedisCache")
    if options.all_on_redis:
        _put(StampedRedisCache, backends, "SimpleCache")
        _put(StampedRedisCache, simplecache, "SimpleCache")
    _stand_in_for_xprocess()
    _redirect(THEIR_PORTS, options.redis_port)
    _put(_Ageing(options.redis_port), time, "sleep")
    early_config.pluginmanager.register(_Outcomes(options.outcomes))


def pytest_plugin_registered(plugin: object) -> None:
    """Tell their conftest.py that there is a Redis server, and let its clock move Redis's too."""
    if hasattr(plugin, "_server_is_running"):
        plugin._server_is_running = lambda port: port in THEIR_PORTS
    if hasattr(plugin, "_Clock"):
        advance = plugin._Clock.advance

        def advance_both(clock: object, seconds: float) -> None:
            advance(clock, seconds)
            time.sleep(seconds)

        plugin._Clock.advance = advance_both


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Make sure that their tests have our classes: with the libraries' own they would pass as well."""
    for module in {item.module for item in items if isinstance(item, pytest.Function)}:
        for name, ours in (("Cache", LecternCache), ("RedisCache", StampedRedisCache)):
            if getattr(module, name, ours) is not ours:
                raise pytest.UsageError(f"{module.__name__}.{name} is not ours.")


@pytest.fixture(scope="session")
def xprocess() -> None:
    """Stand in for what starts servers: with CI=true their fixtures take one that runs already."""


@pytest.fixture(autouse=True)
def _empty_redis(request: pytest.FixtureRequest) -> None:
    with redis.Redis(port=request.config.option.redis_port) as server:
        server.flushall()


class _Ageing:
    """Let time pass for what is in Redis, without waiting: every key has so much less to live."""

    def __init__(self, port: int) -> None:
        self._server = redis.Redis(port=port)

    def __call__(self, seconds: float) -> None:
        for key in self._server.scan_iter():
            left = self._server.pttl(key)
            if left >= 0:
                self._server.pexpire(key, left - int(seconds * 1000))


class _Outcomes:
    """Collect what became of each test: passed, failed or skipped."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if self._found.get(report.nodeid, "passed") == "passed":
            self._found[report.nodeid] = report.outcome

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.failed:
            self._found[report.nodeid] = "failed"

    def pytest_sessionfinish(self) -> None:
        self._path.write_text(json.dumps(self._found))


def _stand_in_for_xprocess() -> None:
    """Give their conftest.py the one name that it imports from a package that starts servers."""
    module = types.ModuleType("xprocess")
    _put(object, module, "ProcessStarter")
    sys.modules["xprocess"] = module


def _put(ours: object, module: types.ModuleType, *names: str) -> None:
    """Put something of ours in the place of what a module has under these names."""
    for name in names:
        setattr(module, name, ours)


def _redirect(ports: Container[int], other: int) -> None:
    """Let connections to some ports lead to another one."""
    connect = Connection.__init__

    def redirected(self: Connection, *args: Any, **kwargs: Any) -> None:
        connect(self, *args, **kwargs)
        if self.port in ports:
            self.port = other

    Connection.__init__ = redirected
