"""Measure what announcing a change costs, with few and with many answers cached."""

from __future__ import annotations

import time
from collections.abc import Callable

import tags
from app import create_app
from benchmarks.school import SECRET
from benchmarks.stand import Stand
from benchmarks.stats import interleaved, ratio
from caching import invalidate
from caching.keys import VALUE_PREFIX
from config import Settings
from database import writing
from support.monitor import monitor
from support.servers import RedisServer

# Cached variants of one person's list, and the id of the person who has so many.
VARIANTS = {10: 101, 1_000: 102, 100_000: 103}
CHANGES = 150


def run() -> str:
    """Measure and return a table."""
    with Stand() as stand:
        school = stand.school(bookings=2_000)
        settings = Settings(
            instance=stand.folder / "instance",
            database_url=school.database_url,
            redis_url=stand.redis.url,
            secret_key=SECRET,
        )
        app = create_app(settings)
        _fill(stand.redis)
        with app.app_context():
            commands = {number: _commands(stand.redis, user_id) for number, user_id in VARIANTS.items()}
            times = interleaved([_changing(user_id) for user_id in VARIANTS.values()])
    rows = [
        f"| {number:,} | {commands[number]} | {ratio(took, times[0])} |"
        for number, took in zip(VARIANTS, times, strict=True)
    ]
    head = (
        "| cached variants | Redis commands in two pipelines | time of a change, against 10 variants |\n|---|---|---|\n"
    )
    return (
        head + "\n".join(rows) + "\n\nA change that touches three tags: both people's lists and the administrators'.\n"
    )


def _fill(redis: RedisServer) -> None:
    with redis.client() as client:
        for number, user_id in VARIANTS.items():
            pipeline = client.pipeline(transaction=False)
            for variant in range(number):
                pipeline.set(f"{VALUE_PREFIX}{{user:{user_id}}}:bookings:{variant:032x}", b"x" * 100)
            pipeline.execute()


def _change(user_id: int) -> None:
    with writing() as session:
        session.connection()
        invalidate(tags.user_bookings(user_id), tags.user_bookings(1), tags.all_bookings())


def _commands(redis: RedisServer, user_id: int) -> int:
    _change(user_id)
    with monitor(redis) as commands:
        _change(user_id)
    return len(commands)


def _changing(user_id: int) -> Callable[[], float]:
    def measure() -> float:
        began = time.perf_counter()
        for _ in range(CHANGES):
            _change(user_id)
        return time.perf_counter() - began

    return measure
