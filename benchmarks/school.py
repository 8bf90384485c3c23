"""Databases to measure on: a school of any size, and the tokens of the people in it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from flask.sessions import SecureCookieSessionInterface
from flask_migrate import upgrade
from sqlalchemy import Connection, insert, text

from accounts.models import SignIn, User
from accounts.sign_in.cookies import BrowserUser
from accounts.sign_in.tokens import ACCESS_LIFETIME, Credentials, TokenSigner
from app import create_app
from bookings.models import Booking
from config import ROOT, Settings
from extensions import db
from gigs.models import Gig, GigSkill
from schedule.models import Schedule
from schedule.times.rules import NOTHING_SAID

SECRET = "a secret that only benchmarks use"
TEACHERS = 20
BATCH = 10_000
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)


@dataclass(frozen=True)
class School:
    """A database with teachers 1 to 20, students, and bookings at every hour of a teacher's day."""

    folder: Path
    users: int
    bookings: int
    database_url: str

    @property
    def environ(self) -> dict[str, str]:
        """Settings of a server for this school.

        Redis comes on top.
        """
        return {
            "DATABASE_URL": self.database_url,
            "SECRET_KEY": SECRET,
            "DEMO_DATA": "0",
            "RATELIMIT_ENABLED": "0",
            "LECTERN_INSTANCE": str(self.folder / "instance"),
        }

    def token(self, user_id: int) -> str:
        """Issue an access token of somebody who signed in a moment ago."""
        now = datetime.now(UTC)
        return TokenSigner.from_secret(SECRET).access(self._credentials(user_id), now, now + ACCESS_LIFETIME)

    def cookie(self, user_id: int) -> str:
        """Sign what the browser of somebody sends who is signed in."""
        app = Flask("browser")
        app.secret_key = SECRET
        serializer = SecureCookieSessionInterface().get_signing_serializer(app)
        assert serializer
        user = BrowserUser(self._credentials(user_id), int((NOW + timedelta(days=30)).timestamp()))
        session = {"_user_id": user.get_id(), "_fresh": True, "_permanent": True, "csrf_token": "c" * 40}
        return f"session={serializer.dumps(session)}"

    def _credentials(self, user_id: int) -> Credentials:
        return Credentials(user_id, "teacher" if user_id <= TEACHERS else "student", user_id)


def make(folder: Path, *, users: int, bookings: int, database_url: str | None = None) -> School:
    """Migrate a database in `folder`, or the given one, and fill it."""
    folder.mkdir(parents=True, exist_ok=True)
    url = database_url or f"sqlite:///{folder / 'lectern.db'}"
    settings = Settings(
        instance=folder / "instance",
        database_url=url,
        redis_url="unix:///none",
        secret_key=SECRET,
        cache_type="NullCache",
    )
    app = create_app(settings)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        with db.engine.begin() as connection:
            _fill(connection, users, bookings)
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
        db.engine.dispose()
    return School(folder, users, bookings, url)


def _fill(connection: Connection, users: int, bookings: int) -> None:
    for table, rows in (
        (User, map(_user, range(1, users + 1))),
        (SignIn, map(_sign_in, range(1, users + 1))),
        (Gig, map(_gig, range(1, TEACHERS + 1))),
        (Schedule, map(_schedule, range(1, TEACHERS + 1))),
        (GigSkill, map(_skill, range(1, TEACHERS + 1))),
        (Booking, (_booking(number, users) for number in range(bookings))),
    ):
        while batch := list(islice(rows, BATCH)):
            connection.execute(insert(table), batch)
    if connection.dialect.name == "postgresql":
        for name in ("users", "sign_ins", "gigs", "schedules", "bookings"):
            connection.execute(text(f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM {name}"))


def _user(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": f"Person Number{number}",
        "email": f"person{number}@example.org",
        "password_hash": "nobody signs in with it",
        "role": "teacher" if number <= TEACHERS else "student",
        "time_zone": "Europe/Berlin",
        "created_at": NOW,
        "active": True,
    }


def _sign_in(number: int) -> dict[str, Any]:
    expires_at = NOW + timedelta(days=30)
    return {"id": number, "user_id": number, "refresh_id": "first", "created_at": NOW, "expires_at": expires_at}


def _gig(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "teacher_id": number,
        "status": "published",
        "title": f"Piano for beginners, group {number}",
        "description": "We start with one hand, then we take the other one along. " * 4,
        "category": "Music",
        "category_key": "music",
        "search_text": f"piano for beginners group {number} music",
        "price_cents": 3000 + number,
        "currency": "EUR",
        "duration_minutes": 45,
        "created_at": NOW - timedelta(days=number),
        "updated_at": NOW,
    }


def _schedule(number: int) -> dict[str, Any]:
    """Describe the hours of a teacher who can be booked at any time."""
    rules = {**NOTHING_SAID, "weekly": None}
    about = {"is_default": True, "name": "My hours", "time_zone": "Europe/Berlin"}
    return {"id": number, "teacher_id": number, "rules": rules, "updated_at": NOW, **about}


def _skill(number: int) -> dict[str, Any]:
    return {"gig_id": number, "position": 0, "skill": "piano", "skill_key": "piano"}


def _booking(number: int, users: int) -> dict[str, Any]:
    """Describe a lesson: all teachers teach at each hour, and no student is with two of them."""
    hour, place = divmod(number, TEACHERS)
    students = users - TEACHERS
    starts_at = NOW + timedelta(hours=24 - hour)
    return {
        "gig_id": place + 1,
        "student_id": TEACHERS + 1 + (hour * TEACHERS + place) % students,
        "teacher_id": place + 1,
        "status": "accepted" if hour < 24 else "completed",
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=45),
        "note": "Please bring the book.",
        "price_cents": 3000,
        "currency": "EUR",
        "created_at": starts_at - timedelta(days=7),
        "updated_at": starts_at - timedelta(days=6),
    }


def students(school: School) -> Iterator[int]:
    """Yield the ids of all students."""
    yield from range(TEACHERS + 1, school.users + 1)
