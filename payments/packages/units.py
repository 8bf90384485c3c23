"""Which lessons a package pays for.

Each takes one of its units, and gives it back when it comes to nothing.

Whatever changes units has locked all packages of this student for this gig, in the order of their ids. Lessons that
another transaction is just changing are left to that one, so no one ever waits for a lesson here.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, select, update
from sqlalchemy.orm import Session

from bookings.models import Booking
from bookings.statuses import BookingStatus
from bookings.writes import lessons_handed_over
from database import change_in_bulk
from events import Event
from jobs.registry import current_registry
from payments import sums
from payments.invoices.standing import lesson_stands
from payments.packages.models import Package, PackageEvent, PackageStatus, PackageUnit
from payments.packages.money import REFUNDED, paid_back
from payments.packages.states import uses_unit

_LESSON = (Booking.id, Booking.status, Booking.student_id, Booking.gig_id, Booking.price_cents)
_LIVE = PackageUnit.released_at.is_(None)


def hear(session: Session, happened: Sequence[Event]) -> None:
    """Follow what happens to lessons, in the transaction in which it happens."""
    changed = [it for it in happened if "to_status" in it.data and it.data.get("from_status") != it.data["to_status"]]
    if ids := {event.data["booking_id"] for event in changed}:
        _follow(session, ids, max(event.at for event in changed))


def cover_taken_over(session: Session, account_id: int) -> None:
    """Cover lessons that an account has taken over from a stand-in with the packages that it has."""
    gigs = session.scalars(select(Package.gig_id).where(Package.student_id == account_id).distinct()).all()
    for gig_id in sorted(gigs):
        cover(session, account_id, gig_id, current_registry().now())


def lock(session: Session, student_id: int, gig_id: int) -> Sequence[Row[int, int, int]]:
    """Lock all packages of a student for a gig."""
    found = select(Package.id, Package.lessons, Package.price_cents)
    found = found.where(Package.gig_id == gig_id, Package.student_id == student_id)
    return session.execute(found.order_by(Package.id).with_for_update()).all()


def cover(session: Session, student_id: int, gig_id: int, now: datetime) -> None:
    """Give the units that are free to the next lessons for which nothing was paid yet, the earliest first."""
    packages = lock(session, student_id, gig_id)
    free = [*_free(session, packages)] if packages else []
    if not free:
        return
    coming = (Booking.status == BookingStatus.ACCEPTED, Booking.starts_at > now, Booking.price_cents > 0)
    uncovered = ~exists().where(PackageUnit.booking_id == Booking.id, _LIVE)
    # What stands on an invoice was charged, whether or not its money was given back.
    uncovered = uncovered & ~lesson_stands()
    found = select(Booking.id).where(Booking.gig_id == gig_id, Booking.student_id == student_id, *coming, uncovered)
    ids = session.scalars(found.order_by(Booking.starts_at, Booking.id).with_for_update(skip_locked=True)).all()
    # Read after the lessons were locked: what is reported for one of them comes before or after, not in between.
    balances = {it.booking_id: it for it in sums.of_bookings(session, Booking.id.in_(ids))} if ids else {}
    unpaid = [id_ for id_ in ids if not _has_money(balances[id_])]
    for (package_id, number), booking_id in zip(free, unpaid, strict=False):
        session.add(PackageUnit(package_id=package_id, number=number, booking_id=booking_id, taken_at=now))
    session.flush()


def _follow(session: Session, ids: Collection[int], now: datetime) -> None:
    """Take back the units of lessons that came to nothing, and cover those that were agreed on."""
    lessons = session.execute(select(*_LESSON, Booking.cancellation_fee_cents).where(Booking.id.in_(ids))).all()
    taken = select(PackageUnit.booking_id, PackageUnit.id).where(PackageUnit.booking_id.in_(ids), _LIVE)
    units = {row.booking_id: row.id for row in session.execute(taken)}
    ended = [it for it in lessons if it.id in units and not _uses(it)]
    if ended:
        given_back = PackageUnit.id.in_([units[it.id] for it in ended])
        change_in_bulk(session, update(PackageUnit).where(given_back, _LIVE).values(released_at=now))
    agreed = [it for it in lessons if it.status == BookingStatus.ACCEPTED]
    for student_id, gig_id in sorted({(it.student_id, it.gig_id) for it in (*ended, *agreed)}):
        cover(session, student_id, gig_id, now)


def _uses(lesson: Any) -> bool:
    return uses_unit(lesson.status, lesson.price_cents, lesson.cancellation_fee_cents)


def _free(session: Session, packages: Sequence[Row[int, int, int]]) -> Iterator[tuple[int, int]]:
    """Name the units that are paid, unused and not paid back, the oldest package's first."""
    ids = [package.id for package in packages]
    events = session.execute(select(PackageEvent.package_id, PackageEvent.status).where(_of(PackageEvent, ids))).all()
    statuses = {(row.package_id, row.status) for row in events}
    live = select(PackageUnit.package_id, PackageUnit.number).where(_of(PackageUnit, ids), _LIVE)
    taken = {(row.package_id, row.number) for row in session.execute(live)}
    # Read after the packages were locked.
    back = dict(session.execute(select(Package.id, REFUNDED).where(Package.id.in_(ids))).all())
    for package in packages:
        if (package.id, PackageStatus.PAID) in statuses and (package.id, PackageStatus.CLOSED) not in statuses:
            units = [(package.id, number) for number in range(1, package.lessons + 1)]
            untaken = [unit for unit in units if unit not in taken]
            gone = paid_back(back[package.id], package.price_cents, package.lessons)
            yield from untaken[: max(0, len(untaken) - gone)]


def _of(table: Any, ids: list[int]) -> Any:
    return table.package_id.in_(ids)


def _has_money(balance: sums.BookingBalance) -> bool:
    return balance.submitted_cents > 0 or balance.paid_cents != balance.refunded_cents


lessons_handed_over.append(cover_taken_over)
