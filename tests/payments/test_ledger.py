"""What the databases themselves refuse, and who wins when several people act on one payment at the same moment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.test import TestResponse

from database import reading
from extensions import db
from payments.invariants import violations
from payments.models import CreditNote, CreditUse, Payment, PaymentEvent, Refund
from tests.payments.conftest import PRICE, Till
from tests.support.races import at_once
from tests.support.world import Person


def filled(till: Till) -> int:
    """A payment, with rows in every table of the ledger."""
    first, second = till.lesson(), till.lesson()
    payment = till.paid(first, PRICE + 500, advance=True)
    assert till.refund(payment, 100).status_code == 201
    assert till.pay(second, 300, method="credit").status_code == 201
    absent = till.world.past_lesson(till.student, till.gig, status="no_show", cancellation_fee_cents=PRICE)
    assert till.waive(absent, 700).status_code == 201
    return payment


def refused(till: Till, *statements: Any) -> list[bool]:
    """Which of these statements the database refuses, each in a transaction of its own."""
    found = []
    with till.world.app.app_context():
        for statement in statements:
            try:
                with db.engine.begin() as connection:
                    connection.execute(statement)
                found.append(False)
            except IntegrityError:
                found.append(True)
    return found


def test_rows_of_the_ledger_are_neither_changed_nor_deleted(till: Till) -> None:
    filled(till)
    tables: list[Any] = [Payment, Refund, CreditUse, CreditNote]

    changes: list[Any] = [update(table).values(amount_cents=1) for table in tables]
    changes += [update(Payment).values(teacher_id=till.student.id)]
    changes += [update(PaymentEvent).values(status="rejected")]
    deletions = [delete(table) for table in (*tables, PaymentEvent)]

    assert refused(till, *changes, *deletions) == [True] * 11
    with till.world.app.app_context(), reading() as connection:
        assert violations(connection) == []


def test_the_database_refuses_refunds_beyond_their_payment_and_second_decisions(till: Till) -> None:
    payment = till.paid(till.lesson())
    waiting = till.pay(till.lesson(), reference="A").json["id"]
    by = {"actor_id": till.teacher.id, "at": till.world.clock(), "reason": ""}

    def refund(payment_id: int, cents: int) -> Any:
        return insert(Refund).values(payment_id=payment_id, amount_cents=cents, **by)

    events = insert(PaymentEvent)
    again = select(*[column for column in Payment.__table__.c if column.name != "id"]).where(Payment.id == waiting)
    names = [column.name for column in Payment.__table__.c if column.name != "id"]

    assert refused(
        till,
        refund(payment, PRICE + 1),
        refund(payment, PRICE),
        refund(payment, 1),
        refund(waiting, 1),
        events.values(payment_id=payment, status="rejected", **by),
        insert(Payment).from_select(names, again),
    ) == [True, False, True, True, True, True]


@pytest.mark.leaves_old_answers
def test_a_ledger_that_was_tampered_with_is_found_out(till: Till) -> None:
    payment = filled(till)
    with till.world.app.app_context(), db.engine.begin() as connection:
        by = {"actor_id": till.teacher.id, "at": till.world.clock(), "reason": ""}
        booking = connection.scalar(select(Payment.booking_id).where(Payment.id == payment))
        connection.execute(insert(CreditUse).values(payment_id=payment, booking_id=booking, amount_cents=9999))
        connection.execute(insert(CreditNote).values(booking_id=booking, amount_cents=1, **by))

        found = violations(connection)

    assert [sentence.partition(" ")[0] for sentence in found] == ["Payment", "More", "More"]


Attempt = Callable[[], TestResponse]


def outcomes(attempts: list[Attempt]) -> Counter[tuple[int, str]]:
    """How often each answer was given to attempts at the same moment."""
    return Counter((answer.status_code, (answer.json or {}).get("type", "")) for answer in at_once(attempts))


def ask(till: Till, person: Person, method: str, path: str, body: dict[str, Any]) -> Attempt:
    """A request on a client of its own."""
    client = till.world.app.test_client(use_cookies=False)
    return partial(client.open, path, method=method, json=body, headers=person.headers)


def test_of_two_refunds_that_are_too_much_together_one_is_made(till: Till) -> None:
    payment = till.paid(till.lesson())
    body = {"amount_cents": PRICE - 1000, "reason": "Half."}

    found = outcomes([ask(till, till.teacher, "POST", f"/api/payments/{payment}/refunds", body) for _ in range(3)])

    assert found == {(201, ""): 1, (409, "/problems/over-refunded"): 2}
    assert till.student.get(f"/api/payments/{payment}").json["refunded_cents"] == PRICE - 1000


def test_of_two_reports_of_one_reference_one_is_kept(till: Till) -> None:
    bodies = [
        {"booking_id": till.lesson(), "method": "other", "reference": "A-1", "amount_cents": 10, "currency": "EUR"}
        for _ in range(3)
    ]

    found = outcomes([ask(till, till.student, "POST", "/api/payments", body) for body in bodies])

    assert found == {(201, ""): 1, (409, "/problems/reference-used"): 2}
    assert len(till.teacher.get("/api/payments").json["data"]) == 1


def test_a_payment_is_verified_or_rejected_and_never_both(till: Till) -> None:
    for _ in range(3):
        payment = till.pay(till.lesson()).json["id"]
        bodies = [{"status": "verified"}, {"status": "rejected", "reason": "No."}] * 2

        found = outcomes([ask(till, till.teacher, "PATCH", f"/api/payments/{payment}", body) for body in bodies])

        assert found == {(200, ""): 1, (409, "/problems/wrong-state"): 3}
        assert len(till.student.get(f"/api/payments/{payment}").json["history"]) == 2


def test_reports_at_the_same_moment_are_never_more_than_is_open(till: Till) -> None:
    lesson = till.lesson()
    body = {"booking_id": lesson, "method": "cash", "amount_cents": PRICE - 1000, "currency": "EUR"}
    people = (till.student, till.teacher, till.student)

    found = outcomes([ask(till, person, "POST", "/api/payments", body) for person in people])

    assert found == {(201, ""): 1, (409, "/problems/overpaid"): 2}
    assert till.balance(lesson)["open_cents"] == 1000


def test_credit_is_used_once(till: Till) -> None:
    till.paid(till.lesson(), PRICE + 1000, advance=True)
    bodies = [
        {"booking_id": till.lesson(), "method": "credit", "amount_cents": 1000, "currency": "EUR"} for _ in range(3)
    ]

    found = outcomes([ask(till, till.student, "POST", "/api/payments", body) for body in bodies])

    assert found == {(201, ""): 1, (409, "/problems/credit-too-small"): 2}
    with till.world.app.app_context(), reading() as connection:
        assert violations(connection) == []


def test_credit_is_either_used_or_given_back(till: Till) -> None:
    lesson = till.lesson()
    payment = till.paid(first := till.lesson(), PRICE + 1000, advance=True)
    use = {"booking_id": lesson, "method": "credit", "amount_cents": 1000, "currency": "EUR"}
    back = {"amount_cents": PRICE + 1000, "reason": "All of it."}

    found = at_once(
        [
            ask(till, till.student, "POST", "/api/payments", use),
            ask(till, till.teacher, "POST", f"/api/payments/{payment}/refunds", back),
        ]
    )

    assert sorted(answer.status_code for answer in found) == [201, 409]
    assert till.balance(first)["paid_cents"] + till.balance(lesson)["paid_cents"] == PRICE + 1000
    with till.world.app.app_context(), reading() as connection:
        assert violations(connection) == []


@pytest.mark.parametrize("again", range(2))
def test_a_cancellation_and_a_payment_leave_exact_sums(till: Till, again: int) -> None:
    gig = till.world.gig(till.teacher, price_cents=PRICE)
    booking = till.world.accepted(till.student, till.teacher, gig)["id"]
    body = {"booking_id": booking, "method": "cash", "amount_cents": PRICE, "currency": "EUR"}

    paid, cancelled = at_once(
        [
            ask(till, till.student, "POST", "/api/payments", body),
            ask(till, till.teacher, "PATCH", f"/api/bookings/{booking}", {"status": "cancelled"}),
        ]
    )

    assert (cancelled.status_code, paid.status_code in (201, 409)) == (200, True)
    found = till.balance(booking)
    assert (found["due_cents"], found["open_cents"]) == (0, 0)
    assert found["submitted_cents"] == (PRICE if paid.status_code == 201 else 0)
