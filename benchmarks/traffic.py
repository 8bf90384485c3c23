"""Make typical traffic: a few busy people and many others, who mostly look and sometimes change.

A visit is a handful of requests of one person. They open their list, look at it again a moment later, sometimes filter
it; students mostly look around among gigs and teachers. One request in twenty books a lesson. The same questions go to
a server with the cache and to one without.
"""

from __future__ import annotations

import random
import re
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import accumulate, count, islice

from benchmarks import wrk
from benchmarks.school import NOW, TEACHERS, School
from benchmarks.stand import SECONDS, Stand, get
from benchmarks.stats import PAIRS, interleaved, ratio
from server.background import WRITE_DOWN_SECONDS

PEOPLE = 400
WRITES = 0.05
LINES = 48_000
# Before that, nothing is measured: a school that has just opened has an empty cache.
WARM_UP_RUNS = 6

# What somebody looks at, and how often; an own list is what one lands on, and what one comes back to.
OWN_LISTS = {"": 80, "?status=accepted&status=pending": 12, "?order=starts_at": 4, "?limit=50": 4}
PUBLIC = {
    "gigs": 25,
    "gigs?q=piano": 8,
    "gigs?sort=price": 8,
    "gigs?category=music": 5,
    "gigs/categories": 4,
    "teachers": 6,
    "reviews?user_id=1": 4,
    **{f"gigs/{gig_id}": 2 for gig_id in range(1, TEACHERS + 1)},
}
# Of what students look at.
LOOKING_AROUND = 0.6

_READS = re.compile(r'^lectern_cache_reads_total\{family="([^"]+)",outcome="([^"]+)"\} (\S+)', re.MULTILINE)
_STATEMENTS = re.compile(r'^bench_statements_total\{method="([^"]+)"\} (\S+)', re.MULTILINE)
_REQUESTS = re.compile(r"^lectern_http_request_seconds_count\{.*\} (\S+)", re.MULTILINE)


def run() -> str:
    """Measure and return sentences."""
    with Stand() as stand:
        sides = [_Side(stand, cache_type) for cache_type in ("RedisCache", "NullCache")]
        for _ in range(WARM_UP_RUNS):
            sides[0].measure()
        before = [side.counts() for side in sides]
        rates = interleaved([side.measure for side in sides], PAIRS)
        counts = [side.counts() - early for side, early in zip(sides, before, strict=True)]
    of_reads = 1 - counts[0]["GET"] / counts[1]["GET"] * counts[1]["requests"] / counts[0]["requests"]
    in_all = 1 - _statements(counts[0]) / _statements(counts[1])
    return (
        f"{PEOPLE} people by Zipf's law, {1 - WRITES:.0%} reads, 2 workers. Hit rate **{_hit_rate(counts[0]):.1%}**, "
        f"of lists alone {_hit_rate(counts[0], leave_out='viewer'):.1%}. Reads need **{of_reads:.1%}** fewer SQL "
        f"statements than with `CACHE_TYPE=NullCache`; with those of the writes themselves it is {in_all:.1%} "
        f"({_statements(counts[0]):.2f} instead of {_statements(counts[1]):.2f} a request). Throughput on/off "
        f"**{ratio(*rates)}**.\n"
    )


def _statements(counts: Counter[str]) -> float:
    """Return the SQL statements for one request."""
    return (counts["GET"] + counts["POST"]) / counts["requests"]


def _hit_rate(counts: Counter[str], leave_out: str = "") -> float:
    reads = Counter[str]()
    for name, number in counts.items():
        family, _, outcome = name.partition("/")
        if outcome and outcome != "stale_stamp" and family != leave_out:
            reads[outcome] += number
    return reads["hit"] / reads.total()


def _questions(school: School, chance: random.Random) -> Iterator[str]:
    """Write down visit after visit, one request a line as `questions.lua` reads them."""
    people = [*range(1, TEACHERS + 1), *range(TEACHERS + 1, PEOPLE + 1)]
    chance.shuffle(people)
    busy = list(accumulate(1 / rank for rank in range(1, PEOPLE + 1)))
    tokens = {person: school.token(person) for person in people}
    free = count(1)
    while True:
        (person,) = chance.choices(people, cum_weights=busy)
        student = person > TEACHERS
        for _ in range(chance.randint(3, 8)):
            if student and chance.random() < WRITES * 1.1:
                starts_at = NOW + timedelta(days=30, minutes=45 * next(free))
                body = f'{{"gig_id": {chance.randint(1, TEACHERS)}, "starts_at": "{starts_at:%Y-%m-%dT%H:%M:%SZ}"}}'
                yield f"POST\t/api/bookings\t{tokens[person]}\t{body}"
            elif student and chance.random() < LOOKING_AROUND:
                yield f"GET\t/api/{_choose(PUBLIC, chance)}\t{tokens[person]}\t"
            else:
                yield f"GET\t/api/bookings{_choose(OWN_LISTS, chance)}\t{tokens[person]}\t"


def _choose(weights: dict[str, int], chance: random.Random) -> str:
    return chance.choices(list(weights), list(weights.values()))[0]


class _Side:
    """A server of its own for a school of its own, which all see the same questions."""

    def __init__(self, stand: Stand, cache_type: str) -> None:
        school = stand.school(cache_type)
        self._url = stand.serve(
            school,
            "benchmarks.counted:app",
            workers=2,
            redis=stand.another_redis(),
            CACHE_TYPE=cache_type,
        )
        self._file = school.folder / "questions"
        self._file.write_text("\n".join(islice(_questions(school, random.Random(7)), LINES)) + "\n")
        self._runs = count()

    def measure(self) -> float:
        """Ask from where the last run began, a part further on.

        A 409 is an answer like others.
        """
        place = next(self._runs) * (LINES // (PAIRS + WARM_UP_RUNS))
        load = wrk.run(self._url, seconds=SECONDS, script="questions.lua", arguments=(str(self._file), str(place)))
        return load.rate

    def counts(self) -> Counter[str]:
        """Return what has happened so far: requests, statements, reads by family and outcome."""
        # By then, the worker that is not asked has written down what it observed as well.
        time.sleep(2 * WRITE_DOWN_SECONDS)
        text = get(f"{self._url}/metrics").decode()
        counts = Counter({f"{family}/{outcome}": int(float(n)) for family, outcome, n in _READS.findall(text)})
        counts.update({method: int(float(n)) for method, n in _STATEMENTS.findall(text)})
        counts["requests"] = int(sum(float(number) for number in _REQUESTS.findall(text)))
        return counts
