"""Money added up once more in plain SQL, and compared with what people are shown.

Nothing of this comes from where the product adds up, so a mistake there shows, too: what a lesson costs in which status
and what is left of a package are written down here a second time.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, Row, text, true

from bookings.models import Booking
from payments import sums
from payments.lesson_months.totals import by_currency
from payments.packages.queries import PackagesQuery, all_packages_page

# What moves money for a lesson, each table by itself.
_MOVED = text(
    """
    SELECT booking_id, SUM(paid) AS paid, SUM(waiting) AS waiting, SUM(back) AS back, SUM(waived) AS waived FROM (
        SELECT booking_id, amount_cents AS paid, 0 AS waiting, 0 AS back, 0 AS waived FROM payments
        WHERE id IN (SELECT payment_id FROM payment_events WHERE status = 'verified')
        UNION ALL
        SELECT booking_id, 0, amount_cents, 0, 0 FROM payments
        WHERE id NOT IN (SELECT payment_id FROM payment_events WHERE status IN ('verified', 'rejected'))
        UNION ALL
        SELECT payments.booking_id, 0, 0, refunds.amount_cents, 0
        FROM refunds JOIN payments ON payments.id = refunds.payment_id
        UNION ALL
        SELECT booking_id, -amount_cents, 0, 0, 0 FROM credit_uses
        UNION ALL
        SELECT booking_id, 0, 0, 0, amount_cents FROM credit_notes
    ) AS moved GROUP BY booking_id
    """
)
# Packages pay for lessons whose unit was not given back.
_LESSONS = text(
    """
    SELECT id, student_id, teacher_id, currency, status, price_cents, COALESCE(cancellation_fee_cents, 0) AS fee_cents,
        id IN (SELECT booking_id FROM package_units WHERE released_at IS NULL) AS covered
    FROM bookings ORDER BY id
    """
)
_PACKAGES = text(
    """
    SELECT id, lessons, price_cents,
        (SELECT COUNT(*) FROM package_units WHERE package_id = packages.id AND released_at IS NULL) AS used,
        (SELECT COUNT(*) FROM package_events WHERE package_id = packages.id AND status = 'closed') AS closed,
        (SELECT COUNT(*) FROM package_events WHERE package_id = packages.id AND status = 'cancelled') AS cancelled,
        (SELECT COALESCE(SUM(refunded_cents), 0) FROM package_events WHERE package_id = packages.id)
        + (SELECT COALESCE(SUM(amount_cents), 0) FROM package_refunds
            WHERE package_id = packages.id AND payment_id IS NULL) AS refunded,
        (SELECT COALESCE(SUM(amount_cents), 0) FROM package_payments WHERE package_id = packages.id AND NOT needed)
        - (SELECT COALESCE(SUM(amount_cents), 0) FROM package_refunds
            WHERE package_id = packages.id AND payment_id IS NOT NULL) AS surplus
    FROM packages ORDER BY id
    """
)
_COST_THEIR_PRICE = ("accepted", "completed")
_MAY_COST_A_FEE = ("rejected", "cancelled", "expired", "no_show")
_TOTALS = ("due_cents", "submitted_cents", "paid_cents", "refunded_cents", "open_cents", "spare_cents")


def wrong_balances(connection: Connection) -> Iterator[str]:
    """Compare what is shown of each lesson, and the credit of each two people, with the rows."""
    shown = {it.booking_id: asdict(it) for it in sums.of_bookings(connection, true())}
    credit: Counter[tuple[int, int, str]] = Counter()
    for lesson, exact in _balances(connection):
        if shown.get(lesson.id) != exact:
            yield f"What is shown of lesson {lesson.id} is not what its rows add up to."
        if not 0 <= lesson.fee_cents <= lesson.price_cents:
            yield f"Lesson {lesson.id} costs a fee that is more than its price."
        credit[lesson.student_id, lesson.teacher_id, lesson.currency] += exact["spare_cents"]
    for (student_id, teacher_id, currency), cents in sorted(credit.items()):
        pair = SimpleNamespace(student_id=student_id, teacher_id=teacher_id, currency=currency)
        if sums.credit(connection, pair) != cents:
            yield f"The credit of user {student_id} with user {teacher_id} in {currency} is not {cents}."


def wrong_totals(connection: Connection) -> Iterator[str]:
    """Compare what each person is told that they owe, or are owed, with the rows of their lessons."""
    balances = [*_balances(connection)]
    for name, side in (("student_id", Booking.student_id), ("teacher_id", Booking.teacher_id)):
        of_people: dict[int, dict[str, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
        for lesson, exact in balances:
            of_people[getattr(lesson, name)][lesson.currency].update({it: exact[it] for it in _TOTALS})
        for user_id, of_currencies in sorted(of_people.items()):
            shown = {it.currency: asdict(it) for it in by_currency(connection, side, user_id)}
            for currency in sorted(shown.keys() | of_currencies.keys()):
                if any(shown.get(currency, {}).get(it) != of_currencies[currency][it] for it in _TOTALS):
                    yield f"What user {user_id} is told in {currency} is not the sum of their lessons."


def wrong_packages(connection: Connection) -> Iterator[str]:
    """Compare what is left of each package, given back and to be given back with its rows."""
    rows = connection.execute(_PACKAGES).all()
    page: Any = all_packages_page.load(connection, PackagesQuery(limit=len(rows) + 1))
    shown = {it["id"]: (it["left"], it["refunded_cents"], it["surplus_cents"]) for it in page["data"]}
    for row in rows:
        if shown.get(row.id) != (_left(row), row.refunded, row.surplus):
            yield f"What is shown of package {row.id} is not what its rows add up to."
        if row.used > row.lessons:
            yield f"More lessons are taken from package {row.id} than it has."
        if row.refunded > row.price_cents or row.surplus < 0:
            yield f"More was given back of package {row.id} than was paid for it."


def _balances(connection: Connection) -> Iterator[tuple[Row[Any], dict[str, Any]]]:
    """Add up what each lesson costs, and what was paid for it."""
    moved = {row.booking_id: row for row in connection.execute(_MOVED)}
    nothing = SimpleNamespace(paid=0, waiting=0, back=0, waived=0)
    for lesson in connection.execute(_LESSONS).all():
        it: Any = moved.get(lesson.id, nothing)
        fee = lesson.fee_cents if lesson.status in _MAY_COST_A_FEE and not lesson.covered else 0
        price = lesson.price_cents if lesson.status in _COST_THEIR_PRICE and not lesson.covered else 0
        due, left = price + fee - it.waived, it.paid - it.back
        yield (
            lesson,
            {
                "booking_id": lesson.id,
                "currency": lesson.currency,
                "price_cents": lesson.price_cents,
                "fee_cents": fee - it.waived,
                "due_cents": due,
                "submitted_cents": it.waiting,
                "paid_cents": it.paid,
                "refunded_cents": it.back,
                "open_cents": max(0, due - left - it.waiting),
                "spare_cents": max(0, left - due),
            },
        )


def _left(row: Row[Any]) -> int:
    """Count the lessons of a package that can still be taken: neither taken yet nor paid back."""
    if row.closed or row.cancelled:
        return 0
    paid_back = sum(1 for number in range(1, row.lessons + 1) if row.price_cents * number <= row.refunded * row.lessons)
    return int(max(0, row.lessons - row.used - paid_back))
