"""What `flask doctor` says of money that somebody has tampered with, past all guards of the database."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import case, delete, func, insert, literal, update

from bookings.models import Booking
from extensions import db
from operators.backup.loading import without_triggers
from payments import sums
from payments.invoices.models import Invoice, InvoiceLine
from payments.models import CreditUse, Payment, PaymentEvent, Refund
from payments.packages import queries
from payments.packages.models import PackageEvent, PackageRefund, PackageUnit
from tests.payments.conftest import PRICE, Till

GUARDED = (
    *("payments", "payment_events", "refunds", "credit_uses", "invoices", "invoice_lines"),
    *("package_events", "package_refunds", "package_units"),
)


def examined(till: Till) -> tuple[int, list[str]]:
    """The exit code of `flask doctor`, and the sentences about money."""
    result = till.world.app.test_cli_runner().invoke(args=["doctor", "--offline"])
    return result.exit_code, [line.strip() for line in result.output.splitlines() if line.startswith(" ")]


def tampered(till: Till, *statements: Any) -> None:
    """Do this as somebody could who may switch the guards off."""
    with till.world.app.app_context(), db.engine.begin() as connection, without_triggers(connection, GUARDED):
        for statement in statements:
            connection.execute(statement)


@pytest.fixture
def paid(till: Till) -> Till:
    """Somebody has paid too much for a lesson, got some of it back, and used some for another lesson."""
    first, second = till.lesson(), till.lesson()
    payment = till.paid(first, PRICE + 500, advance=True)
    assert till.refund(payment, 100).status_code == 201
    assert till.pay(second, 300, method="credit").status_code == 201
    for lesson in (first, second, till.lesson()):
        assert till.teacher.post("/api/invoices", {"booking_ids": [lesson]}).status_code == 201
    gig = {"lessons": 3, "price_cents": 9000}
    offer = till.teacher.post(f"/api/gigs/{till.gig['id']}/packages", gig).json["id"]
    package = till.student.post("/api/packages", {"offer_id": offer}).json["id"]
    assert till.teacher.patch(f"/api/packages/{package}", {"status": "paid"}).status_code == 200
    till.world.accepted(till.student, till.teacher, till.gig)
    return till


def _refund(cents: int) -> Any:
    by = {"actor_id": 1, "at": func.now(), "reason": ""}
    return insert(Refund).values(payment_id=1, amount_cents=cents, **by)


def _package_refund(cents: int) -> Any:
    by = {"actor_id": 1, "at": func.now(), "reason": ""}
    return insert(PackageRefund).values(package_id=1, amount_cents=cents, **by)


# By what was done: the statements, and what is said about it.
ROWS: dict[str, tuple[list[Any], str]] = {
    "a refund beyond its payment": ([_refund(PRICE + 401)], "More was given back of payment 1 than it was."),
    "money that was used and given back": (
        [_refund(PRICE + 200)],
        "More was taken from booking 1 than was paid for it.",
    ),
    "a refund of a payment that was not verified": (
        [delete(PaymentEvent).where(PaymentEvent.payment_id == 1, PaymentEvent.status == "verified")],
        "Payment 1 was never verified, and something was given back.",
    ),
    "a payment that is less than the credit in it": (
        [update(CreditUse).values(amount_cents=299)],
        "Payment 2 is 300 of credit, and 299 was taken for it.",
    ),
    "a payment of other people": (
        [update(Payment).where(Payment.id == 1).values(teacher_id=Payment.student_id)],
        "Payment 1 has other people, or another currency, than its booking.",
    ),
    "a fee beyond the price": (
        [update(Booking).where(Booking.id == 1).values(cancellation_fee_cents=PRICE + 1)],
        "Lesson 1 costs a fee that is more than its price.",
    ),
    "an invoice that is gone": (
        [delete(InvoiceLine).where(InvoiceLine.invoice_id == 2), delete(Invoice).where(Invoice.id == 2)],
        "The invoices of teacher 1 in 2026 are not numbered one by one.",
    ),
    "the last invoice that is gone": (
        [delete(InvoiceLine).where(InvoiceLine.invoice_id == 3), delete(Invoice).where(Invoice.id == 3)],
        "The counter of teacher 1 in 2026 is 3 after 2 invoices.",
    ),
    "a package's refund beyond its price": (
        [_package_refund(9001)],
        "More was given back of package 1 than was paid for it.",
    ),
    "a package that is used and was never paid": (
        [delete(PackageEvent).where(PackageEvent.status == "paid")],
        "Package 1 pays for lesson 4, and is not paid.",
    ),
    "a lesson beyond those of a package": (
        [update(PackageUnit).values(number=4)],
        "More lessons are taken from package 1 than it has, or one of them twice.",
    ),
}


@pytest.mark.leaves_old_answers
@pytest.mark.parametrize("what", ROWS)
def test_rows_that_were_tampered_with_are_named(paid: Till, what: str) -> None:
    statements, expected = ROWS[what]
    before = examined(paid)

    tampered(paid, *statements)

    code, said = examined(paid)
    assert before == (0, [])
    assert code == 1
    assert expected in said, said


def _no_price(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sums, "_PRICE_DUE", case((Booking.status == "accepted", Booking.price_cents), else_=literal(0)))


def _no_credit(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(sums, "credit", lambda *_: 0)


def _generous_packages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(queries, "paid_back", lambda *_: 1)


# By what the code would do wrong: how, and what is said about it.
MISTAKES: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], str]] = {
    "a price that is not due": (_no_price, "What is shown of lesson 1 is not what its rows add up to."),
    "credit that is not seen": (_no_credit, "The credit of user 2 with user 1 in EUR is not 100."),
    "lessons paid back that were not": (
        _generous_packages,
        "What is shown of package 1 is not what its rows add up to.",
    ),
}


@pytest.mark.parametrize("what", MISTAKES)
def test_sums_that_the_product_gets_wrong_are_named(paid: Till, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    mistake, expected = MISTAKES[what]
    before = examined(paid)

    mistake(monkeypatch)

    code, said = examined(paid)
    assert before == (0, [])
    assert code == 1
    assert expected in said, said
