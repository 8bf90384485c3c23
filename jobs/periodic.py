"""Do what is to be done now and then, once for all machines.

A row for each piece of work says when it is due next.

A process takes what is due by a compare-and-swap on that row, under a lease like a job's. Times of one piece stay
`every` apart; after an interruption what was missed is made up for by one run. Work that says itself when there is
something to do is done before its time.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import perf_counter

from sqlalchemy import ColumnElement, Connection, and_, func, or_, select, update
from sqlalchemy.orm import Session

from database import change_in_bulk, insert_into, reading, writing
from errors import Unavailable
from jobs import metrics
from jobs.claims import LEASE
from jobs.models import PeriodicRun
from jobs.registry import Periodic, Registry

# What is due for longer than this, and is not being done, means that no runner is at work.
LATE = timedelta(minutes=2)
# Between two runs of what there is always something to do for.
PAUSE = timedelta(seconds=1)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Run:
    """A run of periodic work as a process has claimed it."""

    name: str
    due_at: datetime
    leased_by: str


def declare(registry: Registry) -> None:
    """Add the rows of work that is new: it is due at once.

    Several processes may do so at the same time.
    """
    with reading() as connection:
        new = registry.periodic.keys() - set(connection.scalars(select(PeriodicRun.name)))
    if new:
        with writing() as session:
            rows = insert_into(PeriodicRun, session.get_bind().dialect.name).on_conflict_do_nothing()
            session.execute(rows, [{"name": name, "due_at": registry.now()} for name in sorted(new)])


def begin_anew(registry: Registry) -> None:
    """Let what was due while no server ran be due now, so that nothing seems to be late."""
    declare(registry)
    with writing() as session:
        late = update(PeriodicRun).where(PeriodicRun.due_at < registry.now()).values(due_at=registry.now())
        change_in_bulk(session, late)


def is_due(connection: Connection, registry: Registry) -> bool:
    """Tell whether something could be claimed."""
    due = _due(registry, _wanted(connection, registry))
    return connection.scalar(select(PeriodicRun.name).where(*due).limit(1)) is not None


def is_late(connection: Connection, names: Collection[str], now: datetime) -> bool:
    """Tell whether work is not done, because no runner is there."""
    in_time = or_(PeriodicRun.due_at > now - LATE, PeriodicRun.lease_until > now)
    kept = connection.scalar(select(func.count()).where(PeriodicRun.name.in_(names), in_time)) or 0
    return kept < len(names)


def claim(registry: Registry, who: str) -> Run | None:
    """Take what has been due longest, if anything is."""
    columns = (PeriodicRun.name, PeriodicRun.due_at)
    with reading() as connection:
        wanted = _wanted(connection, registry)
    first = select(*columns).where(*_due(registry, wanted)).order_by(PeriodicRun.due_at).limit(1)
    with writing() as session:
        row = session.execute(first.with_for_update(skip_locked=True)).one_or_none()
        if row is None:
            return None
        # Each claim has a name of its own, because the same process may lose one and make the next.
        who = f"{who}:{secrets.token_hex(4)}"
        taken = update(PeriodicRun).where(PeriodicRun.name == row.name)
        values = {"lease_until": registry.now() + LEASE, "leased_by": who}
        change_in_bulk(session, taken.values(values))
        return Run(row.name, row.due_at, who)


def perform(run: Run, registry: Registry) -> None:
    """Do the work.

    A failure is logged; the next run is its repetition.
    """
    began, failed = perf_counter(), True
    try:
        registry.periodic[run.name].run(registry.now())
        failed = False
    except Unavailable as error:
        # That the database is away stands in the log once; each turn need not say it again.
        logger.debug("%s has to wait: %s", run.name, error)
    except BaseException:
        # Also what would only end this thread, such as SystemExit.
        logger.exception("The periodic work %s failed; its next turn comes all the same.", run.name)
    metrics.note(run.name, perf_counter() - began, failed=failed)


def finish(run: Run, registry: Registry) -> bool:
    """Say when it is due next.

    Tell whether it was still ours to say, because the lease was not lost.
    """
    every, now = registry.periodic[run.name].every, registry.now()
    due_at = run.due_at + every
    # What was done before its time begins to count anew.
    in_step = run.due_at <= now < due_at
    values = {"due_at": due_at if in_step else now + every, "lease_until": None, "leased_by": None}
    with writing() as session:
        done = update(PeriodicRun).where(_is(run)).values(values)
        return change_in_bulk(session, done) == 1


def renew(session: Session, runs: Collection[Run], now: datetime) -> None:
    """Prolong the leases of runs that are under way."""
    mine = or_(*(_is(run) for run in runs))
    change_in_bulk(session, update(PeriodicRun).where(mine).values(lease_until=now + LEASE))


def _wanted(connection: Connection, registry: Registry) -> list[Periodic]:
    """Return the work that there is something to do for, whatever the time."""
    return [one for one in registry.periodic.values() if one.when and one.when(connection)]


def _due(registry: Registry, wanted: Iterable[Periodic]) -> tuple[ColumnElement[bool], ...]:
    now = registry.now()
    free = or_(PeriodicRun.lease_until.is_(None), PeriodicRun.lease_until <= now)
    # Each run leaves its time at `every` from its end, so that says how long it has rested.
    rested = (and_(PeriodicRun.name == one.name, PeriodicRun.due_at <= now + one.every - PAUSE) for one in wanted)
    return PeriodicRun.name.in_(registry.periodic), or_(PeriodicRun.due_at <= now, *rested), free


def _is(run: Run) -> ColumnElement[bool]:
    """Match the row as long as this claim of it holds."""
    return and_(PeriodicRun.name == run.name, PeriodicRun.leased_by == run.leased_by, PeriodicRun.due_at == run.due_at)
