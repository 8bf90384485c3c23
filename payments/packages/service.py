"""Changes of packages: offering and withdrawing them, buying one, and what becomes of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

import tags
from accounts.actors import Actor
from accounts.models import Role
from accounts.rights import runs_school
from caching import invalidate
from database import writing
from errors import Forbidden, Invalid, NotFound, OverRefunded, WrongState
from gigs.models import Enrolment, Gig, GigStatus
from gigs.states import shown_to_others
from payments.packages import units, writes
from payments.packages.models import NewOffer, Package, PackageChange, PackageEvent, PackageOffer, PackageStatus
from payments.packages.states import require_step
from payments.states import Party, parties, require

# A gig offers at most so many at a time.
MOST_OFFERS = 6


def offer(gig_id: int, new: NewOffer, *, actor: Actor, now: datetime) -> int:
    """Offer a package for a gig as its teacher, and return the offer's id.

    Raises NotFound, Forbidden, WrongState or Invalid.
    """
    with writing() as session:
        gig = _managed(session, gig_id, actor)
        if gig.status == GigStatus.ARCHIVED or gig.enrolment != Enrolment.BOOKING:
            raise WrongState("Only lessons that can be booked are sold in packages.", current=gig.status)
        live = select(PackageOffer.lessons).where(PackageOffer.gig_id == gig_id, PackageOffer.withdrawn_at.is_(None))
        offered = session.scalars(live).all()
        if new.lessons in offered:
            raise Invalid({"lessons": ["There is a package of so many lessons already. Withdraw it first."]})
        if len(offered) >= MOST_OFFERS:
            raise Invalid({"lessons": [f"A gig has at most {MOST_OFFERS} packages."]})
        row = PackageOffer(
            gig_id=gig_id, lessons=new.lessons, price_cents=new.price_cents, currency=gig.currency, created_at=now
        )
        session.add(row)
        session.flush()
        invalidate(tags.gig(gig_id))
        return row.id


def withdraw(gig_id: int, offer_id: int, *, actor: Actor, now: datetime) -> None:
    """Offer a package no more, as the gig's teacher.

    What was bought stays. Raises NotFound or Forbidden.
    """
    with writing() as session:
        _managed(session, gig_id, actor)
        row = session.get(PackageOffer, offer_id)
        if row is None or row.gig_id != gig_id or row.withdrawn_at is not None:
            raise NotFound
        row.withdrawn_at = now
        invalidate(tags.gig(gig_id))


def order(offer_id: int, *, actor: Actor, now: datetime) -> int:
    """Ask for a package as a student, and return its id.

    Its lessons count from when its teacher has the money. Raises Forbidden, NotFound or WrongState.
    """
    if actor.role != Role.STUDENT:
        raise Forbidden("Only students can buy packages.")
    with writing() as session:
        offered = session.get(PackageOffer, offer_id, with_for_update=True)
        gig = session.get(Gig, offered.gig_id) if offered else None
        if offered is None or gig is None or not shown_to_others(gig.status, gig.visibility):
            raise NotFound
        if offered.withdrawn_at is not None or gig.status != GigStatus.PUBLISHED:
            raise WrongState("This package is not offered any more.", current="withdrawn")
        if session.scalar(select(exists().where(Package.offer_id == offer_id, *_still_ordered(actor.id)))):
            raise WrongState("You have asked for this package, and it is not paid yet.", current=PackageStatus.ORDERED)
        package = Package(
            offer_id=offer_id,
            gig_id=gig.id,
            student_id=actor.id,
            teacher_id=gig.teacher_id,
            lessons=offered.lessons,
            price_cents=offered.price_cents,
            currency=offered.currency,
            created_at=now,
        )
        session.add(package)
        session.flush()
        writes.note(session, package, PackageChange(status=PackageStatus.ORDERED), by=actor.id, now=now)
        return package.id


def change(package_id: int, wanted: PackageChange, *, actor: Actor, now: datetime) -> None:
    """Say that a package was paid, cancel it, or end it.

    Raises NotFound, Forbidden, WrongState or OverRefunded.
    """
    with writing() as session:
        package = session.get(Package, package_id)
        if package is None:
            raise NotFound
        who = parties(package.student_id, package.teacher_id, actor)
        require(who, *Party)
        units.lock(session, package.student_id, package.gig_id)
        require_step(writes.status_of(session, package_id), wanted.status, who)
        left = package.price_cents - writes.refunded_of(session, package_id)
        if wanted.refunded_cents > left:
            raise OverRefunded(left)
        writes.note(session, package, wanted, by=actor.id, now=now)
        if wanted.status == PackageStatus.PAID:
            units.cover(session, package.student_id, package.gig_id, now)


def _managed(session: Session, gig_id: int, actor: Actor) -> Gig:
    """Lock a gig for its teacher or an administrator.

    So its packages are changed one after the other. Raises NotFound or Forbidden.
    """
    gig = session.get(Gig, gig_id, with_for_update=True)
    if gig is None:
        raise NotFound
    if actor.id != gig.teacher_id and not runs_school(actor.role):
        raise Forbidden if shown_to_others(gig.status, gig.visibility) else NotFound
    return gig


def _still_ordered(student_id: int) -> tuple[Any, ...]:
    answered = exists().where(PackageEvent.package_id == Package.id, PackageEvent.status != PackageStatus.ORDERED)
    return Package.student_id == student_id, ~answered
