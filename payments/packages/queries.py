"""Reads of packages: what a gig offers, and what was bought with what is left of it.

What was bought hangs on the tags of bookings, as payments do: what is left of a package changes with its lessons.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select
from sqlalchemy.orm import Session

import tags
from accounts.dependents import name_dependents
from accounts.models import Role, User
from accounts.rights import runs_school
from bookings.models import Booking
from caching import BoundRead, Tag, cache, invalidation_check
from database import alias_of
from gigs.dependents import gig_dependents
from gigs.models import Gig
from jsontext import JsonObject
from payments.owing.references import reference_of
from payments.packages.models import (
    Package,
    PackageEvent,
    PackageOffer,
    PackagePayment,
    PackageRefund,
    PackageStatus,
    PackageUnit,
)
from payments.packages.money import REFUNDED, SURPLUS, paid_back
from payments.packages.states import GOES_ON, allowed
from payments.states import Party
from web.pagination import Position, page

_Student, _Teacher = alias_of(User), alias_of(User)
_LIVE = PackageUnit.released_at.is_(None)

invalidation_check.watch(PackageOffer, {tags.gig: ("gig_id",)})
invalidation_check.watch(Package, {tags.user_bookings: ("student_id", "teacher_id"), tags.all_bookings: ()})
for _rows in (PackageEvent, PackageUnit, PackagePayment, PackageRefund):
    # Whose they are stands in the package.
    invalidation_check.watch(_rows, {tags.all_bookings: ()})


@dataclass(frozen=True, slots=True, kw_only=True)
class PackagesQuery:
    """What a list can be narrowed to: any of `statuses` (sorted, none means all), and a gig.

    With `or_surplus` it has those, too, of which money is to be given back.
    """

    statuses: tuple[str, ...] = ()
    or_surplus: bool = False
    gig_id: int | None = None
    limit: int = 20
    after: Position | None = None


# What its student has not paid yet.
TO_PAY = PackagesQuery(statuses=(PackageStatus.ORDERED,), limit=50)
# What waits for somebody who keeps money.
TO_CHECK = replace(TO_PAY, or_surplus=True)


# Invalidated by: the gig's teacher, who offers and withdraws them.
@cache.stamped("package-offers", ttl=3600, tag=tags.gig, by="gig_id")
def offers(connection: Connection, gig_id: int) -> JsonObject:
    """List the packages that can be bought for a gig, the smallest first."""
    columns = (PackageOffer.id, PackageOffer.lessons, PackageOffer.price_cents, PackageOffer.currency)
    live = (PackageOffer.gig_id == gig_id, PackageOffer.withdrawn_at.is_(None))
    rows = connection.execute(select(*columns).where(*live).order_by(PackageOffer.lessons))
    return {"data": [dict(row._mapping) for row in rows]}


# Invalidated by: each of the person's packages and what becomes of it; every change of one of their bookings; names;
# titles of gigs.
@cache.stamped("packages", ttl=600, tag=tags.user_bookings, by="user_id", shape=2)
def packages_page(connection: Connection, user_id: int, role: str, query: PackagesQuery) -> JsonObject:
    """List what a student has bought, or what a teacher has sold, the newest first."""
    mine = Package.teacher_id if role == Role.TEACHER else Package.student_id
    return _page(connection, query, mine == user_id)


# Invalidated by: the same of everybody.
@cache.stamped("packages", ttl=600, tag=tags.all_bookings, shape=2)
def all_packages_page(connection: Connection, query: PackagesQuery) -> JsonObject:
    """List all packages for an administrator, the newest first."""
    return _page(connection, query)


# Invalidated by: what becomes of it; every change of a booking of this person; names; titles of gigs.
@cache.stamped("package", ttl=3600, tag=tags.user_bookings, by="user_id", kind="entity", shape=2)
def package(connection: Connection, user_id: int, package_id: int) -> JsonObject | None:
    """Describe one package to one of its two people, with what they may do about it."""
    found = _detail(connection, Package.id == package_id, _either_is(user_id))
    if found is None:
        return None
    party = Party.PAYEE if found["teacher"]["id"] == user_id else Party.STUDENT
    return found | {"allowed_transitions": allowed(found["status"], frozenset({party}))}


# Invalidated by: the same of everybody.
@cache.stamped("package", ttl=3600, tag=tags.all_bookings, kind="entity", shape=2)
def any_package(connection: Connection, package_id: int) -> JsonObject | None:
    """Describe one package to an administrator."""
    found = _detail(connection, Package.id == package_id)
    return found and found | {"allowed_transitions": allowed(found["status"], frozenset({Party.ADMIN}))}


@name_dependents.add
def _shows_person(session: Session, user_id: int) -> Iterable[Tag]:
    """Name what shows somebody's name beside a package.

    They are its student or its teacher, or have decided about it or given money back.
    """
    acted = (select(rows.package_id).where(rows.actor_id == user_id) for rows in (PackageEvent, PackageRefund))
    return _people(session, or_(_either_is(user_id), *map(Package.id.in_, acted)))


@gig_dependents.add
def _shows_title(session: Session, gig_id: int) -> Iterable[Tag]:
    return _people(session, Package.gig_id == gig_id)


def list_for(user_id: int, role: str, query: PackagesQuery) -> BoundRead:
    """Name the list that a user with this role gets to see."""
    return all_packages_page.at(query) if runs_school(role) else packages_page.at(user_id, role, query)


def package_for(user_id: int, role: str, package_id: int) -> BoundRead:
    """Name the read that describes a package to a user with this role."""
    return any_package.at(package_id) if runs_school(role) else package.at(user_id, package_id)


def package_now(user_id: int, role: str, package_id: int) -> JsonObject:
    """Describe a package to a user who has just changed it."""
    found: JsonObject = (any_package(package_id) if runs_school(role) else package(user_id, package_id)).json()
    return found


def _people(session: Session, which: ColumnElement[bool]) -> list[Tag]:
    rows = session.execute(select(Package.student_id, Package.teacher_id).where(which).distinct())
    people = {person for pair in rows for person in pair}
    return [*map(tags.user_bookings, people), tags.all_bookings()] if people else []


def _either_is(user_id: int) -> ColumnElement[bool]:
    return or_(Package.student_id == user_id, Package.teacher_id == user_id)


def _packages() -> Select[Any]:
    of_package = PackageEvent.package_id == Package.id
    newest = select(PackageEvent.status).where(of_package).order_by(PackageEvent.id.desc()).limit(1)
    used = select(func.count()).where(PackageUnit.package_id == Package.id, _LIVE)
    names = ("id", "gig_id", "student_id", "teacher_id", "lessons", "price_cents", "currency", "created_at")
    counted = {"status": newest.scalar_subquery(), "used": used.scalar_subquery()}
    computed = counted | {"refunded_cents": REFUNDED, "surplus_cents": SURPLUS}
    found = select(
        *(getattr(Package, name) for name in names),
        *(column.label(name) for name, column in computed.items()),
        *(Gig.title, _Student.name.label("student_name"), _Teacher.name.label("teacher_name")),
    )
    found = found.select_from(Package).join(Gig, Gig.id == Package.gig_id)
    return found.join(_Student, _Student.id == Package.student_id).join(_Teacher, _Teacher.id == Package.teacher_id)


def _page(connection: Connection, query: PackagesQuery, *whose: ColumnElement[bool]) -> JsonObject:
    found = _packages().where(*whose, *_narrowed(query)).order_by(Package.id.desc())
    rows = connection.execute(found.limit(query.limit + 1)).all()
    return page(rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=_show)


def _narrowed(query: PackagesQuery) -> Iterable[ColumnElement[bool]]:
    if query.statuses:
        newest = select(PackageEvent.status).where(PackageEvent.package_id == Package.id)
        wanted = newest.order_by(PackageEvent.id.desc()).limit(1).scalar_subquery().in_(query.statuses)
        unneeded = select(PackagePayment.package_id).where(PackagePayment.needed.is_(False))
        yield or_(wanted, and_(Package.id.in_(unneeded), SURPLUS > 0)) if query.or_surplus else wanted
    if query.gig_id is not None:
        yield Package.gig_id == query.gig_id
    if query.after:
        yield Package.id < query.after[1]


def _detail(connection: Connection, *which: ColumnElement[bool]) -> JsonObject | None:
    row = connection.execute(_packages().where(*which)).one_or_none()
    if row is None:
        return None
    more = {"covers": _covers, "history": _history, "refunds": _refunds}
    return _show(row) | {name: read(connection, row.id) for name, read in more.items()}


def _covers(connection: Connection, package_id: int) -> list[JsonObject]:
    """List the lessons that the package pays for, the first lesson first."""
    found = select(PackageUnit.number, Booking.id, Booking.starts_at, Booking.status)
    found = found.join(Booking, Booking.id == PackageUnit.booking_id).where(PackageUnit.package_id == package_id, _LIVE)
    rows = connection.execute(found.order_by(Booking.starts_at, Booking.id))
    return [
        {"number": row.number, "booking": {"id": row.id, "starts_at": row.starts_at, "status": row.status}}
        for row in rows
    ]


def _history(connection: Connection, package_id: int) -> list[JsonObject]:
    step = PackageEvent
    columns = (step.status, step.at, step.reason, step.refunded_cents, step.actor_id, User.name)
    found = select(*columns).join(User, User.id == step.actor_id).where(step.package_id == package_id)
    return [
        {"status": row.status, "at": row.at, "actor": {"id": row.actor_id, "name": row.name}, "reason": row.reason}
        for row in connection.execute(found.order_by(step.id))
    ]


def _refunds(connection: Connection, package_id: int) -> list[JsonObject]:
    """List what was given back while the package goes on, or of money that it did not need."""
    it = PackageRefund
    columns = (it.id, it.amount_cents, it.at, it.reason, it.actor_id, User.name)
    found = select(*columns).join(User, User.id == it.actor_id).where(it.package_id == package_id)
    return [
        {"id": row.id, "amount_cents": row.amount_cents, "at": row.at, "reason": row.reason}
        | {"actor": {"id": row.actor_id, "name": row.name}}
        for row in connection.execute(found.order_by(it.id))
    ]


def _show(row: Row[Any]) -> JsonObject:
    gone = 0 if row.status == PackageStatus.CLOSED else paid_back(row.refunded_cents, row.price_cents, row.lessons)
    return {
        "id": row.id,
        "status": row.status,
        "gig": {"id": row.gig_id, "title": row.title},
        "student": {"id": row.student_id, "name": row.student_name},
        "teacher": {"id": row.teacher_id, "name": row.teacher_name},
        "lessons": row.lessons,
        "used": row.used,
        "paid_back": gone,
        "left": max(0, row.lessons - gone - row.used) if row.status in GOES_ON else 0,
        "price_cents": row.price_cents,
        "refunded_cents": row.refunded_cents,
        "surplus_cents": row.surplus_cents,
        "currency": row.currency,
        "reference": package_reference(row.id),
        "created_at": row.created_at,
    }


def package_reference(package_id: int) -> str:
    """Return what to write into the transfer for a package, for example "UC4K-9MR".

    No lesson's reference has this letter. It stands in the first word, so that none is found in the rest either.
    """
    code = "U" + reference_of(package_id).replace("-", "")
    return f"{code[:4]}-{code[4:]}"
