"""Fill a database with the lessons of a school and their money.

Each month is as full as the last one. The newest two are written row by row, and the database copies the earlier ones
from the second, so that a million lessons are there within a minute or two.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import Any

from flask import Flask
from flask_migrate import upgrade
from sqlalchemy import Column, Connection, Table, insert, text

from accounts.models import User
from benchmarks.catalogue import application
from benchmarks.school import NOW
from bookings.models import Booking
from config import ROOT
from database import Instant
from extensions import Base, db
from gigs.models import Gig
from operators.backup.loading import without_triggers
from payments.models import Payment, PaymentEvent, Refund
from payments.packages.models import Package, PackageEvent, PackageOffer, PackageUnit

TEACHERS, STUDENTS_OF_A_TEACHER, LESSONS_OF_A_MONTH = 50, 20, 80
LESSONS_OF_ALL = TEACHERS * LESSONS_OF_A_MONTH
BATCH, COPIED_AT_ONCE, PRICE = 10_000, 10, 3000
FIRST = datetime(2026, 11, 1, tzinfo=UTC)
MONTH = timedelta(days=28)
# In the middle of the newest month: later lessons are still to come.
PRESENT = FIRST + MONTH / 2
# What a copy of a month must not share with it: numbers that are counted on, by how many a month has of them.
_COUNTED = {
    **dict.fromkeys(("bookings.id", "payments.id", "payments.booking_id", "payment_events.payment_id"), LESSONS_OF_ALL),
    **dict.fromkeys(("refunds.payment_id", "package_units.booking_id"), LESSONS_OF_ALL),
    **dict.fromkeys(("packages.id", "package_events.package_id", "package_units.package_id"), TEACHERS),
}


def build(folder: Path, url: str, months: int) -> Flask:
    """Migrate an empty database, fill it, and return an application over it that caches nothing.

    Of ten lessons one is paid by a package, one is open, one waits to be checked if it is of the newest month, and the
    others are paid, one of these in two parts, and one given back in part.
    """
    app = application(folder, url)
    with app.app_context():
        upgrade(str(ROOT / "migrations"))
        with db.engine.begin() as connection:
            for table, rows in chain(_tables(), *map(_tables_of_month, range(min(2, months)))):
                while batch := list(islice(rows, BATCH)):
                    connection.execute(insert(table), batch)
            if connection.dialect.name == "postgresql":
                # What the rows refer to need not be looked up.
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            # What triggers would hold or note is about lessons to come, or is written anew where it is needed.
            with without_triggers(connection, Base.metadata.tables):
                for model in (Booking, Payment, PaymentEvent, Refund, Package, PackageEvent, PackageUnit):
                    _copy_second_month(connection, Base.metadata.tables[model.__tablename__], months)
        with db.engine.connect() as connection:
            connection.execution_options(isolation_level="AUTOCOMMIT")
            for name in Base.metadata.tables:
                connection.execute(text(f"ANALYZE {name}"))
    return app


def _tables() -> Iterable[tuple[Any, Iterator[dict[str, Any]]]]:
    teachers, people = range(1, TEACHERS + 1), TEACHERS * (1 + STUDENTS_OF_A_TEACHER)
    yield User, map(_user, range(1, people + 1))
    yield Gig, map(_gig, teachers)
    yield PackageOffer, map(_offer, teachers)


def _tables_of_month(month: int) -> Iterable[tuple[Any, Iterator[dict[str, Any]]]]:
    """Yield what one month has of each table, the newest one being 0."""

    def lessons(*kinds: int) -> Iterator[int]:
        numbers = range(month * LESSONS_OF_ALL + 1, (month + 1) * LESSONS_OF_ALL + 1)
        return (number for number in numbers if not kinds or _kind(number) in kinds)

    paid = (2, 3, 4, 5, 6, 7, 8)
    yield Booking, map(_booking, lessons())
    yield Payment, map(_payment, lessons(1, *paid))
    yield PaymentEvent, (_step(number, "submitted") for number in lessons(1, *paid))
    yield PaymentEvent, (_step(number, "verified") for number in lessons(*paid, *([1] if month else [])))
    yield Refund, map(_refund, lessons(2))
    # Each package has lasted for a month.
    packages = range(month * TEACHERS + 1, (month + 1) * TEACHERS + 1)
    yield Package, map(_package, packages)
    yield PackageEvent, (_package_step(number, status) for number in packages for status in ("ordered", "paid"))
    yield PackageUnit, map(_unit, lessons(9))


def _copy_second_month(connection: Connection, table: Table, months: int) -> None:
    """Copy what the second month has of a table to all earlier ones, each 28 days before the next."""
    copied = [column for column in table.columns if f"{table}.{column.name}" in _COUNTED or column.name != "id"]
    names = ", ".join(column.name for column in copied)
    values = ", ".join(_earlier(connection.dialect.name, column) for column in copied)
    begin, go_on = "SELECT CAST(:first AS INTEGER)", "SELECT n + 1 FROM months WHERE n < :last"
    numbers = f"WITH RECURSIVE months (n) AS ({begin} UNION ALL {go_on})"
    counted = next(name for name in _COUNTED if name.startswith(f"{table}."))
    of_month = f"{counted} > {_COUNTED[counted]} AND {counted} <= {2 * _COUNTED[counted]}"
    found = f"{numbers} SELECT {values} FROM months CROSS JOIN {table} WHERE {of_month}"
    # A statement may not take longer than one of a request.
    for first in range(1, months - 1, COPIED_AT_ONCE):
        between = {"first": first, "last": min(first + COPIED_AT_ONCE, months - 1) - 1}
        connection.execute(text(f"INSERT INTO {table} ({names}) {found}"), between)


def _earlier(dialect: str, column: Column[Any]) -> str:
    """Write what a column is n months before the second one."""
    if number := _COUNTED.get(str(column)):
        return f"{column} + n * {number}"
    if str(column) == "payments.reference":
        return f"{column} || '-' || n"
    if not isinstance(column.type, Instant):
        return str(column)
    if dialect == "postgresql":
        return f"{column} - n * interval '{MONTH.days} days'"
    return f"strftime('%Y-%m-%d %H:%M:%f', {column}, (-n * {MONTH.days}) || ' days') || '000'"


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
    settings = {"password_hash": "none", "time_zone": "Europe/Berlin", "in_leaderboards": True}
    return about | settings | {"id": number, "created_at": NOW}


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
    status = "completed" if starts_at < PRESENT else "accepted"
    money = {"price_cents": PRICE, "currency": "EUR", "status": status, "updated_at": starts_at}
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
