"""What a month has brought: exact, by the reader's clock, and for its people only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import set_booking
from tests.payments.conftest import PRICE, Till

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

LATE = datetime(2026, 10, 31, 23, 30, tzinfo=UTC)
MONTH = "/api/payments/month?month=2026-11"
NOTHING = dict.fromkeys(
    (
        *("earned_cents", "planned_cents", "submitted_cents", "paid_cents"),
        *("refunded_cents", "open_cents", "credit_cents"),
    ),
    0,
)


def sums(lessons: int, currency: str = "EUR", **cents: int) -> dict[str, Any]:
    return NOTHING | {"currency": currency, "lessons": lessons} | {f"{name}_cents": it for name, it in cents.items()}


def total(lessons: int, currency: str = "EUR", **cents: int) -> dict[str, Any]:
    return {"packages_cents": 0} | sums(lessons, currency, **cents)


def test_a_month_adds_up_what_its_lessons_have_brought(till: Till) -> None:
    first, second, third = (till.lesson() for _ in range(3))
    till.refund(till.paid(first, PRICE + 700, advance=True), 200)
    till.pay(second, 1000)
    # Its price is not due yet, but it is agreed on; what is only asked for is not.
    till.world.accepted(till.student, till.teacher, till.gig, starts_at="2026-11-29T10:00:00Z")
    till.world.booking(till.student, till.gig, starts_at="2026-11-29T15:00:00Z")
    dollars = till.world.past_lesson(till.student, till.world.gig(till.teacher, currency="USD", price_cents=900))

    found = till.teacher.get(MONTH).json

    euros = sums(
        4,
        earned=3 * PRICE,
        planned=PRICE,
        submitted=1000,
        paid=PRICE + 700,
        refunded=200,
        open=(PRICE - 1000) + 2 * PRICE,
        credit=500,
    )
    assert found["totals"] == [euros | {"packages_cents": 0}, total(1, "USD", earned=900, open=900)]
    person = {"person": {"id": till.student.id, "name": till.student.name}}
    assert found["students"] == [euros | person, sums(1, "USD", earned=900, open=900) | person]
    assert "teachers" not in found
    assert dollars
    assert third


def test_an_administrator_sees_the_school_and_a_teacher_nobody_else(till: Till) -> None:
    till.lesson()
    other = till.world.teacher()
    till.world.past_lesson(till.student, till.world.gig(other, price_cents=500))
    admin = till.world.admin()

    school = admin.get(MONTH).json

    assert school["totals"] == [total(2, earned=PRICE + 500, open=PRICE + 500)]
    assert [(row["person"]["id"], row["earned_cents"]) for row in school["teachers"]] == [
        (till.teacher.id, PRICE),
        (other.id, 500),
    ]
    assert [row["earned_cents"] for row in school["students"]] == [PRICE + 500]
    assert other.get(MONTH).json["totals"] == [total(1, earned=500, open=500)]
    assert till.student.get(MONTH).status_code == 403


@pytest.mark.parametrize(
    ("zone", "month"), [("Europe/Berlin", "2026-11"), ("UTC", "2026-10"), ("America/New_York", "2026-10")]
)
def test_a_month_begins_by_the_readers_clock(till: Till, zone: str, month: str) -> None:
    lesson = till.lesson()
    set_booking(till.world.app, lesson, starts_at=LATE, ends_at=LATE + timedelta(minutes=45))

    found = {
        name: till.teacher.get(f"/api/payments/month?month={name}&time_zone={zone}").json["totals"]
        for name in ("2026-10", "2026-11")
    }

    assert [name for name, totals in found.items() if totals] == [month]


@pytest.mark.parametrize("month", ["2026-13", "2026", "1999-12", "2100-01", "november", "2026-11-01"])
def test_what_is_no_month_is_refused(till: Till, month: str) -> None:
    assert till.teacher.get(f"/api/payments/month?month={month}").status_code == 422


@pytest.mark.middleware_not_compared
def test_a_month_is_cached_and_fresh_after_each_payment(till: Till, redis_server: RedisServer) -> None:
    lesson, admin = till.lesson(), till.world.admin()
    people = (till.teacher, admin)
    for person, most in ((till.teacher, 2), (admin, 3)):
        person.get("/api/users/me")
        with count_queries() as missed:
            assert person.get(MONTH).json["cached"] is False
        with count_queries() as hit, monitor(redis_server) as commands:
            assert person.get(MONTH).json["cached"] is True
        assert (len(missed), hit) == (most, [])
        # Whose zone it is has to be known before the month is.
        assert [command.split()[0] for command in commands] == ["MGET"] * 2

    till.paid(lesson)

    assert [person.get(MONTH).json["totals"][0]["open_cents"] for person in people] == [0, 0]
