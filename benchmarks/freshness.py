"""Count stale reads.

People write and read at once over HTTP, and every answer is held against what was acknowledged.

    .venv/bin/python -m benchmarks.freshness                        SQLite, Lectern and the stock peer side by side
    .venv/bin/python -m benchmarks.freshness --database postgresql
    .venv/bin/python -m benchmarks.freshness --fault kill           and while Redis is mistreated
    .venv/bin/python -m benchmarks.freshness --reads 100000         again and again, until there were so many reads

A read is stale if it lacks a booking, or shows an earlier state of one, that a writer had been told about *before* the
read was sent. Each person's reads and writes go over several connections, and so to several worker processes.
"""

from __future__ import annotations

import argparse
import http.client
import json
import multiprocessing
import random
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from benchmarks.environments import FOREIGN, python_with
from benchmarks.faults import FAULTS, mistreat
from benchmarks.servers import serve
from support.servers import PostgresServer, RedisServer

AGE = {"pending": 0, "accepted": 1, "cancelled": 2, "rejected": 2}
# A writer forgets about its oldest bookings, so that all that is checked stands on the first page.
CHECKED = 60
SECRET = "a secret that only this measurement uses"
# Between two changes a writer rests for this long on average, so that lists are read more often than changed.
REST_SECONDS = 0.03


class Variant(NamedTuple):
    """Whose lists are read and changed: what is served, and where in it the bookings are."""

    target: str
    path: str
    # A stranger's environment has none of Lectern's packages, so Lectern stands beside it to register people.
    foreign: bool = False


VARIANTS = {
    "lectern": Variant("wsgi:app", "/api/bookings"),
    "cached": Variant("benchmarks.peers.stock:app", "/peer/cached/bookings"),
    "memoize": Variant("benchmarks.peers.stock:app", "/peer/memoized/bookings"),
    "cacheops": Variant("benchmarks.peers.drf.wsgi:app", "/api/bookings", foreign=True),
}
QUERIES = ("?limit=100&order=-starts_at", "?limit=100&status=pending&status=accepted")


@dataclass
class Tally:
    """What one process of the load has seen."""

    reads: int = 0
    hits: int = 0
    writes: int = 0
    stale: int = 0
    failed: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(mine + theirs for mine, theirs in zip(vars(self).values(), vars(other).values(), strict=True)))


@dataclass
class Pair:
    """A student and a teacher, and how far each of their bookings is known to have come."""

    student: str
    teacher: str
    gig_id: int
    acknowledged: dict[int, int] = field(default_factory=dict)
    next_start: datetime = field(default_factory=lambda: datetime.now(UTC).replace(second=0, microsecond=0))


class Client:
    """Several connections to what is served below a URL, used in turn at random.

    A cut one is opened anew.
    """

    def __init__(self, url: str, connections: int = 3) -> None:
        address = urlsplit(url)
        self._path = address.path
        self._connections = [http.client.HTTPConnection(address.netloc, timeout=15) for _ in range(connections)]

    def send(self, method: str, path: str, token: str | None = None, body: Any = None) -> tuple[int, Any]:
        connection = random.choice(self._connections)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        for attempt in (1, 2):
            try:
                connection.request(method, self._path + path, json.dumps(body) if body is not None else None, headers)
                answer = connection.getresponse()
                text = answer.read()
                return answer.status, json.loads(text) if text else None
            except (http.client.HTTPException, ConnectionError):
                connection.close()
                if attempt == 2 or method != "GET":
                    raise
        raise AssertionError


def main() -> None:
    options = _options()
    for variant in options.variant:
        for fault in options.fault:
            tally = measure(options.database, variant, fault, options.seconds)
            while tally.reads < options.reads:
                tally += measure(options.database, variant, fault, options.seconds)
            print(
                f"{options.database:10} {variant:8} fault={fault:10} reads={tally.reads:7} from-cache={tally.hits:7} "
                f"writes={tally.writes:6} STALE={tally.stale:6} failed={tally.failed}",
                flush=True,
            )


def measure(database: str, variant: str, fault: str, seconds: float) -> Tally:
    """Run the load against a server of its own and return what was seen."""
    with ExitStack() as stack:
        redis = stack.enter_context(RedisServer())
        instance = Path(stack.enter_context(tempfile.TemporaryDirectory())) / "instance"
        environ = {
            "DATABASE_URL": f"sqlite:///{instance.with_name('freshness.db')}",
            "REDIS_URL": redis.url,
            "SECRET_KEY": SECRET,
            "DEMO_DATA": "0",
            "RATELIMIT_ENABLED": "0",
            "CACHE_AUDIT_SHARE": "0",
        }
        if database == "postgresql":
            environ["DATABASE_URL"] = stack.enter_context(PostgresServer()).create_database("freshness")
        target, path, foreign = VARIANTS[variant]
        home = url = stack.enter_context(serve("wsgi:app" if foreign else target, instance, environ))
        if foreign:
            # On the same Redis: two servers on one database would be a mixture, and Lectern would do without a cache.
            python = python_with(FOREIGN)
            assert python, "The packages of this peer could not be installed."
            url = stack.enter_context(serve(target, instance, environ, migrate=False, python=python))
        return _load(home, url + path, seconds, lambda: mistreat(redis, fault))


def _load(home: str, bookings: str, seconds: float, disturb: Callable[[], Any]) -> Tally:
    results: multiprocessing.Queue[Tally] = multiprocessing.Queue()
    processes = [
        multiprocessing.Process(target=_process, args=(home, bookings, seconds, number, results)) for number in range(2)
    ]
    for process in processes:
        process.start()
    with disturb():
        tallies = [results.get(timeout=seconds + 120) for _ in processes]
    for process in processes:
        process.join()
    return sum(tallies, Tally())


def _process(home: str, bookings: str, seconds: float, number: int, results: Any) -> None:
    """Load the server with pairs of people, each with one writer and three readers."""
    pairs = [_pair(Client(home), f"{number}-{i}") for i in range(2)]
    end = time.monotonic() + seconds
    tallies: list[Tally] = []
    threads = [
        threading.Thread(target=_until, args=(end, work, pair, Client(bookings), tallies))
        for pair in pairs
        for work in (_write, _read, _read, _read)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(sum(tallies, Tally()))


def _until(end: float, work: Any, pair: Pair, client: Client, tallies: list[Tally]) -> None:
    tally = Tally()
    while time.monotonic() < end:
        try:
            work(pair, client, tally)
        except (http.client.HTTPException, OSError):
            tally.failed += 1
    tallies.append(tally)


def _write(pair: Pair, client: Client, tally: Tally) -> None:
    """Book a lesson, accept it, and cancel every other one.

    Take note of each acknowledgement.
    """
    time.sleep(random.expovariate(1 / REST_SECONDS))
    pair.next_start += timedelta(hours=1)
    starts_at = pair.next_start.strftime("%Y-%m-%dT%H:%M:%SZ")
    status, booking = client.send("POST", "", pair.student, {"gig_id": pair.gig_id, "starts_at": starts_at})
    if status != 201:
        tally.failed += status >= 500
        return
    _acknowledge(pair, booking, tally)
    for word in ("accepted", "cancelled") if random.random() < 0.5 else ("accepted",):
        time.sleep(random.expovariate(1 / REST_SECONDS))
        status, changed = client.send("PATCH", f"/{booking['id']}", pair.teacher, {"status": word})
        if status == 200:
            _acknowledge(pair, changed, tally)
        else:
            tally.failed += status >= 500


def _acknowledge(pair: Pair, booking: Any, tally: Tally) -> None:
    known = dict(pair.acknowledged)
    known[booking["id"]] = AGE[booking["status"]]
    pair.acknowledged = dict(sorted(known.items())[-CHECKED:])
    tally.writes += 1


def _read(pair: Pair, client: Client, tally: Tally) -> None:
    """Read a list and compare it with what had been acknowledged before the request was sent."""
    acknowledged = pair.acknowledged
    query = random.randrange(len(QUERIES))
    token = random.choice((pair.student, pair.teacher))
    status, page = client.send("GET", QUERIES[query], token)
    if status != 200:
        tally.failed += 1
        return
    tally.reads += 1
    tally.hits += bool(page.get("cached"))
    shown = {booking["id"]: AGE[booking["status"]] for booking in page["data"]}
    tally.stale += _is_stale(shown, acknowledged, active_only=query == 1)


def _is_stale(shown: dict[int, int], acknowledged: dict[int, int], *, active_only: bool) -> bool:
    """Tell whether a list is older than what was acknowledged.

    A list of active lessons may lack cancelled ones.
    """
    for booking_id, age in acknowledged.items():
        if booking_id in shown:
            if shown[booking_id] < age:
                return True
        elif not active_only:
            return True
    return False


def _pair(client: Client, suffix: str) -> Pair:
    student, teacher = (_register(client, role, suffix) for role in ("student", "teacher"))
    gig = {
        "title": "Piano for beginners",
        "description": "We start with one hand, then we take the other one along.",
        "category": "Music",
        "skills": [],
        "price_cents": 3000,
        "currency": "EUR",
        "duration_minutes": 45,
    }
    client.send("PUT", "/api/teachers/me/availability", teacher, {"weekly": None})
    gig_id = client.send("POST", "/api/gigs", teacher, gig)[1]["id"]
    client.send("POST", f"/api/gigs/{gig_id}/status", teacher, {"status": "published"})
    return Pair(student, teacher, gig_id)


def _register(client: Client, role: str, suffix: str) -> str:
    body = {
        "name": f"{role.title()} {suffix}",
        "email": f"{role}-{suffix}@example.org",
        "password": "correct horse battery",
        "role": role,
        "time_zone": "Europe/Berlin",
    }
    return str(client.send("POST", "/api/auth/register", body=body)[1]["access_token"])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS))
    parser.add_argument("--fault", action="append", choices=list(FAULTS))
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--reads", type=int, default=0)
    options = parser.parse_args()
    options.variant = options.variant or list(VARIANTS)
    options.fault = options.fault or ["none"]
    return options


if __name__ == "__main__":
    main()
