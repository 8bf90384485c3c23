"""The table of what has to be right around the data: settings, servers, jobs, clocks, disks."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from config import Settings
from operators.doctor import machine, servers


@dataclass(frozen=True, slots=True)
class Surrounding:
    """One thing to look at, and what is true of it."""

    name: str
    says: str
    find: Callable[[Settings], Iterable[str]]
    # It can be asked only while the database can.
    needs_database: bool = False
    # While something is wrong here, no row can be read.
    bars_reading: bool = False
    # It is there only while Lectern runs.
    runs: bool = False


SURROUNDINGS = (
    Surrounding("configuration", "complete, and private where it has to be", machine.wrong_settings),
    Surrounding("database", "it can be reached", servers.unreachable_database, bars_reading=True),
    Surrounding(
        "migrations",
        "the tables are those of this version",
        servers.wrong_tables,
        needs_database=True,
        bars_reading=True,
    ),
    Surrounding("changes", "the database takes them", servers.refused_changes, needs_database=True),
    Surrounding("redis", "as the cache needs it", servers.wrong_redis, needs_database=True, runs=True),
    Surrounding("jobs", "done in time, none given up", servers.wrong_jobs, needs_database=True, runs=True),
    Surrounding("mail", "its server lets us in, or files take its place", servers.wrong_mail, runs=True),
    Surrounding("clock", "that of the database", servers.clock_unlike_the_databases, needs_database=True),
    Surrounding("redis clock", "that of Redis", servers.clock_unlike_that_of_redis, runs=True),
    Surrounding("disk", "room for what is written, and for a copy of it", machine.full_disks),
)
