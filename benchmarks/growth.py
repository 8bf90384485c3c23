"""Whether a hit and a miss cost the same in a large school as in a small one."""

from __future__ import annotations

from benchmarks.misses import TEACHER, asking_anew
from benchmarks.school import School
from benchmarks.stand import FULL, Stand, bearer, get, rate_of
from benchmarks.stats import interleaved, ratio

MANY_BOOKINGS = 1_000_000 if FULL else 100_000
MANY_USERS = 100_000


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        schools = {
            "10,000 bookings, 100 users": stand.school("small", users=100, bookings=10_000),
            f"{MANY_BOOKINGS:,} bookings, 100 users": stand.school("bookings", users=100, bookings=MANY_BOOKINGS),
            f"10,000 bookings, {MANY_USERS:,} users": stand.school("users", users=MANY_USERS, bookings=10_000),
        }
        urls = [stand.serve(school, redis=stand.another_redis()) for school in schools.values()]
        served = list(zip(schools.values(), urls, strict=True))
        for school, url in served:
            get(f"{url}/api/bookings", bearer(school.token(TEACHER)))
        hits = interleaved([_hitting(*side) for side in served])
        misses = interleaved([asking_anew(*side) for side in served])
    rows = [
        f"| {name} | {ratio(hits[i], hits[0])} | {ratio(misses[i], misses[0])} |" for i, name in enumerate(schools) if i
    ]
    head = "| against 10,000 bookings of 100 users | hit | miss |\n|---|---|---|\n"
    return head + "\n".join(rows) + "\n\nRatios of throughputs; 1 means that size does not matter.\n"


def _hitting(school: School, url: str):  # type: ignore[no-untyped-def]
    return rate_of(f"{url}/api/bookings", headers=bearer(school.token(TEACHER)))
