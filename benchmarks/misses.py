"""Measure a miss: a list with a filter that was not used before, beside the way without a cache."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import count

from benchmarks.school import NOW, School
from benchmarks.stand import Stand, rate_of
from benchmarks.stats import interleaved, ratio

TEACHER = 1
# More than one run gets through, so that no question is ever asked twice.
QUESTIONS_OF_A_RUN = 50_000


def run() -> str:
    """Measure and return a sentence."""
    with Stand() as stand:
        school = stand.school()
        ours, plain = stand.serve(school), stand.serve(school, "benchmarks.peers.plain:app")
        sides = [asking_anew(school, ours), asking_anew(school, plain, "/peer/bookings")]
        rates = interleaved(sides)
    return (
        f"A miss has **{ratio(*rates)}** times the throughput of the plain way: entities of the ORM, dumped by "
        "marshmallow, written by `jsonify`. One worker, one thread, 8 connections; every request asks what nobody has "
        "asked before.\n"
    )


def asking_anew(school: School, url: str, path: str = "/api/bookings") -> Callable[[], float]:
    """Make one side of a comparison: answers a second, each run with questions of its own."""
    begin = int((NOW + timedelta(days=400)).timestamp())
    runs = count()

    def measure() -> float:
        first = str(begin + next(runs) * QUESTIONS_OF_A_RUN)
        return rate_of(url, script="anew.lua", arguments=(path, school.token(TEACHER), first))()

    return measure
