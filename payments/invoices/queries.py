"""Reads of invoices, and of the lessons and packages that could be on one.

They hang on the tags of bookings as payments do: what can be invoiced changes with those.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, select
from sqlalchemy.orm import Session

import tags
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.models import Booking
from bookings.statuses import ACTIVE, BookingStatus
from caching import BoundRead, cache, invalidation_check
from database import alias_of, reading
from gigs.models import Gig
from jsontext import JsonObject
from payments import sums
from payments.invoices import prepaid
from payments.invoices.models import Invoice, InvoiceLine, number_text
from payments.invoices.standing import lesson_stands
from payments.states import KEEPERS, parties
from web.pagination import Position, page

_Original, _Correction = alias_of(Invoice), alias_of(Invoice)

_OWN = (
    *("id", "year", "number", "issued_on", "currency", "total_cents", "paid_cents", "student_id", "student_name"),
    *("teacher_id", "teacher_name", "created_at"),
)
_MORE = (
    *("time_zone", "seller_name", "seller_address", "tax_id", "note", "buyer_name", "buyer_address", "reason"),
    "line_count",
)

invalidation_check.watch(Invoice, {tags.user_bookings: ("student_id", "teacher_id"), tags.all_bookings: ()})
# Whose they are stands in the invoice.
invalidation_check.watch(InvoiceLine, {tags.all_bookings: ()})


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoicesQuery:
    """What a list can be narrowed to: a student, a booking, a package, start ≤ created_at < end."""

    student_id: int | None = None
    booking_id: int | None = None
    package_id: int | None = None
    start: datetime | None = None
    end: datetime | None = None
    limit: int = 20
    after: Position | None = None


# Invalidated by: each of the person's invoices, and each that takes one of them back.
@cache.stamped("invoices", ttl=600, tag=tags.user_bookings, by="user_id")
def invoices_page(connection: Connection, user_id: int, role: str, query: InvoicesQuery) -> JsonObject:
    """List the invoices that a student has got, or a teacher has made, the newest first."""
    mine = Invoice.teacher_id if role == Role.TEACHER else Invoice.student_id
    return _page(connection, query, mine == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("invoices", ttl=600, tag=tags.all_bookings)
def all_invoices_page(connection: Connection, query: InvoicesQuery) -> JsonObject:
    """List all invoices for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: the invoice that takes it back. Nothing else of it ever changes.
@cache.stamped("invoice", ttl=3600, tag=tags.user_bookings, by="user_id", kind="entity", shape=2)
def invoice(connection: Connection, user_id: int, invoice_id: int) -> JsonObject | None:
    """Show one invoice to one of its two people."""
    found = _detail(connection, invoice_id)
    return found if found and user_id in (found["student"]["id"], found["teacher"]["id"]) else None


# Invalidated by: the same.
@cache.stamped("invoice", ttl=3600, tag=tags.all_bookings, kind="entity", shape=2)
def any_invoice(connection: Connection, invoice_id: int) -> JsonObject | None:
    """Show one invoice to an administrator."""
    return _detail(connection, invoice_id)


# Invalidated by: every change of one of the teacher's bookings, payments, packages and invoices; names; titles of gigs.
@cache.stamped("billable", ttl=600, tag=tags.user_bookings, by="teacher_id", shape=2)
def billable(connection: Connection, teacher_id: int, start: datetime, end: datetime) -> JsonObject:
    """List a teacher's lessons and packages of this time that can be on an invoice and are on none."""
    within = (Booking.teacher_id == teacher_id, Booking.starts_at >= start, Booking.starts_at < end)
    which = and_(*within, Booking.status.not_in([BookingStatus.PENDING]), ~lesson_stands())
    balances = {it.booking_id: it for it in sums.of_bookings(connection, which)}
    columns = (Booking.id, Booking.status, Booking.starts_at, Booking.student_id, User.name, Gig.title)
    found = select(*columns).join(User, User.id == Booking.student_id).join(Gig, Gig.id == Booking.gig_id)
    rows = connection.execute(found.where(which).order_by(Booking.starts_at, Booking.id)).all()
    shown = [_show_billable(row, balances[row.id]) for row in rows if can_be_billed(row.status, balances[row.id])]
    return {"data": shown, "packages": prepaid.billable(connection, teacher_id, start, end)}


def by_student(found: JsonObject) -> list[JsonObject]:
    """Put together what can be on one invoice: lessons and packages of one student in one currency."""
    groups: dict[tuple[str, int, str], JsonObject] = {}
    rows = [(kind, row) for kind, there in (("lessons", "data"), ("packages", "packages")) for row in found[there]]
    for kind, row in rows:
        student, currency = row["student"], row["currency"]
        empty = {
            "student": student,
            "currency": currency,
            "lessons": [],
            "packages": [],
            "due_cents": 0,
            "paid_cents": 0,
        }
        group = groups.setdefault((student["name"], student["id"], currency), empty)
        group[kind].append(row)
        for sum_ in ("due_cents", "paid_cents"):
            group[sum_] += row[sum_]
    return [groups[key] for key in sorted(groups)]


def list_for(user_id: int, role: str, query: InvoicesQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_invoices_page.at(query) if runs_school(role) else invoices_page.at(user_id, role, query)


def invoice_for(user_id: int, role: str, invoice_id: int) -> BoundRead:
    """Name the read that shows an invoice to a user with this role."""
    return any_invoice.at(invoice_id) if runs_school(role) else invoice.at(user_id, invoice_id)


def invoice_now(user_id: int, role: str, invoice_id: int) -> JsonObject:
    """Show an invoice to a user who has just made it."""
    found: JsonObject = (any_invoice(invoice_id) if runs_school(role) else invoice(user_id, invoice_id)).json()
    return found


def can_be_billed(status: str, balance: sums.Balance) -> bool:
    """Tell whether a lesson can be on an invoice: it has ended or was paid, and something is due for it."""
    return balance.due_cents > 0 and (status not in ACTIVE or paid_of(balance) > 0)


def paid_of(balance: sums.Balance) -> int:
    """Return how much of what is due has been paid."""
    return max(0, min(balance.due_cents, balance.paid_cents - balance.refunded_cents))


def invoiced(session: Session, booking_ids: Iterable[int]) -> list[int]:
    """Return those of these bookings that stand on an invoice which was not taken back."""
    return [
        *session.scalars(select(Booking.id).where(Booking.id.in_(booking_ids), lesson_stands()).order_by(Booking.id))
    ]


def last_buyer(teacher_id: int, student_id: int) -> tuple[str, str] | None:
    """Return to whose name and address a student's last invoice from this teacher went."""
    theirs = (Invoice.teacher_id == teacher_id, Invoice.student_id == student_id)
    found = select(Invoice.buyer_name, Invoice.buyer_address).where(*theirs).order_by(Invoice.id.desc()).limit(1)
    with reading() as connection:
        row = connection.execute(found).one_or_none()
    return None if row is None else (row.buyer_name, row.buyer_address)


def _show_billable(row: Any, balance: sums.Balance) -> JsonObject:
    return {
        "id": row.id,
        "starts_at": row.starts_at,
        "title": row.title,
        "student": {"id": row.student_id, "name": row.name},
        "due_cents": balance.due_cents,
        "paid_cents": paid_of(balance),
        "currency": balance.currency,
    }


def _invoices(*names: str) -> Select[Any]:
    """Select invoices, each with the one that it takes back and the one that takes it back."""
    own = [getattr(Invoice, name) for name in names]
    linked = [
        getattr(model, name).label(f"{label}_{name}")
        for model, label in ((_Original, "original"), (_Correction, "correction"))
        for name in ("id", "year", "number")
    ]
    found = select(*own, *linked).outerjoin(_Original, _Original.id == Invoice.corrects_id)
    return found.outerjoin(_Correction, _Correction.corrects_id == Invoice.id)


def _page(connection: Connection, query: InvoicesQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _invoices(*_OWN).where(*whose, *_narrowed(query)).order_by(Invoice.id.desc())
    rows = connection.execute(found.limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def _narrowed(query: InvoicesQuery) -> Iterable[ColumnElement[bool]]:
    if query.student_id is not None:
        yield Invoice.student_id == query.student_id
    for subject, id_ in ((InvoiceLine.booking_id, query.booking_id), (InvoiceLine.package_id, query.package_id)):
        if id_ is not None:
            yield Invoice.id.in_(select(InvoiceLine.invoice_id).where(subject == id_))
    if query.start:
        yield Invoice.created_at >= query.start
    if query.end:
        yield Invoice.created_at < query.end
    if query.after:
        yield Invoice.id < query.after[1]


def _detail(connection: Connection, invoice_id: int) -> JsonObject | None:
    row = connection.execute(_invoices(*_OWN, *_MORE).where(Invoice.id == invoice_id)).one_or_none()
    if row is None:
        return None
    lines = select(InvoiceLine).where(InvoiceLine.invoice_id == invoice_id).order_by(InvoiceLine.position)
    return _show(row) | {
        "time_zone": row.time_zone,
        "seller": {"name": row.seller_name, "address": row.seller_address, "tax_id": row.tax_id},
        "buyer": {"name": row.buyer_name, "address": row.buyer_address},
        "note": row.note,
        "reason": row.reason,
        "lines": [_show_line(line) for line in connection.execute(lines)],
    }


def _show(row: Row[Any]) -> JsonObject:
    return {
        "id": row.id,
        "number": number_text(row.year, row.number),
        "issued_on": row.issued_on.isoformat(),
        "currency": row.currency,
        "total_cents": row.total_cents,
        "paid_cents": row.paid_cents,
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
        "corrects": _show_linked(row, "original"),
        "corrected_by": _show_linked(row, "correction"),
        "created_at": row.created_at,
    }


def _show_linked(row: Row[Any], label: str) -> JsonObject | None:
    linked_id, year, number = (getattr(row, f"{label}_{name}") for name in ("id", "year", "number"))
    return None if linked_id is None else {"id": linked_id, "number": number_text(year, number)}


def _show_line(row: Row[Any]) -> JsonObject:
    of_lesson, of_package = ("booking_id", "starts_at", "ends_at", "is_fee"), ("package_id", "lessons", "paid_at")
    names = (*of_lesson, *of_package, "title", "amount_cents")
    return {name: getattr(row, name) for name in names}


def may_correct(shown: JsonObject, actor: Any) -> bool:
    """Tell whether a user may take this invoice back now."""
    who = parties(shown["student"]["id"], shown["teacher"]["id"], actor)
    return bool(who & set(KEEPERS)) and not (shown["corrects"] or shown["corrected_by"])
