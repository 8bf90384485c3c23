"""What HAProxy before the workers costs: the same hits through it and without it."""

from __future__ import annotations

from benchmarks import wrk
from benchmarks.stand import SECONDS, Stand, bearer, get
from benchmarks.stats import ratio
from support.servers import LecternServer

TEACHER = 1
ROUNDS = 8
WORKERS = 2
THREADS = 4


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school()
        headers = bearer(school.token(TEACHER))
        environ = {**school.environ, "REDIS_URL": stand.redis.url, "CACHE_AUDIT_SHARE": "0"}
        environ |= {"WEB_CONCURRENCY": str(WORKERS), "WEB_THREADS": str(THREADS)}
        with LecternServer(school.folder / "instance", environ) as front:
            urls = (
                f"{front.url}/api/bookings",
                f"{stand.serve(school, workers=WORKERS, threads=THREADS)}/api/bookings",
            )
            for url in urls:
                get(url, headers)
            rounds = [[wrk.run(url, seconds=SECONDS, headers=headers) for url in urls] for _ in range(ROUNDS)]
    through, direct = zip(*rounds, strict=True)
    assert not any(load.errors for load in (*through, *direct))
    rows = {
        "throughput": ratio([load.rate for load in through], [load.rate for load in direct]),
        "median": ratio([load.p50 for load in through], [load.p50 for load in direct]),
        "99th percentile": ratio([load.p99 for load in through], [load.p99 for load in direct]),
    }
    return (
        f"{WORKERS} workers, {THREADS} threads each, {wrk.CONNECTIONS} connections, one list from the cache: through "
        "HAProxy against granian alone. Load, HAProxy, workers and Redis share the machine's processor cores.\n\n"
        "| | ratio |\n|---|---|\n" + "\n".join(f"| {name} | {figure} |" for name, figure in rows.items()) + "\n"
    )
