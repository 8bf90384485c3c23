"""Reads of payments and balances, the cached ones with their family, life time and tag.

All of them hang on the tags of bookings: what is owed, and when a lesson begins, changes with those, and a payment
makes both people's lists of lessons old anyway.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, exists, func, or_, select, union
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.models import Booking
from bookings.shown import own_side
from caching import BoundRead, Tag, cache, invalidation_check
from database import alias_of
from gigs.models import Gig
from gigs.narrowing import Words, narrowed_by
from jsontext import JsonObject
from payments import sums
from payments.lesson_months.totals import by_currency
from payments.models import CreditNote, CreditUse, Payment, PaymentEvent, PaymentStatus, Refund
from payments.packages.models import Package, PackageUnit
from payments.proofs.models import PaymentProof
from payments.states import Party, allowed
from payments.sums import DECIDED, Decided
from web.pagination import Position, page

_Student, _Teacher = alias_of(User), alias_of(User)
# The unit of a package that pays for a booking.
_UNIT = and_(PackageUnit.booking_id == Booking.id, PackageUnit.released_at.is_(None))
_STATUS = func.coalesce(Decided.status, PaymentStatus.SUBMITTED).label("status")

invalidation_check.watch(Payment, {tags.user_bookings: ("student_id", "teacher_id"), tags.all_bookings: ()})
for _rows in (PaymentEvent, PaymentProof, Refund, CreditUse, CreditNote):
    # Whose they are stands in the payment or the booking.
    invalidation_check.watch(_rows, {tags.all_bookings: ()})


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentsQuery(Words):
    """What a list can be narrowed to.

    Beside the words, any of `statuses` (sorted, none means all), a booking, and start ≤ created_at < end.
    """

    statuses: tuple[str, ...] = ()
    booking_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 20
    after: Position | None = None


# What waits for an answer of the payee.
TO_CHECK = PaymentsQuery(statuses=(PaymentStatus.SUBMITTED,), limit=50)


# Invalidated by: each of the person's payments, its proof, what is decided about it and given back of it; every change
# of one of their bookings; names; titles of gigs.
@cache.stamped("payments", ttl=600, tag=tags.user_bookings, by="user_id")
def payments_page(connection: Connection, user_id: int, role: str, query: PaymentsQuery) -> JsonObject:
    """List what a student has paid, or what a teacher was paid, the newest first."""
    mine = Payment.teacher_id if role == Role.TEACHER else Payment.student_id
    return _page(connection, query, mine == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("payments", ttl=600, tag=tags.all_bookings)
def all_payments_page(connection: Connection, query: PaymentsQuery) -> JsonObject:
    """List all payments for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: its proof, what is decided about it and given back of it; every change of a booking of this person;
# names.
@cache.stamped("payment", ttl=3600, tag=tags.user_bookings, by="user_id", kind="entity")
def payment(connection: Connection, user_id: int, payment_id: int) -> JsonObject | None:
    """Describe one payment to one of its two people, with what they may do about it."""
    found = _detail(connection, Payment.id == payment_id, _either_is(Payment, user_id))
    if found is None:
        return None
    party = Party.PAYEE if found["teacher"]["id"] == user_id else Party.STUDENT
    return found | {"allowed_transitions": allowed(found["status"], frozenset({party}))}


# Invalidated by: the same of everybody.
@cache.stamped("payment", ttl=3600, tag=tags.all_bookings, kind="entity")
def any_payment(connection: Connection, payment_id: int) -> JsonObject | None:
    """Describe one payment to an administrator."""
    found = _detail(connection, Payment.id == payment_id)
    return found and found | {"allowed_transitions": allowed(found["status"], frozenset({Party.ADMIN}))}


# Invalidated by: every payment of this person, what is decided about it and given back of it; every change of one of
# their bookings.
@cache.stamped("balance", ttl=600, tag=tags.user_bookings, by="user_id", kind="entity", shape=2)
def balance(connection: Connection, user_id: int, booking_id: int) -> JsonObject | None:
    """Tell one of a booking's two people what is due and what was paid."""
    return _balance(connection, Booking.id == booking_id, _either_is(Booking, user_id))


# Invalidated by: the same of everybody.
@cache.stamped("balance", ttl=600, tag=tags.all_bookings, kind="entity", shape=2)
def any_balance(connection: Connection, booking_id: int) -> JsonObject | None:
    """Tell an administrator what is due for a booking and what was paid."""
    return _balance(connection, Booking.id == booking_id)


# Invalidated by: every payment of this person, what is decided about it and given back of it; every change of one of
# their bookings.
@cache.stamped("balances", ttl=600, tag=tags.user_bookings, by="user_id", kind="entity")
def balances(connection: Connection, user_id: int, role: str) -> JsonObject:
    """Tell a student what they owe in all, or a teacher what is owed to them, by currency."""
    found = by_currency(connection, own_side(role), user_id)
    return {"data": [_show_balances(it) for it in found if it.due_cents or it.paid_cents or it.submitted_cents]}


@name_dependents.add
def _shows_actor(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows who has decided about payments or given them back, which may be an administrator."""
    about = [
        select(Payment.student_id, Payment.teacher_id).join(step, step.payment_id == Payment.id).where(by == user_id)
        for step, by in ((PaymentEvent, PaymentEvent.actor_id), (Refund, Refund.actor_id))
    ]
    people = {person for pair in session.execute(union(*about)) for person in pair}
    return [*map(tags.user_bookings, people), tags.all_bookings()] if people else []


def list_for(user_id: int, role: str, query: PaymentsQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_payments_page.at(query) if runs_school(role) else payments_page.at(user_id, role, query)


def payment_for(user_id: int, role: str, payment_id: int) -> BoundRead:
    """Name the read that describes a payment to a user with this role."""
    return any_payment.at(payment_id) if runs_school(role) else payment.at(user_id, payment_id)


def payment_now(user_id: int, role: str, payment_id: int) -> JsonObject:
    """Describe a payment to a user who has just changed it."""
    found: JsonObject = (any_payment(payment_id) if runs_school(role) else payment(user_id, payment_id)).json()
    return found


def balance_now(user_id: int, role: str, booking_id: int) -> JsonObject:
    """Tell a user who has just changed something how the booking stands."""
    found: JsonObject = (any_balance(booking_id) if runs_school(role) else balance(user_id, booking_id)).json()
    return found


def balance_for(user_id: int, role: str, booking_id: int) -> BoundRead:
    """Name the read that tells a user with this role how a booking stands."""
    return any_balance.at(booking_id) if runs_school(role) else balance.at(user_id, booking_id)


def _either_is(model: Any, user_id: int) -> ColumnElement[bool]:
    return or_(model.student_id == user_id, model.teacher_id == user_id)


def _payments() -> Select[Any]:
    names = ("id", "booking_id", "method", "reference", "amount_cents", "currency", "created_at")
    own = [getattr(Payment, name) for name in (*names, "student_id", "teacher_id")]
    decision = (_STATUS, Decided.reason, Decided.at.label("decided_at"))
    lesson = (Booking.starts_at, Booking.gig_id, Gig.title)
    people = (_Student.name.label("student_name"), _Teacher.name.label("teacher_name"))
    refunded = sums.refunded_of(Payment.id).label("refunded_cents")
    proof = exists(PaymentProof.payment_id).where(PaymentProof.payment_id == Payment.id).label("has_proof")
    found = select(*own, *decision, *lesson, *people, refunded, proof).select_from(Payment).outerjoin(Decided, DECIDED)
    found = found.join(Booking, Booking.id == Payment.booking_id).join(Gig, Gig.id == Booking.gig_id)
    return found.join(_Student, _Student.id == Payment.student_id).join(_Teacher, _Teacher.id == Payment.teacher_id)


def _page(connection: Connection, query: PaymentsQuery, *whose: ColumnElement[bool]) -> JsonObject:
    by_words = narrowed_by(connection, query, Payment, Booking.gig_id)
    found = _payments().where(*whose, *_narrowed(query), *by_words).order_by(Payment.id.desc())
    rows = connection.execute(found.limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def _narrowed(query: PaymentsQuery) -> Iterable[ColumnElement[bool]]:
    if query.statuses:
        yield _STATUS.in_(query.statuses)
    if query.booking_id is not None:
        yield Payment.booking_id == query.booking_id
    if query.start:
        yield Payment.created_at >= query.start
    if query.end:
        yield Payment.created_at < query.end
    if query.after:
        yield Payment.id < query.after[1]


def _detail(connection: Connection, *which: ColumnElement[bool]) -> JsonObject | None:
    row = connection.execute(_payments().where(*which)).one_or_none()
    if row is None:
        return None
    return _show(row) | {"history": _history(connection, row.id), "refunds": _refunds(connection, row.id)}


def _history(connection: Connection, payment_id: int) -> list[JsonObject]:
    columns = (PaymentEvent.status, PaymentEvent.at, PaymentEvent.reason, PaymentEvent.actor_id, User.name)
    found = select(*columns).join(User, User.id == PaymentEvent.actor_id).where(PaymentEvent.payment_id == payment_id)
    rows = connection.execute(found.order_by(PaymentEvent.id))
    return [_show_step(row) | {"status": row.status} for row in rows]


def _refunds(connection: Connection, payment_id: int) -> list[JsonObject]:
    columns = (Refund.id, Refund.amount_cents, Refund.at, Refund.reason, Refund.actor_id, User.name)
    found = select(*columns).join(User, User.id == Refund.actor_id).where(Refund.payment_id == payment_id)
    rows = connection.execute(found.order_by(Refund.id))
    return [_show_step(row) | {"id": row.id, "amount_cents": row.amount_cents} for row in rows]


def _show_step(row: Any) -> JsonObject:
    return {"at": row.at, "actor": {"id": row.actor_id, "name": row.name}, "reason": row.reason}


def _show(row: Row[Any]) -> JsonObject:
    gig = {"id": row.gig_id, "title": row.title}
    return {
        "id": row.id,
        "status": row.status,
        "booking": {"id": row.booking_id, "starts_at": row.starts_at, "gig": gig},
        "method": row.method,
        "reference": row.reference,
        "amount_cents": row.amount_cents,
        "refunded_cents": row.refunded_cents,
        "currency": row.currency,
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
        "reason": row.reason or "",
        "has_proof": row.has_proof,
        "created_at": row.created_at,
        "decided_at": row.decided_at,
    }


def _balance(connection: Connection, *which: ColumnElement[bool]) -> JsonObject | None:
    """Describe how a booking stands, with the student's credit with this teacher."""
    columns = (Booking.id, Booking.student_id, Booking.teacher_id, Booking.currency)
    package = (PackageUnit.package_id, PackageUnit.number, Package.lessons)
    found = select(*columns, *package).outerjoin(PackageUnit, _UNIT)
    row = connection.execute(found.outerjoin(Package, Package.id == PackageUnit.package_id).where(*which)).one_or_none()
    if row is None:
        return None
    shown = asdict(sums.of_booking(connection, row.id))
    del shown["booking_id"], shown["spare_cents"]
    covered = row.package_id and {"id": row.package_id, "number": row.number, "lessons": row.lessons}
    return shown | {"credit_cents": sums.credit(connection, row), "package": covered}


def _show_balances(found: sums.Balance) -> JsonObject:
    shown = asdict(found)
    return shown | {"owed_cents": shown.pop("due_cents"), "credit_cents": shown.pop("spare_cents")}
