"""Making invoices, and taking them back.

The bookings are locked first, as for every change of the ledger, then packages, then the counter of the teacher's year.
All are held until the COMMIT, so nothing is invoiced twice and no number is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, update
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.dependents import taken_over
from accounts.models import User
from bookings.models import Booking
from bookings.statuses import LEAVES_FEE
from caching import invalidate
from database import alias_of, change_in_bulk, insert_into, writing
from errors import AlreadyInvoiced, Invalid, NotBillable, NotFound, WrongState
from gigs.models import Gig
from payments import sums, writes
from payments.invoices import prepaid, queries
from payments.invoices.models import Invoice, InvoiceCounter, InvoiceLine, NewInvoice
from payments.invoices.sellers import details_of
from payments.states import KEEPERS, Party, parties, require

_Student, _Teacher = alias_of(User), alias_of(User)
# What a counter-invoice has in common with the invoice that it takes back.
_SAME = (
    *("teacher_id", "student_id", "time_zone", "currency", "line_count", "student_name", "teacher_name"),
    *("seller_name", "seller_address", "tax_id", "note", "buyer_name", "buyer_address"),
)
_LINE = (
    *("position", "booking_id", "title", "starts_at", "ends_at", "is_fee"),
    *("package_id", "lessons", "paid_at"),
)


def issue(new: NewInvoice, *, actor: Actor, now: datetime) -> int:
    """Invoice lessons and packages of one student, as their teacher or the school.

    Returns its id. Raises NotFound, Forbidden, Invalid, AlreadyInvoiced or NotBillable.
    """
    with writing() as session:
        bookings = _locked_bookings(session, new.booking_ids)
        packages = prepaid.locked(session, new.package_ids)
        _require_of_one([*bookings, *packages], actor)
        taken = queries.invoiced(session, new.booking_ids), prepaid.invoiced(session, new.package_ids)
        if any(taken):
            raise AlreadyInvoiced(*taken)
        balances = {it.booking_id: it for it in sums.of_bookings(session, Booking.id.in_(new.booking_ids))}
        _require_billable(bookings, balances, packages)
        lines = [_line(booking, balances[booking.id].due_cents, place) for place, booking in enumerate(bookings, 1)]
        lines += [prepaid.line(package, place) for place, package in enumerate(packages, len(lines) + 1)]
        # What is paid of a package is all that stands there of it.
        paid_cents = sum(map(queries.paid_of, balances.values())) + sum(package.cents for package in packages)
        invoice = Invoice(**_frozen(session, [*bookings, *packages][0], new), paid_cents=paid_cents)
        return _add(session, invoice, lines, actor=actor, now=now)


def correct(invoice_id: int, reason: str, *, actor: Actor, now: datetime) -> int:
    """Take an invoice back by a counter-invoice, and return that one's id.

    What stood on it can be on a new one then. Raises NotFound, Forbidden or WrongState.
    """
    with writing() as session:
        found = session.get(Invoice, invoice_id)
        if found is None:
            raise NotFound
        require(parties(found.student_id, found.teacher_id, actor), *Party)
        require(parties(found.student_id, found.teacher_id, actor), *KEEPERS)
        of_invoice = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
        lines = [*session.scalars(of_invoice)]
        _locked_bookings(session, [line.booking_id for line in lines if line.booking_id])
        prepaid.locked(session, [line.package_id for line in lines if line.package_id])
        if found.corrects_id:
            raise WrongState("This takes back another invoice. Make a new invoice instead.", current="correction")
        if session.scalar(select(Invoice.id).where(Invoice.corrects_id == invoice_id)):
            raise WrongState("This invoice has been corrected already.", current="corrected")
        same = {name: getattr(found, name) for name in _SAME}
        counter = Invoice(**same, paid_cents=0, corrects_id=invoice_id, reason=reason)
        mirrored = [
            InvoiceLine(**{name: getattr(line, name) for name in _LINE}, amount_cents=-line.amount_cents)
            for line in lines
        ]
        return _add(session, counter, mirrored, actor=actor, now=now)


def hand_over(session: Session, stand_in_id: int, account_id: int) -> None:
    """Let invoices follow the bookings of a stand-in to the account that takes them over."""
    theirs = Invoice.student_id == stand_in_id
    teachers = [*session.scalars(select(Invoice.teacher_id).where(theirs))]
    if teachers:
        change_in_bulk(session, update(Invoice).where(theirs).values(student_id=account_id))
        invalidate(*map(tags.user_bookings, {stand_in_id, account_id, *teachers}), tags.all_bookings())


def _require_of_one(subjects: Sequence[Row[Any]], actor: Actor) -> None:
    """Check that lessons and packages are of the same two people, and theirs to invoice.

    Raises NotFound, Forbidden or Invalid.
    """
    for it in subjects:
        require(parties(it.student_id, it.teacher_id, actor), *KEEPERS)
    if len({(it.student_id, it.teacher_id, it.currency) for it in subjects}) > 1:
        raise Invalid({"booking_ids": ["These differ in student, teacher or currency."]})


def _require_billable(bookings: Sequence[Row[Any]], balances: Any, packages: Sequence[Row[Any]]) -> None:
    """Raise NotBillable if one of these cannot be on an invoice yet."""
    free = sorted(it.id for it in bookings if not queries.can_be_billed(it.status, balances[it.id]))
    unpaid = sorted(it.id for it in packages if not prepaid.can_be_billed(it))
    if free or unpaid:
        raise NotBillable(free, unpaid)


def _locked_bookings(session: Session, booking_ids: Sequence[int]) -> Sequence[Row[Any]]:
    """Lock bookings, and return them with what an invoice says of them, the earliest first.

    Raises NotFound.
    """
    # In the order of their ids, as everywhere.
    locked = select(Booking.id).where(Booking.id.in_(booking_ids)).order_by(Booking.id).with_for_update()
    if len(session.execute(locked).all()) != len({*booking_ids}):
        raise NotFound
    names = ("id", "student_id", "teacher_id", "currency", "status", "starts_at", "ends_at")
    columns = [getattr(Booking, name) for name in names]
    people = (_Student.name.label("student_name"), _Teacher.name.label("teacher_name"), _Teacher.time_zone)
    found = select(*columns, Gig.title, *people).join(Gig, Gig.id == Booking.gig_id)
    found = found.join(_Student, _Student.id == Booking.student_id).join(_Teacher, _Teacher.id == Booking.teacher_id)
    found = found.where(Booking.id.in_(booking_ids)).order_by(Booking.starts_at, Booking.id)
    rows: Sequence[Any] = session.execute(found).all()
    return rows


def _line(booking: Row[Any], due_cents: int, position: int) -> InvoiceLine:
    return InvoiceLine(
        position=position,
        booking_id=booking.id,
        title=booking.title,
        starts_at=booking.starts_at,
        ends_at=booking.ends_at,
        is_fee=booking.status in LEAVES_FEE,
        amount_cents=due_cents,
    )


def _frozen(session: Session, subject: Row[Any], new: NewInvoice) -> dict[str, Any]:
    """Collect what an invoice says about its two people."""
    seller = details_of(session, subject.teacher_id)
    names = ("teacher_id", "student_id", "time_zone", "currency", "student_name", "teacher_name")
    return {name: getattr(subject, name) for name in names} | {
        "seller_name": seller.name or subject.teacher_name,
        "seller_address": seller.address,
        "tax_id": seller.tax_id,
        "note": seller.note,
        "buyer_name": new.buyer_name or subject.student_name,
        "buyer_address": new.buyer_address,
    }


def _add(session: Session, invoice: Invoice, lines: Sequence[InvoiceLine], *, actor: Actor, now: datetime) -> int:
    """Give an invoice its number and write it."""
    today: date = now.astimezone(ZoneInfo(invoice.time_zone)).date()
    invoice.issued_on, invoice.created_at, invoice.actor_id = today, now, actor.id
    invoice.year, invoice.number = today.year, _next_number(session, invoice.teacher_id, today.year)
    invoice.line_count, invoice.total_cents = len(lines), sum(line.amount_cents for line in lines)
    session.add(invoice)
    session.flush()
    for line in lines:
        line.invoice_id = invoice.id
    session.add_all(lines)
    writes.invalidate_of(invoice)
    return invoice.id


def _next_number(session: Session, teacher_id: int, year: int) -> int:
    """Count on, which holds the counter until the COMMIT.

    The number of a transaction that fails is given again.
    """
    row = insert_into(InvoiceCounter.__table__, session.get_bind().dialect.name)
    row = row.values(teacher_id=teacher_id, year=year, last=1)
    counted = row.on_conflict_do_update(
        index_elements=[InvoiceCounter.teacher_id, InvoiceCounter.year], set_={"last": InvoiceCounter.last + 1}
    )
    number: int = session.execute(counted.returning(InvoiceCounter.last)).scalar_one()
    return number


taken_over.append(hand_over)
