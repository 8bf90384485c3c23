"""What is true of every ledger, whatever has happened: for tests and for operators."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select, true

from bookings.models import Booking
from payments import sums
from payments.invoices.invariants import violations as about_invoices
from payments.models import (
    DECISIONS,
    CreditNote,
    CreditUse,
    Payment,
    PaymentEvent,
    PaymentMethod,
    PaymentStatus,
    Refund,
    WaitingPayment,
)
from payments.packages.invariants import violations as about_packages


def violations(connection: Connection) -> list[str]:
    """Say in one sentence each what is wrong with the ledger: nothing, if all is well.

    Every row is read and added up here, one by one, so that a mistake in the sums of `payments/sums.py` shows, too.
    """
    rows = _Rows(connection)
    of_ledger = (*_about_payments(rows), *_about_credit(rows), *_about_balances(connection, rows))
    return [*of_ledger, *about_packages(connection), *about_invoices(connection)]


class _Rows:
    """The whole ledger, as it is stored."""

    def __init__(self, connection: Connection) -> None:
        """Read it."""

        def every(table: Any) -> list[Row[Any]]:
            return list(connection.execute(select(table.__table__).order_by(table.id)))

        self.bookings = {row.id: row for row in every(Booking)}
        self.payments = {row.id: row for row in every(Payment)}
        self.events, self.refunds = every(PaymentEvent), every(Refund)
        self.uses, self.notes = every(CreditUse), every(CreditNote)
        self.refunded = _added(self.refunds, "payment_id")
        self.steps: dict[int, list[str]] = defaultdict(list)
        for row in self.events:
            self.steps[row.payment_id].append(row.status)

        self.waiting = set(connection.scalars(select(WaitingPayment.payment_id)))

    def with_status(self, status: str) -> list[Row[Any]]:
        """Return the payments whose newest step is this one."""
        return [payment for payment in self.payments.values() if self.steps[payment.id][-1:] == [status]]


def _about_payments(rows: _Rows) -> Iterator[str]:
    for payment in rows.payments.values():
        steps, refunded = rows.steps[payment.id], rows.refunded[payment.id]
        if steps[:1] != [PaymentStatus.SUBMITTED] or len(steps) > 2 or not set(steps[1:]) <= set(DECISIONS):
            yield f"Payment {payment.id} was decided about in another way than once: {', '.join(steps)}."
        if (payment.id in rows.waiting) != (len(steps) == 1):
            yield f"Payment {payment.id} waits for a decision in one table and not in the other."
        if refunded > payment.amount_cents:
            yield f"More was given back of payment {payment.id} than it was."
        if refunded and steps[-1:] != [PaymentStatus.VERIFIED]:
            yield f"Payment {payment.id} was never verified, and something was given back."
        booking = rows.bookings[payment.booking_id]
        names = ("student_id", "teacher_id", "currency")
        if any(getattr(payment, name) != getattr(booking, name) for name in names):
            yield f"Payment {payment.id} has other people, or another currency, than its booking."


def _about_credit(rows: _Rows) -> Iterator[str]:
    used = _added(rows.uses, "payment_id")
    for payment in rows.payments.values():
        taken = payment.amount_cents if payment.method == PaymentMethod.CREDIT else 0
        if used[payment.id] != taken:
            yield f"Payment {payment.id} is {taken} of credit, and {used[payment.id]} was taken for it."


def _about_balances(connection: Connection, rows: _Rows) -> Iterator[str]:
    """Compare what is shown of each booking with its rows, and look whether money came from nowhere."""
    paid = _added(rows.with_status(PaymentStatus.VERIFIED), "booking_id")
    waiting = _added(rows.with_status(PaymentStatus.SUBMITTED), "booking_id")
    used, waived = _added(rows.uses, "booking_id"), _added(rows.notes, "booking_id")
    back: Counter[int] = Counter()
    for refund in rows.refunds:
        back[rows.payments[refund.payment_id].booking_id] += refund.amount_cents
    for shown in sums.of_bookings(connection, true()):
        id_ = shown.booking_id
        exact = (paid[id_] - used[id_], waiting[id_], back[id_])
        if (shown.paid_cents, shown.submitted_cents, shown.refunded_cents) != exact:
            yield f"The balance of booking {id_} is not the sum of its rows."
        left = shown.paid_cents - shown.refunded_cents
        if left < 0:
            yield f"More was taken from booking {id_} than was paid for it."
        open_cents, spare = max(0, shown.due_cents - left - shown.submitted_cents), max(0, left - shown.due_cents)
        if (shown.open_cents, shown.spare_cents) != (open_cents, spare) or shown.due_cents < 0:
            yield f"What is open for booking {id_}, or paid too much, does not follow from its balance."
        if waived[id_] > (rows.bookings[id_].cancellation_fee_cents or 0):
            yield f"More was waived for booking {id_} than its fee."


def _added(rows: list[Row[Any]], by: str) -> Counter[int]:
    """Add up the amounts of rows that have this column in common."""
    found: Counter[int] = Counter()
    for row in rows:
        found[getattr(row, by)] += row.amount_cents
    return found
