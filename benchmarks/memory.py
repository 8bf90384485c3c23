"""Measure what cached answers take in Redis, compressed or not, and when memory is short."""

from __future__ import annotations

import os
import random
import time
import zlib
from itertools import accumulate
from pathlib import Path

from benchmarks.environments import PLAIN, python_with
from benchmarks.misses import asking_anew
from benchmarks.school import School
from benchmarks.stand import SECONDS, Stand, bearer, get
from caching.keys import TAG_PREFIX, VALUE_PREFIX
from support.processes import family
from support.servers import RedisServer

PEOPLE = 300
ROUNDS = 1_500
QUESTIONS = 100_000
PATHS = ("/api/bookings", "/api/bookings?status=accepted", "/api/gigs", "/api/teachers", "/api/users/me")
# How much memory Redis gets, as shares of what everything takes.
SHARES = (1.0, 0.75, 0.5, 0.25)


def run() -> str:
    """Measure and return tables."""
    with Stand() as stand:
        school = stand.school()
        url = stand.serve(school)
        empty = _used(stand.redis)
        for person in range(1, PEOPLE + 1):
            for path in PATHS:
                get(url + path, bearer(school.token(person)))
        whole = _used(stand.redis)
        text = (
            _by_family(stand.redis) + f"\nOne active person takes {(whole - empty) / PEOPLE / 1024:.1f} KB in all.\n\n"
        )
        text += _compression(stand.redis)
        return text + _shortage(school, url, stand.redis, empty, whole) + _worker(stand, school)


def _used(redis: RedisServer) -> int:
    with redis.client() as client:
        return int(client.info("memory")["used_memory"])


def _by_family(redis: RedisServer) -> str:
    sizes: dict[str, list[int]] = {}
    with redis.client() as client:
        for key in client.scan_iter(f"*{VALUE_PREFIX}*", count=1000):
            sizes.setdefault(key.decode().split(":")[-2], []).append(client.memory_usage(key))
        tokens = [client.memory_usage(key) for key in client.scan_iter(f"*{TAG_PREFIX}*", count=1000)]
    rows = [f"| {name} | {sum(found) // len(found):,} |" for name, found in sorted(sizes.items())]
    rows.append(f"| (a tag's token) | {sum(tokens) // len(tokens):,} |")
    return "| family | bytes an answer |\n|---|---|\n" + "\n".join(rows) + "\n"


def _compression(redis: RedisServer) -> str:
    """Compare a hit's checksum with unpacking what would be stored instead."""
    with redis.client() as client:
        keys = list(client.scan_iter(f"*{VALUE_PREFIX}*:bookings:*", count=1000))[:100]
        values = [client.get(key) for key in keys]
    packed = [zlib.compress(value, 1) for value in values]
    began = time.perf_counter()
    for value in packed:
        zlib.decompress(value)
    unpacking = (time.perf_counter() - began) / len(packed) * 1e6
    share = sum(map(len, packed)) / sum(map(len, values))
    return (
        f"Lists of lessons would shrink to {share:.0%} with zlib's fastest level, and each hit would take "
        f"{unpacking:.0f} µs more to unpack.\n\n"
    )


def _shortage(school: School, url: str, redis: RedisServer, empty: int, whole: int) -> str:
    chance = random.Random(7)
    busy = list(accumulate(1 / rank for rank in range(1, PEOPLE + 1)))
    rows = []
    for share in SHARES:
        redis.config_set("maxmemory", int(empty + (whole - empty) * share) if share < 1 else 0)
        hits = 0
        for person in chance.choices(range(1, PEOPLE + 1), cum_weights=busy, k=ROUNDS):
            page = get(url + chance.choice(PATHS[:2]), bearer(school.token(person)))
            hits += page.endswith(b'"cached":true}')
        rows.append(f"| {share:.0%} | {hits / ROUNDS:.1%} |")
    redis.config_set("maxmemory", 0)
    head = "| memory for what is cached | hit rate of own lists, people by Zipf's law |\n|---|---|\n"
    return head + "\n".join(rows) + "\n\nAll answers were right all the time; what was evicted was read anew.\n"


def _worker(stand: Stand, school: School) -> str:
    """Ask a worker very many different questions, and see what it has grown to."""
    plain = python_with(PLAIN)
    assert plain, "Lectern's packages could not be installed a second time."
    ask = asking_anew(school, stand.serve(school, python=plain))
    before, asked = _resident(), 0.0
    while asked < QUESTIONS:
        asked += ask() * SECONDS
    return (
        f"\nA worker that has answered {QUESTIONS:,} different questions takes **{_resident()} MB**, "
        f"{before} MB before the first, where only `requirements.txt` is installed.\n"
    )


def _resident() -> int:
    """Return the megabytes of the largest Python process that this one has started: the worker."""
    started = {pid: command for pid, command in family(os.getpid()).items() if pid != os.getpid()}
    # Redis has been started, too, and holds 100,000 answers.
    python = [pid for pid, command in started.items() if "python" in command]
    pages = [int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in python]
    return max(pages) * os.sysconf("SC_PAGE_SIZE") // 1_000_000
