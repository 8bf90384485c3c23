"""Run one job: find its handler, call it, and say what comes of it."""

from __future__ import annotations

import logging
from time import perf_counter

from sqlalchemy.exc import SQLAlchemyError

from jobs import metrics
from jobs.claims import INTERRUPTED, Claimed, Outcome, pause_after
from jobs.registry import CannotSucceed, Handler, Registry
from jsontext import JsonObject, loads
from outages import reason_of

logger = logging.getLogger(__name__)


def perform(job: Claimed, registry: Registry) -> Outcome:
    """Run a job in the present app context.

    No exception of its handler leaves it.
    """
    handler, began = registry.handler(job.name), perf_counter()
    try:
        handler.run(_arguments(job), registry.now())
        outcome = Outcome(job)
    except CannotSucceed as error:
        outcome = _dead(job, str(error))
    except BaseException as error:
        # Also what would only end this thread, such as SystemExit: then no other job would be run.
        outcome = _failed(job, handler, error, registry)
    metrics.note(job.name, perf_counter() - began, failed=outcome.error is not None)
    return outcome


def give_back(job: Claimed, registry: Registry, reason: str = INTERRUPTED) -> Outcome:
    """Say what comes of a job whose run was interrupted.

    It is due at once, unless that has happened too often.
    """
    if job.attempts >= registry.handler(job.name).attempts:
        return _dead(job, reason)
    logger.warning("Job %d (%s) was interrupted at attempt %d; it runs again.", job.id, job.name, job.attempts)
    return Outcome(job, reason, registry.now())


def overdue(job: Claimed, registry: Registry) -> Outcome:
    """Say what comes of a job that takes longer than its handler may."""
    handler = registry.handler(job.name)
    return _failed(job, handler, TimeoutError(f"It took longer than {handler.limit.total_seconds():g} s."), registry)


def _arguments(job: Claimed) -> JsonObject:
    try:
        arguments = loads(job.arguments)
    except ValueError:
        arguments = None
    if not isinstance(arguments, dict):
        raise CannotSucceed("Its arguments are no JSON object.")
    return arguments


def _failed(job: Claimed, handler: Handler, error: BaseException, registry: Registry) -> Outcome:
    reason = reason_of(error) if isinstance(error, SQLAlchemyError) else f"{type(error).__name__}: {error}"
    if job.attempts >= handler.attempts:
        return _dead(job, reason, error)
    pause = pause_after(job.attempts)
    where = f"{job.attempts} of {handler.attempts}"
    seconds = pause.total_seconds()
    logger.warning("Job %d (%s) failed at attempt %s; next in %d s: %s", job.id, job.name, where, seconds, reason)
    return Outcome(job, reason, registry.now() + pause)


def _dead(job: Claimed, reason: str, error: BaseException | None = None) -> Outcome:
    logger.error("Job %d (%s) is dead: %s", job.id, job.name, reason, exc_info=error)
    return Outcome(job, reason)
