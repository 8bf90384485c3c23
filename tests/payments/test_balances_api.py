"""What is due, paid and open, and what becomes of money that was paid too much."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from tests.conftest import FakeClock
from tests.payments.conftest import PRICE, Till

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

HALF_IF_LATE: dict[str, Any] = {"price_cents": PRICE, "free_cancellation_hours": 48, "late_cancellation_percent": 50}


def due(till: Till, booking_id: int) -> tuple[int, int, int]:
    """The price, the fee and what is due."""
    found = till.balance(booking_id)
    return found["price_cents"], found["fee_cents"], found["due_cents"]


def agreed(till: Till, **changes: Any) -> int:
    """A lesson tomorrow that is cancelled too late for nothing."""
    gig = till.world.gig(till.teacher, **HALF_IF_LATE)
    return int(till.world.accepted(till.student, till.teacher, gig, **changes)["id"])


def test_the_price_is_due_once_the_lesson_is_agreed_on(till: Till) -> None:
    booking = till.world.booking(till.student, till.gig)["id"]
    assert due(till, booking) == (PRICE, 0, 0)

    till.teacher.patch(f"/api/bookings/{booking}", {"status": "accepted"})

    assert due(till, booking) == (PRICE, 0, PRICE)
    assert till.balance(booking)["open_cents"] == PRICE


@pytest.mark.parametrize(("who", "fee"), [("student", PRICE // 2), ("teacher", 0)])
def test_who_cancels_decides_what_is_due(till: Till, who: str, fee: int) -> None:
    booking = agreed(till)
    till.paid(booking)

    person = {"student": till.student, "teacher": till.teacher}[who]
    cancelled = person.patch(f"/api/bookings/{booking}", {"status": "cancelled", "reason": "I am ill."})

    assert cancelled.status_code == 200
    assert due(till, booking) == (PRICE, fee, fee)
    assert till.balance(booking)["credit_cents"] == PRICE - fee
    assert till.student.get("/api/users/me/balance").json["data"][0]["credit_cents"] == PRICE - fee


def test_a_lesson_keeps_its_price_when_it_is_moved_or_held_and_if_nobody_comes(till: Till, clock: FakeClock) -> None:
    booking = agreed(till)
    path = f"/api/bookings/{booking}"
    till.teacher.patch(path, {"starts_at": till.world.at(days=2)})
    assert due(till, booking) == (PRICE, 0, PRICE)
    clock.instant += timedelta(days=3)
    teacher = till.world.sign_in(till.teacher)
    till.student, till.teacher = till.world.sign_in(till.student), teacher

    for status, found in (("completed", (PRICE, 0, PRICE)), ("no_show", (PRICE, PRICE, PRICE))):
        if teacher.patch(path, {"status": status}).status_code == 200:
            assert due(till, booking) == found


def test_a_fee_that_is_waived_is_not_due_any_more(till: Till) -> None:
    booking = agreed(till)
    till.student.patch(f"/api/bookings/{booking}", {"status": "cancelled"})

    assert till.waive(booking, 1, by=till.student).status_code == 403
    assert till.waive(booking, PRICE // 2 + 1).json["type"] == "/problems/overpaid"
    assert till.waive(booking, 500).json["due_cents"] == PRICE // 2 - 500
    assert till.waive(booking, PRICE // 2 - 500).status_code == 201

    assert due(till, booking) == (PRICE, 0, 0)
    assert till.waive(booking, 1).status_code == 409
    assert till.waive(till.lesson(), 1).json["type"] == "/problems/wrong-state"


def test_refunds_come_in_parts_and_never_exceed_their_payment(till: Till) -> None:
    lesson = till.lesson()
    payment = till.paid(lesson)
    submitted = till.pay(till.lesson()).json["id"]

    assert till.refund(payment, 1, by=till.student).status_code == 403
    assert till.refund(submitted, 1).json["type"] == "/problems/wrong-state"
    made = till.refund(payment, 1000)
    assert (made.status_code, made.json["refunded_cents"]) == (201, 1000)
    refused = till.refund(payment, PRICE - 999)
    assert (refused.status_code, refused.json["type"]) == (409, "/problems/over-refunded")
    assert refused.json["refundable_cents"] == PRICE - 1000

    found = till.balance(lesson)
    assert [found[name] for name in ("paid_cents", "refunded_cents", "open_cents")] == [PRICE, 1000, 1000]
    shown = till.student.get(f"/api/payments/{payment}").json
    assert (shown["refunded_cents"], [it["amount_cents"] for it in shown["refunds"]]) == (1000, [1000])


def test_what_was_paid_too_much_is_credit_for_other_lessons_of_the_two(till: Till) -> None:
    first, second = till.lesson(), till.lesson()
    payment = till.paid(first, PRICE + 2000, advance=True)
    assert [till.balance(it)["credit_cents"] for it in (first, second)] == [2000, 2000]
    assert till.balance(second)["open_cents"] == PRICE

    assert till.pay(second, 2001, method="credit").json["credit_cents"] == 2000
    used = till.pay(second, 1500, method="credit")

    assert (used.status_code, used.json["status"]) == (201, "verified")
    # It was moved from one lesson to the other, so that all of them together show what was really paid.
    assert [till.balance(it)["paid_cents"] for it in (first, second)] == [PRICE + 500, 1500]
    assert [till.balance(it)["credit_cents"] for it in (first, second)] == [500, 500]
    # What is used elsewhere is not given back here.
    assert till.refund(payment, PRICE + 501).json["refundable_cents"] == PRICE + 500
    assert till.refund(used.json["id"], 1500).status_code == 201
    assert till.balance(second)["open_cents"] == PRICE


def test_credit_is_no_advance_and_not_for_another_teacher_or_currency(till: Till) -> None:
    till.paid(till.lesson(), PRICE + 9000, advance=True)
    dollars = till.world.gig(till.teacher, currency="USD")
    elsewhere = till.world.gig(till.world.teacher())

    beyond = till.pay(till.lesson(), PRICE + 1, method="credit", advance=True)
    others = [
        till.pay(till.world.past_lesson(till.student, dollars), 1, method="credit", currency="USD"),
        till.pay(till.world.past_lesson(till.student, elsewhere), 1, method="credit"),
    ]

    assert beyond.json["type"] == "/problems/overpaid"
    assert [answer.json["type"] for answer in others] == ["/problems/credit-too-small"] * 2


def test_ones_own_balance_adds_up_all_lessons_by_currency(till: Till) -> None:
    first, second, third = (till.lesson() for _ in range(3))
    till.world.past_lesson(till.student, till.world.gig(till.teacher, currency="USD", price_cents=700))
    till.paid(first, PRICE + 100, advance=True)
    till.pay(second, 1000)
    till.refund(till.paid(third, 500), 200)

    of_both = [person.get("/api/users/me/balance").json["data"] for person in (till.student, till.teacher)]

    assert of_both[0] == of_both[1]
    euros, dollars = of_both[0]
    assert euros == {
        "currency": "EUR",
        "owed_cents": 3 * PRICE,
        "submitted_cents": 1000,
        "paid_cents": PRICE + 600,
        "refunded_cents": 200,
        "open_cents": (PRICE - 1000) + (PRICE - 300),
        "credit_cents": 100,
    }
    assert (dollars["currency"], dollars["owed_cents"], dollars["open_cents"]) == ("USD", 700, 700)
