"""Measure numbers of processes and threads: throughput and tail, with and without slow requests."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

from benchmarks import wrk
from benchmarks.stand import SECONDS, Stand, bearer, get

TEACHER = 1
ROUNDS = 3
CHOICES = tuple((workers, threads) for workers in (1, 2) for threads in (1, 2, 4))
SLOW = "POST\t/api/auth/login\t\t" + '{"email": "nobody@example.org", "password": "not the right one"}'


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        headers = bearer(school.token(TEACHER))
        urls = {choice: stand.serve(school, workers=choice[0], threads=choice[1]) for choice in CHOICES}
        slow = stand.folder / "slow"
        slow.write_text(SLOW + "\n")
        loads: dict[tuple[int, int], list[list[wrk.Load]]] = {choice: [[], []] for choice in CHOICES}
        for _ in range(ROUNDS):
            for choice, url in urls.items():
                get(f"{url}/api/bookings", headers)
                loads[choice][0].append(_read(url, headers))
                with _signing_in(url, str(slow)):
                    loads[choice][1].append(_read(url, headers))
    head = "| workers × threads | hits/s | p50 ms | p99 ms | with sign-ins: hits/s | p50 ms | p99 ms |\n"
    rows = [f"| {w} × {t} | {_cells(loads[w, t][0])} | {_cells(loads[w, t][1])} |" for w, t in CHOICES]
    return (
        head
        + "|---|---|---|---|---|---|---|\n"
        + "\n".join(rows)
        + (
            f"\n\n8 connections read one list from the cache; medians of {ROUNDS} runs. In the right half two more "
            "connections sign in without a pause, which is a slow request: a password takes some 90 ms to check.\n"
        )
    )


def _read(url: str, headers: dict[str, str]) -> wrk.Load:
    return wrk.run(f"{url}/api/bookings", seconds=SECONDS, headers=headers)


@contextmanager
def _signing_in(url: str, file: str) -> Iterator[None]:
    """Let two connections sign in for as long as a run takes."""
    options = {"seconds": SECONDS, "script": "questions.lua", "arguments": (file,), "connections": 2}
    thread = threading.Thread(target=wrk.run, args=(url,), kwargs=options)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _cells(loads: list[wrk.Load]) -> str:
    columns = zip(*((load.rate, load.p50, load.p99) for load in loads), strict=True)
    rate, p50, p99 = map(median, columns)
    return f"{rate:,.0f} | {p50:.1f} | {p99:.1f}"
