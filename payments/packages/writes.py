"""The one writer of what happens to packages: their steps, what is given back, what others hear of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

import events
from events import EventType
from payments.packages.models import Package, PackageChange, PackageEvent, PackageRefund, PackageStatus
from payments.packages.money import REFUNDED
from payments.packages.states import event_of
from payments.writes import invalidate_of

# What events say of a package.
_SAID = ("gig_id", "student_id", "teacher_id", "lessons", "price_cents", "currency")


def note(
    session: Session, package: Package, wanted: PackageChange, *, by: int, now: datetime, by_card: bool = False
) -> None:
    """Write a step of a package.

    `by_card`, the provider of such payments says it, and both people are told.
    """
    facts = {"reason": wanted.reason, "refunded_cents": wanted.refunded_cents}
    session.add(PackageEvent(package_id=package.id, status=wanted.status, actor_id=by, at=now, **facts))
    session.flush()
    _announce(session, event_of(wanted.status), package, by=None if by_card else by, now=now, **facts)


def give_back(
    session: Session, package: Package, cents: int, *, by: int, reason: str, now: datetime, by_card: bool = False
) -> int:
    """Write what was given back of the price of a package, and return the refund's id.

    `by_card`, the provider of such payments says it, and both people are told.
    """
    refund = PackageRefund(package_id=package.id, amount_cents=cents, reason=reason, actor_id=by, at=now)
    session.add(refund)
    session.flush()
    facts = {"reason": reason, "refunded_cents": cents}
    _announce(session, EventType.PACKAGE_REFUNDED, package, by=None if by_card else by, now=now, **facts)
    return refund.id


def note_unneeded(session: Session, package: Package, cents: int, *, now: datetime) -> None:
    """Say that money came by card that a package does not need."""
    _announce(session, EventType.PACKAGE_OVERPAID, package, by=None, now=now, surplus_cents=cents)


def status_of(session: Session, package_id: int) -> PackageStatus:
    """Return the status of a package, which is that of its newest event."""
    newest = select(PackageEvent.status).where(PackageEvent.package_id == package_id).order_by(PackageEvent.id.desc())
    return session.scalars(newest.limit(1)).one()


def refunded_of(session: Session, package_id: int) -> int:
    """Return what was given back of the price of a package."""
    return session.scalars(select(REFUNDED).where(Package.id == package_id)).one()


def _announce(
    session: Session, type_: EventType, package: Package, *, by: int | None, now: datetime, **facts: Any
) -> None:
    about = {name: getattr(package, name) for name in _SAID}
    events.record(session, type_, at=now, actor_id=by, package_id=package.id, **about | facts)
    invalidate_of(package)
