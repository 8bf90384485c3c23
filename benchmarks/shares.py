"""Whose code takes the time of a hit and of a miss, below the web server."""

from __future__ import annotations

import cProfile
import pstats
import re
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, islice, repeat
from pathlib import Path
from typing import Any

from flask import Flask
from werkzeug.datastructures import Headers
from werkzeug.test import EnvironBuilder

from app import create_app
from benchmarks.school import NOW, SECRET
from benchmarks.stand import Stand, bearer
from config import ROOT, Settings

TEACHER = 1
HITS, MISSES = 10_000, 2_000
# The first tenth of the requests is not measured.
WARM_UP = 10
SHOWN = 8

# Functions in C belong to nobody's file; their names tell whose they are.
BUILT_IN = {"_socket": "waiting for Redis", "sqlite3": "SQLite", "orjson": "orjson", "hiredis": "redis"}
TABLE = """| a hit | share | a miss | share |
|---|---|---|---|
{rows}

Own time of each library and package under Python's profiler, which makes many small functions look slower than they
are. A miss asks what nobody has asked before. *Python* is its interpreter and its standard library.
"""


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        settings = Settings(
            instance=school.folder / "instance",
            database_url=school.database_url,
            redis_url=stand.redis.url,
            secret_key=SECRET,
            cache_audit_share=0,
        )
        app, headers = create_app(settings), bearer(school.token(TEACHER))
        hits = _shares(app, _requests(repeat(""), HITS, headers))
        misses = _shares(app, _requests(_new_questions(), MISSES, headers))
    return TABLE.format(rows="\n".join(f"| {hit} | {miss} |" for hit, miss in zip(hits, misses, strict=True)))


def _new_questions() -> Iterator[str]:
    begin = NOW + timedelta(days=400)
    for second in count():
        yield f"to={begin + timedelta(seconds=second):%Y-%m-%dT%H:%M:%SZ}"


def _requests(queries: Iterator[str], number: int, headers: dict[str, str]) -> list[dict[str, Any]]:
    """Make so many requests for one's own lessons."""
    builders = (EnvironBuilder("/api/bookings", query_string=query, headers=Headers(headers)) for query in queries)
    return [builder.get_environ() for builder in islice(builders, number)]


def _shares(app: Flask, requests: list[dict[str, Any]]) -> list[str]:
    """Return table cells: whose code, and which share of the time it takes by itself, the largest first."""
    warm_up = len(requests) // WARM_UP
    _ask(app, requests[:warm_up])
    with cProfile.Profile() as profile:
        _ask(app, requests[warm_up:])
    times: Counter[str] = Counter()
    for (file, _line, name), (_calls, _all_calls, own, *_) in pstats.Stats(profile).stats.items():  # type: ignore[attr-defined]
        times[_owner(file, name)] += own
    return [f"{owner} | {own / times.total():.0%}" for owner, own in times.most_common(SHOWN)]


def _ask(app: Flask, requests: list[dict[str, Any]]) -> None:
    for environ in requests:
        b"".join(app.wsgi_app(environ, _begin_answer))


def _begin_answer(status: str, _headers: Any, _error: Any = None) -> Any:
    assert status == "200 OK", status


def _owner(file: str, name: str) -> str:
    if library := re.search(r"site-packages/(\w+)", file):
        return library[1]
    if Path(file).is_relative_to(ROOT):
        return f"Lectern: `{Path(file).relative_to(ROOT).parts[0].removesuffix('.py')}`"
    return next((owner for part, owner in BUILT_IN.items() if part in name), "Python")
