"""Go through the life of a job, one transaction at a time, as each process does that runs jobs."""

from __future__ import annotations

from flask import Flask

from database import reading, writing
from jobs import claims
from jobs.claims import Claimed, Outcome
from jobs.registry import Registry, registry_of
from jobs.work import give_back, perform


def note_and_claim(ended: Outcome | None, registry: Registry, who: str) -> Claimed | None:
    """Note how one job ended and take the next one: there is a single COMMIT between the two."""
    with writing() as session:
        if ended:
            claims.settle(session, ended)
        return claims.claim(session, who, registry.now())


def note(ended: Outcome) -> None:
    """Note how a job ended."""
    with writing() as session:
        claims.settle(session, ended)


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


def drain(app: Flask, who: str = "drain") -> int:
    """Run all jobs that are due, here and now, and return how many were begun.

    What fails is tried again later, as by a runner.
    """
    number = 0
    with app.app_context():
        registry = registry_of(app)
        recover(registry)
        job = note_and_claim(None, registry, who)
    while job:
        number += 1
        with app.app_context():
            job = note_and_claim(perform(job, registry), registry, who)
    return number
