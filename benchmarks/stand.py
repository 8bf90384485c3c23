"""Provide a school, a Redis server and applications that serve them, for as long as a block lasts."""

from __future__ import annotations

import os
import tempfile
import urllib.request
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Self

from redis import Redis

from benchmarks import wrk
from benchmarks.school import School, make
from benchmarks.servers import serve
from caching.warming import PROGRESS_KEY
from jsontext import loads
from server.children import wait_until
from support.servers import RedisServer

# How long each single run lasts; wrk counts whole seconds.
SECONDS = float(os.environ.get("SECONDS", "1"))
FULL = os.environ.get("FULL") == "1"


class Stand:
    """Servers that end with the block."""

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        self.folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lectern-bench-")))
        self.redis = self._stack.enter_context(RedisServer())
        return self

    def __exit__(self, *error: Any) -> None:
        self._stack.close()

    def school(self, name: str = "school", *, users: int = 1000, bookings: int = 10_000) -> School:
        """Make a school in a folder of its own."""
        return make(self.folder / name, users=users, bookings=bookings)

    def another_redis(self) -> RedisServer:
        """Start one more Redis server."""
        return self._stack.enter_context(RedisServer())

    def serve(
        self,
        school: School,
        target: str = "wsgi:app",
        *,
        workers: int = 1,
        threads: int = 1,
        redis: RedisServer | None = None,
        python: str | None = None,
        **environ: str,
    ) -> str:
        """Serve `target` for a school and return its address."""
        settings = {**school.environ, "REDIS_URL": (redis or self.redis).url, "CACHE_AUDIT_SHARE": "0", **environ}
        # Counting goes to files, as it does under `make run`.
        metrics = school.folder / "instance" / "metrics"
        metrics.mkdir(parents=True, exist_ok=True)
        settings["PROMETHEUS_MULTIPROC_DIR"] = str(metrics)
        run: dict[str, Any] = {"workers": workers, "threads": threads, "migrate": False}
        if python:
            run["python"] = python
        url = self._stack.enter_context(serve(target, school.folder / "instance", settings, **run))
        with (redis or self.redis).client() as client:
            assert wait_until(lambda: not _is_warming(client), seconds=60), "the cache is warmed for ever"
        return url


def _is_warming(client: Redis) -> bool:
    """Tell whether a server that has just been started reads what people will ask for first.

    That would be measured, too.
    """
    runs = [client.get(key) for key in client.scan_iter(f"*{PROGRESS_KEY}", count=1000)]
    return any(run and loads(run)["state"] == "running" for run in runs)


def bearer(token: str) -> dict[str, str]:
    """Build the header that a token goes in."""
    return {"Authorization": f"Bearer {token}"}


def get(url: str, headers: dict[str, str] | None = None) -> bytes:
    """Ask once."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=30) as answer:
        return bytes(answer.read())


def rate_of(url: str, **options: Any) -> Callable[[], float]:
    """Make one side of a comparison: answers a second from `url`.

    An answer that is an error spoils it.
    """

    def measure() -> float:
        load = wrk.run(url, seconds=SECONDS, **options)
        assert not load.errors, f"{url} gave {load.errors} errors in {load}"
        return load.rate

    return measure
