"""The life of a job's row: claimed under a lease, then deleted, tried again later, or dead.

    waiting ── claim ──> running ── done ──> no row
       ^                    |
       └──── failed ────────┴── failed too often ──> dead, until an operator has it tried again

Each step is a compare-and-swap on the row: it changes only what is still this process's. On PostgreSQL several
processes claim side by side, each skipping the rows that another one has locked; on SQLite one follows another.
"""

from __future__ import annotations

import random
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from database import alias_of, change_in_bulk
from jobs.models import LONGEST_ERROR, Job, JobState

# A runner renews its leases three times in this time. Whoever finds one run out takes the job over.
LEASE = timedelta(seconds=30)
FIRST_PAUSE = timedelta(seconds=15)
LONGEST_PAUSE = timedelta(hours=1)
# So many interrupted jobs are given back at a time.
BATCH = 100
INTERRUPTED = "The process that ran it ended, or could not reach the database."

_Other = alias_of(Job)
_WAITING, _RUNNING = Job.state == JobState.WAITING, Job.state == JobState.RUNNING
# One job of a key at a time.
_KEY_IS_FREE = or_(Job.key.is_(None), ~exists().where(_Other.key == Job.key, _Other.state == JobState.RUNNING))
_IS_REPLACED = exists().where(_Other.key == Job.key, _Other.state == JobState.WAITING)
_COLUMNS: tuple[Any, ...] = (Job.id, Job.name, Job.arguments, Job.run_at, Job.attempts, Job.leased_by)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A job as a process has claimed it.

    No other claim has the same `id`, `attempts` and `leased_by`.
    """

    id: int
    name: str
    arguments: str
    run_at: datetime
    attempts: int
    leased_by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """How the run of a job ended.

    `error` is None if it succeeded. Without `again_at` a failed one is dead.
    """

    job: Claimed
    error: str | None = None
    again_at: datetime | None = None


def named(name: str) -> ColumnElement[bool]:
    """Match the jobs of one name."""
    return Job.name == name


def not_named(names: Collection[str]) -> ColumnElement[bool]:
    """Match the jobs of all other names."""
    return Job.name.not_in(names)


def is_due(connection: Connection, now: datetime, *which: ColumnElement[bool]) -> bool:
    """Tell whether one of these jobs could be claimed."""
    return connection.scalar(_due(now, *which).with_only_columns(Job.id).limit(1)) is not None


def claim(session: Session, who: str, now: datetime, *which: ColumnElement[bool]) -> Claimed | None:
    """Take that of these jobs which has waited longest, if one is due."""
    return _claim(session, _due(now, *which).limit(1).with_for_update(skip_locked=True, of=Job), who, now)


def claim_named(session: Session, job_id: int, who: str, now: datetime) -> Claimed | None:
    """Take this one job, if it is still due."""
    # Whoever handed it on may not have committed that yet, so this waits for the row.
    return _claim(session, _due(now).where(Job.id == job_id).with_for_update(of=Job), who, now)


def settle(session: Session, outcome: Outcome) -> None:
    """Write down how a run ended, unless the lease was lost meanwhile: then it is another one's to say."""
    mine = _is(outcome.job)
    if outcome.error is None:
        change_in_bulk(session, delete(Job).where(mine))
        return
    superseded = delete(Job).where(mine, or_(Job.cancelled, _IS_REPLACED))
    if change_in_bulk(session, superseded):
        return
    values: dict[str, Any] = {"last_error": outcome.error[:LONGEST_ERROR], "lease_until": None, "leased_by": None}
    if outcome.again_at is None:
        values["state"] = JobState.DEAD
    else:
        values |= {"state": JobState.WAITING, "run_at": outcome.again_at}
    try:
        with session.begin_nested():
            change_in_bulk(session, update(Job).where(mine).values(values))
    except IntegrityError:
        # Another job of its key was written at this very moment, and takes its place.
        change_in_bulk(session, delete(Job).where(mine))


def renew(session: Session, jobs: list[Claimed], now: datetime) -> None:
    """Prolong the leases of jobs that are still being run."""
    mine = or_(*(_is(job) for job in jobs))
    change_in_bulk(session, update(Job).where(mine).values(lease_until=now + LEASE))


def is_interrupted(connection: Connection, now: datetime) -> bool:
    """Tell whether the lease of a job has run out."""
    return connection.scalar(_lost(now).with_only_columns(Job.id).limit(1)) is not None


def interrupted(session: Session, now: datetime) -> list[Claimed]:
    """Return jobs whose lease has run out, and keep others from giving them back, too."""
    return [Claimed(*row) for row in session.execute(_lost(now).limit(BATCH).with_for_update(skip_locked=True))]


def is_to_be_handed(connection: Connection, now: datetime, *which: ColumnElement[bool]) -> bool:
    """Tell whether one of these jobs could be handed to Celery."""
    found = _due(now, *which, _not_handed(now)).with_only_columns(Job.id)
    return connection.scalar(found.limit(1)) is not None


def hand_on(
    session: Session, who: str, until: datetime, now: datetime, *which: ColumnElement[bool], most: int, ahead: int
) -> list[tuple[int, str]]:
    """Mark some of these jobs as handed to Celery, and return their ids and names.

    They are at most `most`, and at most `ahead` with those that were handed on before and have not begun.
    """
    handed = session.scalar(select(func.count()).where(_WAITING, Job.lease_until > now)) or 0
    wanted = _due(now, *which, _not_handed(now)).limit(max(0, min(most, ahead - handed)))
    jobs = [(row.id, row.name) for row in session.execute(wanted.with_for_update(skip_locked=True, of=Job))]
    marked = update(Job).where(Job.id.in_([job_id for job_id, _ in jobs])).values(lease_until=until, leased_by=who)
    if jobs:
        change_in_bulk(session, marked)
    return jobs


def take_back(session: Session, job_ids: Sequence[int], who: str) -> None:
    """Let jobs wait that could not be handed on after all."""
    handed = update(Job).where(Job.id.in_(job_ids), _WAITING, Job.leased_by == who)
    change_in_bulk(session, handed.values(lease_until=None, leased_by=None))


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait before the next attempt: twice as long each time.

    Up to half of it is left to chance, so that what failed together is not tried again together.
    """
    longest = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(attempts - 1, 20))
    return timedelta(seconds=longest.total_seconds() * random.uniform(0.5, 1.0))  # noqa: S311 - jitter, not a secret


def _lost(now: datetime) -> Select[Any]:
    return select(*_COLUMNS).where(_RUNNING, Job.lease_until <= now).order_by(Job.id)


def _due(now: datetime, *which: ColumnElement[bool]) -> Select[Any]:
    return select(*_COLUMNS).where(_WAITING, Job.run_at <= now, _KEY_IS_FREE, *which).order_by(Job.run_at, Job.id)


def _not_handed(now: datetime) -> ColumnElement[bool]:
    return or_(Job.lease_until.is_(None), Job.lease_until <= now)


def _claim(session: Session, wanted: Select[Any], who: str, now: datetime) -> Claimed | None:
    row = session.execute(wanted).one_or_none()
    if row is None:
        return None
    values = {"state": JobState.RUNNING, "attempts": row.attempts + 1, "lease_until": now + LEASE, "leased_by": who}
    change_in_bulk(session, update(Job).where(Job.id == row.id).values(values))
    return Claimed(row.id, row.name, row.arguments, row.run_at, row.attempts + 1, who)


def _is(job: Claimed) -> ColumnElement[bool]:
    """Match the row as long as this claim of it holds."""
    return and_(Job.id == job.id, _RUNNING, Job.leased_by == job.leased_by, Job.attempts == job.attempts)
