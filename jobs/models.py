"""Tables of jobs, and of what is done periodically."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Integer, String, Text, false
from sqlalchemy.orm import Mapped, mapped_column

from database import Id, Instant, enum_column, one_of, only_where
from extensions import Base

LONGEST_NAME, LONGEST_KEY, LONGEST_ERROR = 80, 200, 500


class JobState(StrEnum):
    """Where a job stands.

    One that is done has no row any more.
    """

    WAITING = "waiting"
    RUNNING = "running"
    # It was tried as often as its handler wants, and is kept for an operator to look at.
    DEAD = "dead"


class Job(Base):
    """One piece of work.

    Nothing secret is in `arguments`, which operators can read.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        CheckConstraint(one_of("state", JobState), name="state"),
        # What a runner looks for: what has waited longest.
        Index("ix_jobs_state_run_at", "state", "run_at", "id"),
        # The same of a name that has a thread of its own.
        Index("ix_jobs_name", "name", "state", "run_at", "id"),
        # A new job replaces the waiting one of its key.
        Index("uq_jobs_key_waiting", "key", unique=True, **only_where("state = 'waiting'")),
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(LONGEST_NAME))
    arguments: Mapped[str] = mapped_column(Text)
    key: Mapped[str | None] = mapped_column(String(LONGEST_KEY))
    state: Mapped[JobState] = mapped_column(enum_column(JobState, 10), default=JobState.WAITING)
    run_at: Mapped[datetime] = mapped_column(Instant)
    # How often it was begun.
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    # A running job belongs to `leased_by` until then, and to nobody afterwards. A waiting one that was handed to
    # Celery is not handed on again before.
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    leased_by: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
    # It was cancelled while it ran: this run goes on, and no other follows.
    cancelled: Mapped[bool] = mapped_column(default=False, server_default=false())
    last_error: Mapped[str | None] = mapped_column(String(LONGEST_ERROR))
    created_at: Mapped[datetime] = mapped_column(Instant)


class PeriodicRun(Base):
    """When a piece of periodic work is due next, and who does it now."""

    __tablename__ = "periodic_runs"

    name: Mapped[str] = mapped_column(String(LONGEST_NAME), primary_key=True)
    due_at: Mapped[datetime] = mapped_column(Instant)
    lease_until: Mapped[datetime | None] = mapped_column(Instant)
    leased_by: Mapped[str | None] = mapped_column(String(LONGEST_NAME))
