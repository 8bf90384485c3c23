"""Measure a hit beside other caches."""

from __future__ import annotations

from typing import NamedTuple

from benchmarks import wrk
from benchmarks.environments import FOREIGN, python_with
from benchmarks.freshness import Tally, measure
from benchmarks.freshness_table import SECONDS as FRESHNESS_SECONDS
from benchmarks.stand import FULL, SECONDS, Stand, bearer, get, rate_of
from benchmarks.stats import interleaved, ratio

TEACHER = 1
HEAD = """One worker, one thread, 8 connections, a list of {size:,} bytes.

| Lectern's hits against | ratio of throughputs | stale under concurrent writes |
|---|---|---|
"""
NOTE = (
    "`cached` and `memoize` look the sign-in up through Lectern's cache, as Lectern does, and know every query of the "
    "load when they forget, as no application could.\n\n"
)
MISSING = "Django REST framework with cacheops was left out: its packages could not be installed.\n\n"


class Side(NamedTuple):
    """Who is measured: where the list is, and under which name the part *freshness* knows it."""

    url: str
    variant: str


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        headers = bearer(school.token(TEACHER))
        ours = f"{stand.serve(school)}/api/bookings"
        stock = stand.serve(school, "benchmarks.peers.stock:app")
        get(ours, headers)
        size = len(get(ours, headers))
        sides = {
            "Lectern": Side(ours, "lectern"),
            "Flask-Caching `cached`": Side(f"{stock}/peer/cached/bookings", "cached"),
            "Flask-Caching `memoize`": Side(f"{stock}/peer/memoized/bookings", "memoize"),
        }
        if python := python_with(FOREIGN):
            drf = stand.serve(school, "benchmarks.peers.drf.wsgi:app", python=python)
            sides["Django REST framework, cacheops"] = Side(f"{drf}/api/bookings", "cacheops")
        for side in sides.values():
            get(side.url, headers)
        rates = interleaved([rate_of(side.url, headers=headers) for side in sides.values()])
        at_half = _at_half(ours, headers, rates[0])
    rows = [
        f"| {name} | {'–' if theirs is rates[0] else ratio(rates[0], theirs)} | {_stale(side)} |"
        for (name, side), theirs in zip(sides.items(), rates, strict=True)
    ]
    return HEAD.format(size=size) + "\n".join(rows) + "\n\n" + NOTE + (MISSING if not python else "") + at_half


def _stale(side: Side) -> str:
    """Count stale reads with the load of the part *freshness*.

    On both databases if there is time.
    """
    tally = Tally()
    for database in ("sqlite", "postgresql") if FULL else ("sqlite",):
        tally += measure(database, side.variant, "none", FRESHNESS_SECONDS)
    return f"{tally.stale:,} of {tally.reads:,}"


def _at_half(url: str, headers: dict[str, str], rates: list[float]) -> str:
    """Measure the tail at half the highest rate: each connection waits between its requests."""
    pause = 1000 * wrk.CONNECTIONS / (max(rates) / 2)
    load = wrk.run(url, seconds=2 * SECONDS, headers=headers, script="paced.lua", arguments=(f"{pause:.2f}",))
    share = load.rate / max(rates)
    return (
        f"At {share:.0%} of the highest rate the median is {load.p50:.1f} ms, the 99th percentile {load.p99:.1f} ms.\n"
    )
