"""Reads of statements: the rows of the ledger in the order of time, and what was owed before them.

A lesson's price or fee is no row of the ledger. It is owed from the lesson's start, and stands as it is now.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, String, and_, case, func, literal, select, union_all

import tags
from accounts.models import User
from bookings.models import Booking
from bookings.shown import own_side
from bookings.statuses import LEAVES_FEE
from caching import BoundRead, cache
from database import alias_of
from gigs.models import Gig
from jsontext import JsonObject
from payments import sums
from payments.models import CreditNote, CreditUse, Payment, PaymentEvent, PaymentMethod, PaymentStatus, Refund
from payments.packages import money
from payments.statements import prepaid

_Student, _Teacher = alias_of(User), alias_of(User)
_Verified = alias_of(PaymentEvent)


class RowKind(StrEnum):
    """What a row of a statement is, in the order in which those of one instant happen."""

    PACKAGE = "package"
    PACKAGE_PAID = "package_paid"
    PACKAGE_ENDED = "package_ended"
    PACKAGE_REFUNDED = "package_refunded"
    PACKAGE_UNNEEDED = "package_unneeded"
    PACKAGE_UNNEEDED_REFUNDED = "package_unneeded_refunded"
    LESSON = "lesson"
    FEE = "fee"
    WAIVED = "waived"
    REPORTED = "reported"
    RECEIVED = "received"
    REJECTED = "rejected"
    CREDIT_MOVED = "credit_moved"
    CREDIT_USED = "credit_used"
    REFUNDED = "refunded"


_ORDER = {kind: place for place, kind in enumerate(RowKind)}
_OF_STEPS = {
    PaymentStatus.SUBMITTED: RowKind.REPORTED,
    PaymentStatus.VERIFIED: RowKind.RECEIVED,
    PaymentStatus.REJECTED: RowKind.REJECTED,
}
# For each movement of money of packages its rows, and what each adds to what the student owes.
_OF_PACKAGES = {
    money.CAME: ((RowKind.PACKAGE, 1), (RowKind.PACKAGE_PAID, -1)),
    money.BACK: ((RowKind.PACKAGE_ENDED, -1), (RowKind.PACKAGE_REFUNDED, 1)),
    money.UNNEEDED: ((RowKind.PACKAGE_UNNEEDED, 0),),
    money.UNNEEDED_BACK: ((RowKind.PACKAGE_UNNEEDED_REFUNDED, 0),),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Whose statement, as what, with whom alone (None: with all), and from when to when."""

    user_id: int
    role: str
    person_id: int | None
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class _Entry:
    """A row, with what puts it in order."""

    currency: str
    at: datetime
    kind: RowKind
    id: int
    shown: JsonObject


# Invalidated by: each of the person's payments and packages; every change of one of their bookings; names; titles of
# gigs.
@cache.stamped("statement", ttl=600, tag=tags.user_bookings, by="user_id", shape=2)
def statement(
    connection: Connection, user_id: int, role: str, person_id: int | None, start: datetime, end: datetime
) -> JsonObject:
    """Add up a person's ledger until `start`, and list it from there to `end`, by currency."""
    mine = own_side(role)
    other = Booking.teacher_id if mine is Booking.student_id else Booking.student_id
    whose = mine == user_id if person_id is None else and_(mine == user_id, other == person_id)
    ledger = union_all(*_parts(whose)).subquery()
    opening = dict(
        connection.execute(
            select(ledger.c.currency, func.sum(ledger.c.effect)).where(ledger.c.at < start).group_by(ledger.c.currency)
        ).all()
    )
    rows = connection.execute(_shown(ledger).where(ledger.c.at >= start, ledger.c.at < end)).all()
    entries = [_Entry(row.currency, row.at, RowKind(row.kind), row.id, _show(row)) for row in rows]
    for bought in prepaid.events(connection, user_id, role, person_id, start, end):
        entries += _of_package(bought)
    return {"data": [*_by_currency(entries, {name: int(cents) for name, cents in opening.items()})]}


def statement_for(wanted: Wanted) -> BoundRead:
    """Name the read of a statement."""
    return statement.at(wanted.user_id, wanted.role, wanted.person_id, wanted.start, wanted.end)


def _parts(whose: ColumnElement[bool]) -> Iterable[Select[Any]]:
    """Select each kind of rows, with what it adds to what the student owes."""
    is_fee = Booking.status.in_(LEAVES_FEE)
    charged = case((is_fee, RowKind.FEE), else_=RowKind.LESSON)
    charges = _row(charged, Booking.id, Booking.starts_at, sums.CHARGED, 1).where(whose, sums.CHARGED > 0)
    yield charges.select_from(Booking)
    yield _of_payments().where(whose)
    credit = _row(RowKind.CREDIT_MOVED, CreditUse.id, Payment.created_at, CreditUse.amount_cents, 1)
    credit = credit.select_from(CreditUse).join(Payment, Payment.id == CreditUse.payment_id)
    yield credit.join(Booking, Booking.id == CreditUse.booking_id).where(whose)
    back = _row(RowKind.REFUNDED, Refund.id, Refund.at, Refund.amount_cents, 1, reason=Refund.reason)
    back = back.select_from(Refund).join(Payment, Payment.id == Refund.payment_id)
    yield back.join(Booking, Booking.id == Payment.booking_id).where(whose)
    notes = _row(RowKind.WAIVED, CreditNote.id, CreditNote.at, CreditNote.amount_cents, -1, reason=CreditNote.reason)
    yield notes.select_from(CreditNote).join(Booking, Booking.id == CreditNote.booking_id).where(whose)


def _of_payments() -> Select[Any]:
    """Select the steps of payments, without reports of money that was there at the same moment."""
    by_credit = and_(Payment.method == PaymentMethod.CREDIT, PaymentEvent.status == PaymentStatus.VERIFIED)
    kinds = [(PaymentEvent.status == status, kind) for status, kind in _OF_STEPS.items()]
    kind = case((by_credit, RowKind.CREDIT_USED), *kinds)
    counts = case((PaymentEvent.status == PaymentStatus.VERIFIED, -1), else_=0)
    found = _row(
        kind,
        PaymentEvent.id,
        PaymentEvent.at,
        Payment.amount_cents,
        counts,
        reference=Payment.reference,
        reason=PaymentEvent.reason,
    )
    found = found.select_from(PaymentEvent).join(Payment, Payment.id == PaymentEvent.payment_id)
    at_once = and_(
        _Verified.payment_id == Payment.id,
        _Verified.status == PaymentStatus.VERIFIED,
        _Verified.at == PaymentEvent.at,
        PaymentEvent.status == PaymentStatus.SUBMITTED,
    )
    found = found.outerjoin(_Verified, at_once).join(Booking, Booking.id == Payment.booking_id)
    return found.where(_Verified.id.is_(None))


def _row(kind: Any, id_: Any, at: Any, amount: Any, sign: Any, *, reference: Any = "", reason: Any = "") -> Select[Any]:
    texts = {"reference": reference, "reason": reason}
    return select(
        (literal(kind.value) if isinstance(kind, RowKind) else kind).cast(String).label("kind"),
        id_.label("id"),
        at.label("at"),
        amount.label("amount_cents"),
        (amount * sign).label("effect"),
        Booking.id.label("booking_id"),
        Booking.currency.label("currency"),
        *((literal(text) if isinstance(text, str) else text).label(name) for name, text in texts.items()),
    )


def _shown(ledger: Any) -> Select[Any]:
    booking = (Booking.starts_at, Booking.student_id, Booking.teacher_id, Gig.title)
    people = (_Student.name.label("student_name"), _Teacher.name.label("teacher_name"))
    found = select(ledger, *booking, *people).join(Booking, Booking.id == ledger.c.booking_id)
    found = found.join(Gig, Gig.id == Booking.gig_id).join(_Student, _Student.id == Booking.student_id)
    return found.join(_Teacher, _Teacher.id == Booking.teacher_id)


def _of_package(row: Any) -> Iterable[_Entry]:
    """Charge a package and what was paid for it at one moment.

    What was given back is taken off in the same way.
    """
    for kind, sign in _OF_PACKAGES[row.kind]:
        sums = {"amount_cents": row.cents, "effect_cents": sign * row.cents}
        shown = {"at": row.at, "kind": kind, **prepaid.show(row), **sums, "reference": "", "reason": row.reason}
        yield _Entry(row.currency, row.at, kind, row.move_id, shown)


def _by_currency(entries: Sequence[_Entry], opening: dict[str, int]) -> Iterable[JsonObject]:
    """Put the rows of each currency in order, and add them up."""
    by_time = sorted(entries, key=lambda it: (it.currency, it.at, _ORDER[it.kind], it.id))
    groups = {currency: [*group] for currency, group in groupby(by_time, key=lambda it: it.currency)}
    for currency in sorted(groups.keys() | {name for name, cents in opening.items() if cents}):
        balance = first = opening.get(currency, 0)
        shown = []
        for entry in groups.get(currency, []):
            balance += entry.shown["effect_cents"]
            shown.append(entry.shown | {"balance_cents": balance})
        yield {"currency": currency, "opening_cents": first, "rows": shown, "closing_cents": balance}


def _show(row: Any) -> JsonObject:
    return {
        "at": row.at,
        "kind": row.kind,
        "booking": {"id": row.booking_id, "starts_at": row.starts_at, "title": row.title},
        "package": None,
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
        "amount_cents": row.amount_cents,
        "effect_cents": row.effect,
        "reference": row.reference,
        "reason": row.reason,
    }
