"""The test suites of Flask-Caching and cachelib, in the installed versions, run with our cache and our backend."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

import pytest

from config import ROOT
from support.servers import RedisServer
from support.unavailable import Unavailable
from tests.support.left_out import leave_out

FLASK_CACHING = f"flask_caching-{version('flask-caching')}"
CACHELIB = f"cachelib-{version('cachelib')}"
DEVIATIONS = tomllib.loads(Path(__file__).with_name("upstream_deviations.toml").read_text())
LEFT_OUT = tuple(name.removesuffix("*") for name in DEVIATIONS["left-out"])


@pytest.fixture(scope="module")
def redis_on_a_port(redis_server: RedisServer) -> Iterator[RedisServer]:
    """A server that the suites may empty, at a port as they want it; the other one shows that there is one to start."""
    with RedisServer(tcp=True) as server:
        yield server


@pytest.mark.parametrize(
    ("suite", "source", "chosen", "at_least"),
    [
        ("flask-caching", FLASK_CACHING, ["tests"], 270),
        (
            "flask-caching-on-redis",
            FLASK_CACHING,
            ["tests", "--ignore=tests/test_backend_cache.py", "--all-on-redis"],
            175,
        ),
        ("cachelib", CACHELIB, ["tests/test_redis_cache.py"], 100),
    ],
    ids=["class", "class and backend", "backend"],
)
def test_a_librarys_own_suite_passes_but_for_the_listed_deviations(
    tmp_path: Path, redis_on_a_port: RedisServer, suite: str, source: str, chosen: list[str], at_least: int
) -> None:
    outcomes = run_suite(source, chosen, redis_on_a_port, tmp_path / "outcomes.json")

    passed = {name for name, outcome in outcomes.items() if outcome == "passed"}
    failed = {name for name, outcome in outcomes.items() if outcome == "failed"}
    skipped = set(outcomes) - passed - failed
    assert failed == set(DEVIATIONS[suite])
    assert [name for name in skipped if not name.startswith(LEFT_OUT)] == []
    assert len(passed) >= at_least


def run_suite(source: str, chosen: list[str], redis: RedisServer, outcomes: Path) -> dict[str, str]:
    """Run tests of a suite in a process of their own, and return what became of each."""
    folder = ROOT / "tests" / ".upstream" / source
    if not folder.is_dir():
        leave_out(Unavailable(f"The sources of {source} are missing; `scripts/setup-upstream` fetches them from PyPI."))
    command = [sys.executable, "-m", "pytest", "-p", "tests.support.upstream", "-p", "no:cacheprovider", "--quiet"]
    options = ["--redis-port", str(redis.port), "--outcomes", str(outcomes), *chosen]
    own = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTEST_ADDOPTS": "", "PYTHONPATH": str(ROOT), "CI": "true"}
    environ = {**os.environ, **own}
    done = subprocess.run([*command, *options], cwd=folder, env=environ, capture_output=True, text=True, check=False)
    assert outcomes.exists(), done.stdout + done.stderr
    return dict(json.loads(outcomes.read_text()))
