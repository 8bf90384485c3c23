"""How a payment by card stands.

It is asked for again and again while it changes, and by one person, so it is not cached.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select

from accounts.actors import Actor
from bookings.models import Booking
from database import reading
from errors import NotFound
from jsontext import JsonObject
from payments.checkout.models import Checkout, CheckoutStatus
from payments.packages.models import Package
from payments.states import Party, parties, require

_COLUMNS = ("id", "booking_id", "package_id", "amount_cents", "currency", "status", "url", "created_at", "expires_at")


def checkout(checkout_id: int, viewer: Actor, now: datetime) -> JsonObject:
    """Show a payment by card to its two people and administrators.

    Only its student gets the page. Raises NotFound.
    """
    columns = [getattr(Checkout, name) for name in _COLUMNS]
    names = ("student_id", "teacher_id")
    people = [func.coalesce(getattr(Booking, name), getattr(Package, name)).label(name) for name in names]
    found = select(*columns, *people).outerjoin(Booking, Booking.id == Checkout.booking_id)
    found = found.outerjoin(Package, Package.id == Checkout.package_id)
    with reading() as connection:
        row = connection.execute(found.where(Checkout.id == checkout_id)).one_or_none()
    if row is None:
        raise NotFound
    who = parties(row.student_id, row.teacher_id, viewer)
    require(who, *Party)
    shown = {name: getattr(row, name) for name in _COLUMNS} | {"status": _status(row.status, row.expires_at, now)}
    can_pay = shown["status"] == CheckoutStatus.OPEN and Party.STUDENT in who
    return shown | {"url": row.url if can_pay else None}


def _status(status: CheckoutStatus, expires_at: datetime, now: datetime) -> CheckoutStatus:
    """Say what is true now: the provider's notice of an end may be late, or never come."""
    if now < expires_at:
        return status
    ends = {CheckoutStatus.OPEN: CheckoutStatus.EXPIRED, CheckoutStatus.PREPARING: CheckoutStatus.FAILED}
    return ends.get(status, status)
