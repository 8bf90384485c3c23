"""Work out from what requests cost how many machines a number of people needs.

The costs are measured (`benchmarks/costs.py`); what people do in a day is assumed, here and nowhere else. Change DAY to
what your own log says.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from benchmarks import costs
from benchmarks.costs import Cost

TITLE = "What a request costs, and how many machines people need"

# How often one person makes each kind of request on an average day: a lesson a week, a look at one's own lessons each
# day, an open page for five minutes.
DAY = {
    "an open page asks for changes: 304": 30.0,
    "one's own list, from the cache": 2.0,
    'the page "My lessons", from the cache': 3.0,
    "a gig's page, from the cache": 1.5,
    "the page of gigs, from the cache": 1.0,
    # A change makes lists of two people old, and each looks once more.
    "one's own list, read anew": 0.9,
    "a search that nobody made before": 0.3,
    "free times of a week, read anew": 0.5,
    "signing in": 0.05,
    "booking a lesson": 0.15,
    "changing a lesson's status": 0.3,
}
# The busiest hour has this share of a day's requests, and the busiest minutes in it so many times their average.
BUSIEST_HOUR, BUSIEST_MINUTES = 0.15, 2.0
# No part is to be busier than this, so that the loss of a machine or a slow minute is not felt.
BUSY = 0.5
# What one machine has, and the largest that one buys for a database.
CORES, DATABASE_CORES = 8, 64
SIZES = (10_000, 1_000_000, 100_000_000)
# What a person who was there today takes in Redis; the part *memory* measures less for lists alone.
REDIS_BYTES_OF_A_PERSON = 20_000
# The largest school that is put into one installation here.
SCHOOL = 100_000
COSTS = """Milliseconds of processor time on this machine, on PostgreSQL; times a person and day as the model assumes.

| request | times a day | web | jobs | database | Redis | SQL | Redis commands | Redis, bytes | database's log, bytes |
|---|---|---|---|---|---|---|---|---|---|
"""
MACHINES = f"""{BUSIEST_HOUR:.0%} of a day in its busiest hour, {BUSIEST_MINUTES:g} times its average in the busiest
minutes, no part busier than {BUSY:.0%}; machines of {CORES} cores; an installation for each {SCHOOL:,} people.

| people | installations | requests/s | changes/s | machines for web and jobs | PostgreSQL, cores for each |
Redis, share of a core for each | Redis, GB in all | log of each PostgreSQL, KB/s |
|---|---|---|---|---|---|---|---|---|
""".replace("|\nRedis", "| Redis")
LIMITS = """| what one installation has once | people at which it is as busy as it may be |
|---|---|
"""


@dataclass(frozen=True)
class Load:
    """What the busiest minutes ask of each part for each person."""

    # Processor cores that are busy.
    web: float
    jobs: float
    database: float
    redis: float
    requests_a_second: float
    writes_a_second: float
    log_bytes_a_second: float


def load_of_a_person(measured: dict[str, Cost]) -> Load:
    """Add up what one person's day costs, and take the busiest minutes of it."""
    peak = BUSIEST_HOUR * BUSIEST_MINUTES / 3600

    def cores(part: str) -> float:
        return sum(times * float(getattr(measured[kind], part)) for kind, times in DAY.items()) / 1000 * peak

    writes = [kind for kind in DAY if measured[kind].log_bytes > 500]
    return Load(
        web=cores("web"),
        jobs=cores("jobs"),
        database=cores("database"),
        redis=cores("redis"),
        requests_a_second=sum(DAY.values()) * peak,
        writes_a_second=sum(DAY[kind] for kind in writes) * peak,
        log_bytes_a_second=sum(DAY[kind] * measured[kind].log_bytes for kind in writes) * peak,
    )


def limits(person: Load) -> dict[str, float]:
    """Say how many people one installation can have before each part that cannot be doubled is too busy."""
    return {
        f"the primary of PostgreSQL, {DATABASE_CORES} cores": DATABASE_CORES * BUSY / person.database,
        "the primary of Redis, one core": BUSY / person.redis,
    }


def run() -> str:
    """Measure and return tables."""
    measured = costs.measure()
    person = load_of_a_person(measured)
    return "\n".join([_costs(measured), _machines(person), _limits(person)])


def _costs(measured: dict[str, Cost]) -> str:
    """Write what each kind of request costs, and how often the model takes it for granted."""
    lines = [COSTS]
    for kind, cost in measured.items():
        times = f"{cost.web:.2f} | {cost.jobs:.2f} | {cost.database:.2f} | {cost.redis:.3f}"
        counts = f"{cost.statements:.0f} | {cost.redis_commands:.0f} | {cost.redis_bytes:,.0f} | {cost.log_bytes:,.0f}"
        lines.append(f"| {kind} | {DAY[kind]:g} | {times} | {counts} |\n")
    return "".join(lines)


def _machines(person: Load) -> str:
    """Write what so many people need in the busiest minutes."""
    return MACHINES + "".join(f"| {_row(people, person)} |\n" for people in SIZES)


def _row(people: int, person: Load) -> str:
    schools = ceil(people / SCHOOL)
    each = people / schools
    figures = (
        f"{people:,}",
        f"{schools:,}",
        f"{people * person.requests_a_second:,.0f}",
        f"{people * person.writes_a_second:,.1f}",
        # Small installations share machines.
        f"{ceil(people * (person.web + person.jobs) / BUSY / CORES):,}",
        f"{each * person.database / BUSY:.1f}",
        f"{each * person.redis / BUSY:.1%}",
        f"{people * REDIS_BYTES_OF_A_PERSON / 1e9:,.1f}",
        f"{each * person.log_bytes_a_second / 1e3:,.0f}",
    )
    return " | ".join(figures)


def _limits(person: Load) -> str:
    """Write where one installation ends, the first limit first."""
    found = sorted(limits(person).items(), key=lambda limit: limit[1])
    return LIMITS + "".join(f"| {part} | {people:,.0f} |\n" for part, people in found)
