"""Measure a page from warm reads beside its template alone."""

from __future__ import annotations

from benchmarks.stand import Stand, get, rate_of
from benchmarks.stats import interleaved, ratio

TEACHER = 1
PAIRS = 12
TEXT = """One worker, one thread, 8 connections; median of {pairs} pairs. "My lessons" of a teacher with 20 rows,
{size:,} bytes, all of its reads in the cache, takes **{ratio}** times as long as the same template that the same
application renders from constants.
"""


def run() -> str:
    """Measure and return a sentence."""
    with Stand() as stand:
        school = stand.school()
        headers = {"Cookie": school.cookie(TEACHER)}
        urls = [f"{stand.serve(school)}/lessons", f"{stand.serve(school, 'benchmarks.peers.page:app')}/peer/lessons"]
        sizes = [len(get(url, headers)) for url in urls for _ in range(2)]
        pages, templates = interleaved([rate_of(url, headers=headers) for url in urls], PAIRS)
    return TEXT.format(size=sizes[0], ratio=ratio(templates, pages), pairs=PAIRS)
