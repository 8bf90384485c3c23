"""Bring the demo school into an empty database, in the order in which its story happened.

Every step goes through the service that people use, at the time at which it happened, so histories and dates are real.
All of it lies before today and counts from the present day in UTC: on one day the school is always the same.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import itemgetter
from pathlib import Path

from sqlalchemy import select

import events
from accounts.models import User
from accounts.sign_in import service as sign_ins
from config import private_file
from database import writing
from demo import looks, week
from demo.people import ADMIN, OFFICE, SHOWN, STUDENTS, TEACHERS
from demo.school import School
from errors import EmailTaken, WrongCredentials

PEOPLE = (ADMIN, OFFICE, *TEACHERS, week.TEACHER, *STUDENTS, *week.STUDENTS)


@dataclass(frozen=True, slots=True)
class SignIn:
    """How a visitor can sign in."""

    role: str
    name: str
    email: str
    password: str


def load_if_empty(instance: Path, now: datetime) -> list[SignIn]:
    """Load the school if nobody has an account yet.

    Return sign-ins of the demo school that work, if there are any.

    All demo accounts share one random password, which is kept in `instance`.
    """
    password_file = instance / "demo-password"
    if _nobody_there():
        try:
            load(private_file(password_file, lambda: secrets.token_hex(8)), now)
        except EmailTaken:
            # Another machine loads into the same database; it was first, and this transaction left nothing behind.
            return []
    return _working_sign_ins(password_file.read_text()) if password_file.exists() else []


def load(password: str, now: datetime) -> None:
    """Make the school in one transaction: whoever interrupts it finds the database as empty as before."""
    today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    school = School(today, password)
    with writing() as session, events.unheard(session):
        looks.choose(today)
        for moment, step in sorted(school.steps(), key=itemgetter(0)):
            step(moment)


def _nobody_there() -> bool:
    with writing() as session:
        return session.scalar(select(User.id).limit(1)) is None


def _working_sign_ins(password: str) -> list[SignIn]:
    """Try them: their owners may have changed the password, and an operator may have closed the account."""
    people = {person.key: person for person in PEOPLE}
    shown = [people[key] for key in SHOWN]
    return [
        SignIn(person.role, person.name, person.email, password) for person in shown if _works(person.email, password)
    ]


def _works(email: str, password: str) -> bool:
    try:
        sign_ins.authenticate(email, password)
    except WrongCredentials:
        return False
    return True
