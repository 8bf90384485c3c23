"""Giving money back for lessons of a package that nobody has taken.

All packages of the student and gig are locked, as for each lesson that takes a unit. So a lesson is either taken or
paid back, whoever is faster.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from accounts.actors import Actor
from database import writing
from errors import NotFound, OverRefunded, WrongState
from payments.packages import units, writes
from payments.packages.models import LessonsBack, Package, PackageStatus, PackageUnit
from payments.packages.money import paid_back, worth
from payments.packages.states import STANDS
from payments.states import KEEPERS, Party, parties, require


def pay_back(package_id: int, back: LessonsBack, *, actor: Actor, now: datetime) -> int:
    """Note that lessons of a package which nobody has taken were paid back, and return the refund's id.

    They are worth their part of the price, and pay for nothing from now on. Raises NotFound, Forbidden, WrongState or
    OverRefunded.
    """
    with writing() as session:
        package = session.get(Package, package_id)
        if package is None:
            raise NotFound
        who = parties(package.student_id, package.teacher_id, actor)
        require(who, *Party)
        require(who, *KEEPERS)
        units.lock(session, package.student_id, package.gig_id)
        status = writes.status_of(session, package_id)
        if status != PackageStatus.PAID:
            raise WrongState(f"This package {STANDS[status]}, so there is nothing to give back.", current=status)
        refunded = writes.refunded_of(session, package_id)
        gone = paid_back(refunded, package.price_cents, package.lessons)
        left = max(0, package.lessons - gone - _taken(session, package_id))
        if back.lessons > left:
            there_is = max(0, worth(gone + left, package.price_cents, package.lessons) - refunded) if left else 0
            raise OverRefunded(there_is, f"{_how_many(left)} left. Nothing was changed.")
        cents = worth(gone + back.lessons, package.price_cents, package.lessons) - refunded
        return writes.give_back(session, package, cents, by=actor.id, reason=back.reason, now=now)


def _how_many(left: int) -> str:
    return "1 lesson of this package is" if left == 1 else f"{left or 'No'} lessons of this package are"


def _taken(session: Session, package_id: int) -> int:
    live = (PackageUnit.package_id == package_id, PackageUnit.released_at.is_(None))
    return session.scalar(select(func.count()).where(*live)) or 0
