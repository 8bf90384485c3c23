"""Measure hits beside the least that a fresh answer can cost, and beside the least that Flask can do."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from benchmarks.school import School
from benchmarks.stand import Stand, bearer, get, rate_of
from benchmarks.stats import interleaved, ratio

TEACHER = 1
PAIRS = 12
HEAD = """One worker, one thread, 8 connections; medians of {pairs} pairs. The *floor* is a WSGI function on the same
server that asks Redis for two tokens in one `MGET` and returns the same bytes. The *bare view* is a Flask view that
returns them without asking anybody.

| list | bytes | throughput against the floor | against the bare view |
|---|---|---|---|
"""


class Side(NamedTuple):
    """What is asked, and how."""

    name: str
    path: str
    headers: dict[str, str]


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        token, cookie = bearer(school.token(TEACHER)), {"Cookie": school.cookie(TEACHER)}
        sides = (
            Side("one's own, 20 rows, token", "/api/bookings", token),
            Side("one's own, 100 rows, token", "/api/bookings?limit=100", token),
            Side("one's own, 20 rows, cookie", "/api/bookings", cookie),
            Side("everybody's, 20 rows, not signed in", "/api/gigs", {}),
        )
        ours = stand.serve(school)
        return HEAD.format(pairs=PAIRS) + "\n".join(_row(stand, school, ours, side) for side in sides) + "\n"


def _row(stand: Stand, school: School, ours: str, side: Side) -> str:
    get(ours + side.path, side.headers)
    body = stand.folder / "body"
    body.write_bytes(get(ours + side.path, side.headers))
    floor, bare = (_peer(stand, school, name, body) for name in ("floor", "bare"))
    urls = [f"{ours}{side.path}", f"{floor}/api/bookings", f"{bare}/api/bookings"]
    hits, floors, bares = interleaved([rate_of(url, headers=side.headers) for url in urls], PAIRS)
    size = body.stat().st_size
    return f"| {side.name} | {size:,} | {ratio(hits, floors)} | {ratio(hits, bares)} |"


def _peer(stand: Stand, school: School, name: str, body: Path) -> str:
    url = stand.serve(school, f"benchmarks.peers.{name}:app", BODY=str(body))
    get(f"{url}/api/bookings")
    return url
