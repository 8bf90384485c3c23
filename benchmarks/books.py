"""Fill a database with the lessons of a school and their money.

Each month is as full as the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import insert, text

from accounts.models import User
from benchmarks.catalogue import application
from benchmarks.school import NOW
from bookings.models import Booking
from config import ROOT
from extensions import db
from gigs.models import Gig
from payments.models import Payment, PaymentEvent, Refund
from payments.packages.models import Package, PackageEvent, PackageOffer, PackageUnit

TEACHERS, STUDENTS_OF_A_TEACHER, LESSONS_OF_A_MONTH = 50, 20, 80
BATCH, PRICE = 10_000, 3000
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = timedelta(days=28)


def build(folder: Path, url: str, months: int) -> Flask:
    """Migrate an empty database, fill it, and return an application over it that caches nothing.

    Of ten lessons one is paid by a package, one is open, one waits to be checked and seven are paid, one of these in
    two parts, and one given back in part.
    """
    app = application(folder, url)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        with db.engine.begin() as connection:
            for table, rows in _tables(months):
                while batch := list(islice(rows, BATCH)):
                    connection.execute(insert(table), batch)
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT").execute(text("ANALYZE"))
    return app


def _tables(months: int) -> Iterable[tuple[Any, Iterator[dict[str, Any]]]]:
    teachers, people = range(1, TEACHERS + 1), TEACHERS * (1 + STUDENTS_OF_A_TEACHER)
    number_of_lessons = months * TEACHERS * LESSONS_OF_A_MONTH

    def lessons(*kinds: int) -> Iterator[int]:
        wanted = kinds or range(10)
        return (number for number in range(1, number_of_lessons + 1) if _kind(number) in wanted)

    yield User, map(_user, range(1, people + 1))
    yield Gig, map(_gig, teachers)
    yield Booking, map(_booking, lessons())
    yield Payment, map(_payment, lessons(1, 2, 3, 4, 5, 6, 7, 8))
    yield PaymentEvent, (_step(number, "submitted") for number in lessons(1, 2, 3, 4, 5, 6, 7, 8))
    yield PaymentEvent, (_step(number, "verified") for number in lessons(2, 3, 4, 5, 6, 7, 8))
    yield Refund, map(_refund, lessons(2))
    # Each package has lasted for a month.
    packages = range(1, months * TEACHERS + 1)
    yield PackageOffer, map(_offer, teachers)
    yield Package, map(_package, packages)
    yield PackageEvent, (_package_step(number, status) for number in packages for status in ("ordered", "paid"))
    yield PackageUnit, map(_unit, lessons(9))


def _place(number: int) -> tuple[int, int, int]:
    """Return which month a lesson is in, counted back, whose it is, and which one of theirs in it."""
    rest, teacher = divmod(number - 1, TEACHERS)
    month, place = divmod(rest, LESSONS_OF_A_MONTH)
    return month, teacher + 1, place


def _kind(number: int) -> int:
    return _place(number)[2] % 10


def _student(teacher: int, place: int) -> int:
    return TEACHERS + (teacher - 1) * STUDENTS_OF_A_TEACHER + 1 + place % STUDENTS_OF_A_TEACHER


def _at(number: int) -> datetime:
    month, _, place = _place(number)
    return FIRST - month * MONTH + timedelta(hours=8 * place)


def _user(number: int) -> dict[str, Any]:
    role = "teacher" if number <= TEACHERS else "student"
    about = {"name": f"Person Number{number}", "email": f"person{number}@example.org", "role": role, "active": True}
    return about | {"id": number, "password_hash": "none", "time_zone": "Europe/Berlin", "created_at": NOW}


def _gig(number: int) -> dict[str, Any]:
    words = {"title": f"Piano {number}", "description": "We play.", "category": "Music", "category_key": "music"}
    money = {"price_cents": PRICE, "currency": "EUR", "duration_minutes": 45, "search_text": "piano"}
    about = {"id": number, "teacher_id": number, "status": "published", "created_at": NOW, "updated_at": NOW}
    return words | money | about


def _booking(number: int) -> dict[str, Any]:
    _, teacher, place = _place(number)
    starts_at = _at(number)
    people = {"gig_id": teacher, "teacher_id": teacher, "student_id": _student(teacher, place)}
    times = {"starts_at": starts_at, "ends_at": starts_at + timedelta(minutes=45), "created_at": starts_at}
    money = {"price_cents": PRICE, "currency": "EUR", "status": "completed", "updated_at": starts_at}
    return {"id": number, **people, **times, **money}


def _payment(number: int) -> dict[str, Any]:
    _, teacher, place = _place(number)
    cents = PRICE // 2 if _kind(number) == 3 else PRICE
    how = {"method": "bank_transfer", "reference": f"No. {number}", "amount_cents": cents, "currency": "EUR"}
    people = {"booking_id": number, "student_id": _student(teacher, place), "teacher_id": teacher}
    return {"id": number, **people, **how, "created_at": _at(number)}


def _step(number: int, status: str) -> dict[str, Any]:
    at = _at(number) + timedelta(days=status == "verified")
    return {"payment_id": number, "status": status, "actor_id": _place(number)[1], "at": at, "reason": ""}


def _refund(number: int) -> dict[str, Any]:
    about = {"payment_id": number, "amount_cents": 500, "actor_id": _place(number)[1]}
    return about | {"at": _at(number) + timedelta(days=2), "reason": "It was shorter."}


def _offer(number: int) -> dict[str, Any]:
    return {"id": number, "gig_id": number, "lessons": 10, "price_cents": 27000, "currency": "EUR", "created_at": NOW}


def _package(number: int) -> dict[str, Any]:
    month, teacher = divmod(number - 1, TEACHERS)
    people = {"gig_id": teacher + 1, "offer_id": teacher + 1, "teacher_id": teacher + 1}
    bought = {"lessons": 10, "price_cents": 27000, "currency": "EUR", "created_at": FIRST - month * MONTH}
    return {"id": number, "student_id": _student(teacher + 1, 9), **people, **bought}


def _package_step(number: int, status: str) -> dict[str, Any]:
    month, teacher = divmod(number - 1, TEACHERS)
    about = {"package_id": number, "status": status, "actor_id": teacher + 1, "reason": "", "refunded_cents": 0}
    return about | {"at": FIRST - month * MONTH}


def _unit(number: int) -> dict[str, Any]:
    month, teacher, place = _place(number)
    package = {"package_id": month * TEACHERS + teacher, "number": place // 10 + 1}
    return package | {"booking_id": number, "taken_at": _at(number)}
