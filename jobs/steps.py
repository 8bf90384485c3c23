"""Go through the life of a job, one transaction at a time, as each process does that runs jobs."""

from __future__ import annotations

import os
import secrets
import socket
from time import sleep

from flask import Flask
from sqlalchemy import ColumnElement

from database import reading, writing
from errors import LecternError
from jobs import claims
from jobs.claims import Claimed, Outcome
from jobs.leases import Leases
from jobs.registry import Registry, registry_of
from jobs.work import give_back, perform

# So often what happened is noted again while the database is away, once a second.
ATTEMPTS_TO_NOTE = 60


def note_and_claim(ended: Outcome | None, registry: Registry, who: str, *which: ColumnElement[bool]) -> Claimed | None:
    """Note how one job ended and take the next one of these: there is a single COMMIT between the two."""
    with writing() as session:
        if ended:
            claims.settle(session, ended)
        return claims.claim(session, who, registry.now(), *which)


def note(ended: Outcome) -> None:
    """Note how a job ended."""
    with writing() as session:
        claims.settle(session, ended)


def run_one(job_id: int, registry: Registry, leases: Leases) -> None:
    """Run this one job, if it is still due."""
    with writing() as session:
        job = claims.claim_named(session, job_id, this_process(), registry.now())
    if job is None:
        return
    with leases.held(job, registry.handler(job.name).limit):
        ended = perform(job, registry)
    _note_patiently(ended)


def this_process() -> str:
    """Name this process as no other was or will be."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"


def recover(registry: Registry) -> int:
    """Give back the jobs whose runner is gone, and return how many."""
    with reading() as connection:
        if not claims.is_interrupted(connection, registry.now()):
            return 0
    with writing() as session:
        lost = claims.interrupted(session, registry.now())
        for job in lost:
            claims.settle(session, give_back(job, registry))
    return len(lost)


def drain(app: Flask) -> int:
    """Run all jobs that are due, here and now, and return how many were begun.

    What fails is tried again later, as by a runner.
    """
    number, who, leases = 0, this_process(), Leases(app)
    with app.app_context():
        registry = registry_of(app)
        recover(registry)
        job = note_and_claim(None, registry, who)
    while job:
        number += 1
        with app.app_context():
            with leases.held(job, registry.handler(job.name).limit):
                ended = perform(job, registry)
            job = note_and_claim(ended, registry, who)
    return number


def _note_patiently(ended: Outcome) -> None:
    """Note how a job ended, if need be when the database is back: a job that is not noted is run again."""
    for _ in range(ATTEMPTS_TO_NOTE):
        try:
            note(ended)
        except LecternError:
            sleep(1)
        else:
            return
    note(ended)
