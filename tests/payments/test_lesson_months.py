"""What is owed in all, from months that are added up: exact whatever changes, and whoever changes it meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select, update

from bookings.models import Booking
from database import reading
from extensions import db
from payments import sums
from payments.lesson_months import totals, upkeep
from payments.lesson_months.models import LessonMonth, StaleMonth
from payments.models import Payment
from support.queries import count_queries
from tests.payments.conftest import PRICE, Till
from tests.payments.test_ledger import ask
from tests.support.races import at_once


def owed(till: Till) -> list[sums.Balance]:
    """What is shown to the teacher in all, which has to be what the student sees and what lessons add up to."""
    with till.world.app.app_context(), reading() as connection:
        found = {
            name: (totals.by_currency(connection, side, id_), sums.by_currency(connection, side == id_))
            for name, side, id_ in (
                ("teacher", Booking.teacher_id, till.teacher.id),
                ("student", Booking.student_id, till.student.id),
            )
        }
    for shown, counted in found.values():
        assert shown == counted
    return list(found["teacher"][0])


def add_up(till: Till) -> int:
    with till.world.app.app_context():
        return upkeep.add_up_stale_months()


def number_of(till: Till, table: Any) -> int:
    with till.world.app.app_context(), reading() as connection:
        return int(connection.scalar(select(func.count()).select_from(table)) or 0)


def written(till: Till, *statements: Any) -> None:
    """Do this past all code, as a server of another version may."""
    with till.world.app.app_context(), db.engine.begin() as connection:
        for statement in statements:
            connection.execute(statement)


def change(booking: int, **values: Any) -> Callable[[Till], object]:
    return lambda till: written(till, update(Booking).where(Booking.id == booking).values(**values))


# Lesson 1 is paid in part, lesson 2 was not attended, payment 2 waits; in this order one change after another.
CHANGES: dict[str, Callable[[Till], object]] = {
    "a lesson": lambda till: till.lesson(),
    "a price": change(1, price_cents=PRICE + 700),
    "a status": change(1, status="cancelled"),
    "a fee": change(1, cancellation_fee_cents=900),
    "a currency": change(3, currency="USD"),
    "another month": change(3, starts_at=datetime(2019, 12, 31, 23, 30, tzinfo=UTC)),
    "the first instant of a month": change(3, starts_at=datetime(2020, 1, 1, tzinfo=UTC)),
    "a payment": lambda till: till.pay(3, 100, currency="USD"),
    "money": lambda till: till.paid(2, 400, advance=True),
    "a decision": lambda till: till.decide(2, "verified"),
    "money that is given back": lambda till: till.refund(1, 50),
    "credit": lambda till: till.pay(till.lesson(), 100, method="credit"),
    "a fee that is waived": lambda till: till.waive(2, 5),
    "an agreed lesson": lambda till: till.world.accepted(till.student, till.teacher, till.gig),
    "a package": lambda till: _buy_package(till),
    "a unit that is given back": lambda till: _cancel_covered(till),
}
# A lesson costs the same in another month, and one that ends for nothing what its package had made of it.
COME_TO_THE_SAME = ("another month", "the first instant of a month", "a unit that is given back")


@pytest.mark.leaves_old_answers
@pytest.mark.middleware_not_compared
def test_each_change_is_in_what_is_owed_at_once_and_after_it_is_added_up(till: Till) -> None:
    till.paid(till.lesson(), 2000)
    till.world.past_lesson(till.student, till.gig, status="no_show", cancellation_fee_cents=PRICE)
    till.pay(till.lesson(), 500)
    for what, does in CHANGES.items():
        owed(till)
        add_up(till)
        before = owed(till)
        assert number_of(till, StaleMonth) == 0, what

        does(till)

        after = owed(till)
        assert number_of(till, StaleMonth) > 0, what
        add_up(till)
        assert owed(till) == after, what
        assert (after == before) == (what in COME_TO_THE_SAME), what


def test_lessons_that_another_student_takes_over_are_theirs(till: Till) -> None:
    till.paid(till.lesson(), 2000)
    add_up(till)
    other = till.world.student()

    change(1, student_id=other.id)(till)

    for _ in range(2):
        assert owed(till)[0].paid_cents == 2000
        with till.world.app.app_context(), reading() as connection:
            assert totals.by_currency(connection, Booking.student_id, till.student.id) == []
            assert totals.by_currency(connection, Booking.student_id, other.id)[0].paid_cents == 2000
        add_up(till)
    assert number_of(till, LessonMonth) == 1


def test_it_is_the_same_where_too_many_lessons_are_stale(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        till.paid(till.lesson(), 10)
    few = owed(till)
    monkeypatch.setattr(totals, "MOST_LESSONS", 2)

    assert owed(till) == few
    add_up(till)
    assert owed(till) == few


def test_added_up_it_takes_two_statements_and_one_more_for_what_is_stale(till: Till) -> None:
    till.lesson()
    add_up(till)

    for statements in (2, 3):
        with till.world.app.app_context(), reading() as connection, count_queries() as asked:
            totals.by_currency(connection, Booking.teacher_id, till.teacher.id)
        assert len(asked) == statements, asked
        till.pay(1, 10)


def test_much_that_is_stale_is_added_up_at_once(till: Till, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upkeep, "MANY", 1)
    monkeypatch.setattr(upkeep, "BATCH", 2)
    found = []
    for year in (2020, 2021, 2022):
        till.lesson()
        with till.world.app.app_context(), reading() as connection:
            found.append(upkeep.many_months_are_stale(connection))
        starts_at = datetime(year, 5, 1, tzinfo=UTC)
        change(len(found), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1))(till)

    assert found[0] is False
    assert found[-1] is True
    assert add_up(till) == 4
    assert number_of(till, LessonMonth) == 3
    owed(till)


@pytest.mark.leaves_old_answers
def test_what_the_doctor_finds_wrong_is_added_up_anew(till: Till) -> None:
    till.paid(till.lesson(), 2000)
    add_up(till)
    written(till, update(LessonMonth).values(open_cents=7))
    runner = till.world.app.test_cli_runner()

    sick = runner.invoke(args=["doctor", "--offline"])
    assert runner.invoke(args=["reports", "add-up"]).exit_code == 0
    healthy = runner.invoke(args=["doctor", "--offline"])

    assert (sick.exit_code, healthy.exit_code) == (1, 0), healthy.output
    assert f"What user {till.teacher.id} is told in EUR is not the sum of their lessons." in sick.output
    assert owed(till)[0].open_cents == PRICE - 2000


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
@pytest.mark.leaves_old_answers
def test_what_commits_while_a_month_is_added_up_stays_stale(till: Till) -> None:
    booking = till.lesson()
    payment = {"booking_id": booking, "student_id": till.student.id, "teacher_id": till.teacher.id, "currency": "EUR"}
    payment |= {"method": "cash", "reference": "", "amount_cents": 500, "created_at": till.world.clock()}
    with till.world.app.app_context(), db.engine.begin() as connection:
        connection.execute(insert(Payment).values(payment))
        with ThreadPoolExecutor() as pool:
            assert pool.submit(add_up, till).result(30) == 1

    assert owed(till)[0].submitted_cents == 500
    add_up(till)
    assert owed(till)[0].submitted_cents == 500


@pytest.mark.leaves_old_answers
def test_sums_are_exact_when_people_write_while_months_are_added_up(till: Till) -> None:
    lessons = [till.lesson() for _ in range(3)]
    for turn in range(4):
        body = {"method": "other", "amount_cents": 100, "currency": "EUR"}
        pay = [
            ask(till, till.student, "POST", "/api/payments", {**body, "booking_id": it, "reference": f"{turn}-{it}"})
            for it in lessons
        ]
        cancel = ask(till, till.teacher, "PATCH", f"/api/bookings/{lessons[0]}", {"status": "no_show"})

        *answers, _, _ = at_once([*pay, cancel, lambda: add_up(till)])

        assert [answer.status_code for answer in answers] == [201] * 3
        assert owed(till)[0].submitted_cents == 300 * (turn + 1)
    add_up(till)
    assert owed(till)[0].submitted_cents == 1200


def _buy_package(till: Till) -> None:
    """Two lessons in advance, one of which pays for the lesson to come."""
    body = {"lessons": 2, "price_cents": 4000}
    offer = till.teacher.post(f"/api/gigs/{till.gig['id']}/packages", body).json["id"]
    package = till.student.post("/api/packages", {"offer_id": offer}).json["id"]
    assert till.teacher.patch(f"/api/packages/{package}", {"status": "paid"}).status_code == 200


def _cancel_covered(till: Till) -> None:
    (lesson,) = till.student.get("/api/bookings?status=accepted").json["data"]
    assert till.student.patch(f"/api/bookings/{lesson['id']}", {"status": "cancelled"}).status_code == 200
