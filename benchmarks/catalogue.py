"""Fill a database with gigs whose words are as unevenly spread as in real texts.

The same number gives the same gig in every size, so that a question finds the same share of a small catalogue and of a
large one. Teachers' names are new in the large one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import accumulate, islice
from pathlib import Path
from random import Random
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import create_engine, insert, text

from accounts.models import User
from app import create_app
from config import ROOT, Settings
from extensions import db
from gigs.models import Gig, GigSkill
from gigs.search.index import write_all
from gigs.search.text import key_of
from schedule.models import Schedule
from schedule.offered import write_due
from schedule.schemas import AvailabilitySchema

GIGS_OF_A_TEACHER = 10
BATCH = 5_000
NOW = datetime.now(UTC).replace(minute=0, second=0, microsecond=0)

_SYLLABLES = "ba be bo da de do fa ga ka ki la le li lo ma mi mo na ne no pa po ra re ri ro sa se so ta te ti to va vi"
_AUDIENCES = ("beginners", "children", "adults", "exams", "school", "work", "advanced players", "two", "travel", "fun")
_ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata")
_HOURS = ((9, 17), (8, 12), (16, 21), (18, 22))


def word(number: int) -> str:
    """Make a word of three or four syllables that is not made of another number."""
    syllables = _SYLLABLES.split()
    rest, letters = divmod(number, len(syllables) ** 3)
    parts = [letters // len(syllables) ** place % len(syllables) for place in range(3)]
    return "".join(syllables[part] for part in (*parts, *([rest] if rest else [])))


# The first of them are in most gigs, the last ones in few: the n-th is n times as rare as the first.
SUBJECTS = [f"subject {word(70_000 + number)}" for number in range(40)]
SKILLS = [f"{word(10_000 + 37 * number)}" for number in range(400)]
_SAID = [word(20_000 + number) for number in range(12_000)]


def _weights(values: Sequence[Any]) -> list[float]:
    return list(accumulate(1 / (place + 3) for place, _ in enumerate(values)))


_SUBJECT_WEIGHTS, _SKILL_WEIGHTS, _SAID_WEIGHTS = map(_weights, (SUBJECTS, SKILLS, _SAID))


def application(folder: Path, url: str, *, redis_url: str | None = None) -> Flask:
    """Make an application over a database.

    Without Redis nothing is cached.
    """
    settings = Settings(
        instance=folder, database_url=url, redis_url=redis_url or "unix:///nowhere", secret_key="x" * 16,
        cache_type="RedisCache" if redis_url else "NullCache", ratelimit_enabled=False, demo_data=False,
    )  # fmt: skip
    return create_app(settings, clock=lambda: NOW)


def build(folder: Path, url: str, gigs: int) -> Flask:
    """Migrate an empty database, fill it with so many published gigs, and return an application over it."""
    app = application(folder, url)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        teachers = range(1, gigs // GIGS_OF_A_TEACHER + 1)
        with db.engine.begin() as connection:
            for table, rows in (
                (User, map(_teacher, teachers)),
                (Schedule, map(_schedule, teachers)),
                (Gig, map(_gig, range(1, gigs + 1))),
                (GigSkill, (row for number in range(1, gigs + 1) for row in _skills(number))),
            ):
                while batch := list(islice(rows, BATCH)):
                    connection.execute(insert(table), batch)
        write_due(NOW)
        write_all()
        # PostgreSQL does it by itself after a while, SQLite never.
        if db.engine.dialect.name == "postgresql":
            _vacuum(url)
    return app


def _vacuum(url: str) -> None:
    # It takes longer than the application waits for an answer.
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()


def name_of(teacher: int) -> str:
    """Name a teacher."""
    return f"{word(teacher % 900).title()} {word(1_000 + teacher).title()}"


def _teacher(number: int) -> dict[str, Any]:
    return {
        "id": number,
        "email": f"teacher{number}@example.org",
        "name": name_of(number),
        "password_hash": "-",
        "role": "teacher",
        "time_zone": _ZONES[number % len(_ZONES)],
        "rating_count": number % 7,
        "rating_sum": number % 7 * (2 + number % 4),
        "created_at": NOW,
    }


def _schedule(teacher: int) -> dict[str, Any]:
    begins, ends = _HOURS[teacher % len(_HOURS)]
    days = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")[teacher % 3 :]
    weekly = [{"weekday": day, "start": f"{begins:02}:00", "end": f"{ends}:00"} for day in days]
    return {
        "teacher_id": teacher,
        "is_default": True,
        "name": "My hours",
        "time_zone": _ZONES[teacher % len(_ZONES)],
        "rules": AvailabilitySchema().load({"weekly": weekly}),
        "updated_at": NOW,
    }


def skills_of(gig: int) -> list[str]:
    """Name the skills of a gig."""
    return list(dict.fromkeys(Random(f"skills {gig}").choices(SKILLS, cum_weights=_SKILL_WEIGHTS, k=3)))


def _gig(number: int) -> dict[str, Any]:
    random = Random(f"gig {number}")
    subject = random.choices(SUBJECTS, cum_weights=_SUBJECT_WEIGHTS)[0]
    said = random.choices(_SAID, cum_weights=_SAID_WEIGHTS, k=60)
    return {
        "id": number,
        "teacher_id": (number - 1) // GIGS_OF_A_TEACHER + 1,
        "status": "published",
        "title": f"{skills_of(number)[0].title()} for {random.choice(_AUDIENCES)}",
        "summary": f"{' '.join(said[:8]).capitalize()}.",
        "description": f"{' '.join(said[8:]).capitalize()}.",
        "category": subject,
        "category_key": key_of(subject),
        "search_text": f"{skills_of(number)[0]} {subject} {' '.join(said)}",
        "price_cents": random.randrange(10, 120) * 50,
        "currency": random.choice(("EUR", "EUR", "CHF")),
        "duration_minutes": random.choice((30, 45, 60)),
        "popularity": random.randrange(20),
        "created_at": NOW - timedelta(minutes=number),
        "updated_at": NOW,
    }


def _skills(gig: int) -> Iterator[dict[str, Any]]:
    for position, skill in enumerate(skills_of(gig)):
        yield {"gig_id": gig, "position": position, "skill": skill, "skill_key": key_of(skill)}
