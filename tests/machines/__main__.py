"""Kill each part of a school on several machines again and again under load, and write down what was seen: `make soak`.

ROUNDS (3) is how often, PAIRS (6) how many students with their teachers use the school meanwhile.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime

import click

from config import ROOT
from tests.machines.kills import Part, Row, kill, left_undone, parts_of, parts_of_cache
from tests.machines.load import Load, Tally
from tests.machines.school import Cache, School
from tests.support.cluster import Cluster
from tests.support.sentinel import Sentinels

RESULTS = ROOT / "benchmarks" / "results" / "soak.md"
HEAD = """# A school on several machines, of which each part is killed

Written by `make soak` on {day}: Python {python}, {cores} processor cores that all the parts share. Two web servers with
two workers each behind Caddy, the runner, a Celery worker, PostgreSQL, RabbitMQ, and a Redis Cluster of three primaries
and three replicas; then the same with a Redis, its replica and three Sentinels, of which these alone were killed.
{pairs} pairs of people used it with {clients} connections and rested little; each part was killed with SIGKILL in each
of {rounds} rounds and started again. What the columns mean stands in
[docs/operating.md](../../docs/operating.md#what-happens-when-a-part-fails).
"""
TITLES = ("killed", "requests", "failed", "stale", "lost", "slowest request", "last failure after", "all mails after")


@dataclass(frozen=True)
class Seen:
    """What was seen in one school while its parts were killed."""

    rows: list[Row]
    tally: Tally
    lessons: int
    clients: int
    undone: list[str]


def main() -> int:
    """Return 1 if anything was stale or lost, or failed without an excuse."""
    rounds, pairs = int(os.environ.get("ROUNDS") or 3), int(os.environ.get("PAIRS") or 6)
    schools = [
        _kill_all(Cluster, parts_of, rounds, pairs),
        _kill_all(Sentinels, lambda school: parts_of_cache(school.cache), rounds, pairs),
    ]
    head = HEAD.format(
        day=datetime.now(UTC).date(),
        python=platform.python_version(),
        cores=os.cpu_count(),
        pairs=pairs,
        clients=schools[0].clients,
        rounds=rounds,
    )
    rows = [row for seen in schools for row in seen.rows]
    RESULTS.write_text("\n".join([head, *_table(rows), "", *_end(schools), "", *_log(rows)]) + "\n")
    click.echo(f"Written to {RESULTS}.")
    return int(any(seen.undone or seen.tally.stale or any(row.wrong for row in seen.rows) for seen in schools))


def _kill_all(
    cache: Callable[[], AbstractContextManager[Cache]],
    parts: Callable[[School], Iterable[Part]],
    rounds: int,
    pairs: int,
) -> Seen:
    """Kill these parts of a school in each round."""
    rows: list[Row] = []
    with cache() as servers, School(servers) as school, Load(school.proxy.url, pairs, school.token_for) as load:
        for number in range(1, rounds + 1):
            for part in parts(school):
                row = kill(school, load, part, wait_for_mails=True)
                rows.append(row)
                said = f"{number}. {' | '.join(_cells([row]))}"
                click.echo("\n  ".join([said, *row.wrong, *row.stale, *row.lost]))
        clients = load.clients
        load.stop()
        undone = left_undone(school, load)
    click.echo("\n".join(undone))
    return Seen(rows, load.tally, sum(len(pair.known) for pair in load.pairs), clients, undone)


def _table(rows: Sequence[Row]) -> list[str]:
    """Put all rounds of a part together."""
    names = dict.fromkeys(row.name for row in rows)
    lines = [_cells([row for row in rows if row.name == name]) for name in names]
    return [_line(line) for line in (TITLES, ["---"] * len(TITLES), *lines)]


def _cells(rows: Sequence[Row]) -> list[str]:
    return [
        rows[0].name,
        f"{sum(row.requests for row in rows):,}",
        str(sum(row.failed for row in rows)),
        str(sum(len(row.stale) for row in rows)),
        str(sum(len(row.lost) for row in rows)),
        f"{max(row.slowest for row in rows):.1f} s",
        f"{max(row.requests_after for row in rows):.1f} s" if any(row.failed for row in rows) else "–",
        f"{max(row.mails_after or 0.0 for row in rows):.0f} s",
    ]


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _end(schools: Sequence[Seen]) -> list[str]:
    requests, lessons = sum(seen.tally.requests for seen in schools), sum(seen.lessons for seen in schools)
    undone = [what for seen in schools for what in seen.undone]
    return [
        f"In the end {requests:,} requests had been sent and {lessons:,} lessons booked. Of what people had "
        f"been told, {len(undone)} lessons, mails and events were missing or there twice. "
        f"{sum(len(seen.tally.stale) for seen in schools)} reads were stale.",
        *undone,
    ]


def _log(rows: Sequence[Row]) -> list[str]:
    """Write down each kill by itself."""
    cells = (TITLES, ["---"] * len(TITLES), *(_cells([row]) for row in rows))
    return ["## Each kill", "", *map(_line, cells)]


if __name__ == "__main__":
    sys.exit(main())
