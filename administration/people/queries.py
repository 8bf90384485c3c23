"""Reads about one person, and about accounts that may belong to the same one.

Not cached: they are looked at rarely, and forms stand beside them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Row, Select, exists, func, or_, select

from accounts.invitations.queries import shown_address
from accounts.models import SignIn, User
from accounts.queries import people
from accounts.two_factor.models import TwoFactor
from bookings.models import Booking
from database import reading
from enrolment.applications.models import Application
from errors import NotFound
from gigs.models import Gig
from jsontext import JsonObject
from mail.models import SentMail
from payments.models import Payment
from reviews.models import Review

# Of each kind of thing so many are shown, the newest.
SHOWN = 10
# So many groups of accounts are reported.
MOST_GROUPS = 50
# Addresses that begin alike without being one person's.
_OF_MANY = ("admin", "contact", "hello", "info", "kontakt", "mail", "me", "office")


def account(user_id: int) -> JsonObject:
    """Describe an account as those who run the school see it.

    Raises NotFound.
    """
    more = (shown_address(), User.active, User.created_at, User.email_confirmed_at.is_not(None).label("confirmed"))
    two_factor = exists().where(TwoFactor.user_id == User.id, TwoFactor.confirmed_at.is_not(None))
    with reading() as connection:
        row = connection.execute(people(*more, two_factor.label("two_factor")).where(User.id == user_id)).one_or_none()
    if row is None:
        raise NotFound
    names = ("id", "name", "email", "role", "active", "time_zone", "created_at")
    facts = {"email_confirmed": row.confirmed, "two_factor": bool(row.two_factor)}
    return {name: getattr(row, name) for name in names} | facts


def belongings(user_id: int) -> JsonObject:
    """List what a person has: of each kind how many, and the newest."""
    kinds: dict[str, tuple[Select[Any], Any]] = {
        "lessons": (_lessons(user_id), Booking.starts_at.desc()),
        "gigs": (_gigs(user_id), Gig.id.desc()),
        "payments": (_payments(user_id), Payment.id.desc()),
        "applications": (_applications(user_id), Application.id.desc()),
        "reviews": (_reviews(user_id), Review.created_at.desc()),
        "sign_ins": (_sign_ins(user_id), SignIn.id.desc()),
        "mails": (_mails(user_id), SentMail.id.desc()),
    }
    with reading() as connection:
        return {name: _listed(connection, found, order) for name, (found, order) in kinds.items()}


def possible_duplicates() -> list[JsonObject]:
    """List accounts that may be one person's: with the same name, or with addresses that begin alike."""
    with reading() as connection:
        beginning = _beginning(connection.dialect.name)
        by_name = _alike(connection, User.name_key, "name")
        return by_name + _alike(connection, beginning, "address", beginning.not_in(_OF_MANY))


def _alike(connection: Connection, key: Any, what: str, *conditions: Any) -> list[JsonObject]:
    active = (User.active, key != "", *conditions)
    several = select(key).where(*active).group_by(key).having(func.count() > 1).order_by(key).limit(MOST_GROUPS)
    columns = (User.id, User.name, shown_address(), User.role, User.created_at, key.label("key"))
    found: dict[str, JsonObject] = {}
    for row in connection.execute(select(*columns).where(*active, key.in_(several)).order_by(key, User.id)):
        group = found.setdefault(row.key, {"same": what, "people": []})
        person = {"id": row.id, "name": row.name, "email": row.email, "role": row.role, "created_at": row.created_at}
        group["people"].append(person)
    return list(found.values())


def _beginning(dialect: str) -> Any:
    """Select what stands before the @ of an address."""
    position: Callable[..., Any] = func.instr if dialect == "sqlite" else func.strpos
    return func.substr(User.email, 1, position(User.email, "@") - 1)


def _listed(connection: Connection, found: Select[Any], order: Any) -> JsonObject:
    count = connection.scalar(select(func.count()).select_from(found.subquery()))
    rows = connection.execute(found.order_by(order).limit(SHOWN)).all()
    return {"count": count, "newest": [_plain(row) for row in rows]}


def _plain(row: Row[Any]) -> JsonObject:
    return dict(row._mapping)


def _of(*columns: Any) -> Select[Any]:
    return select(*columns)


def _lessons(user_id: int) -> Select[Any]:
    theirs = or_(Booking.student_id == user_id, Booking.teacher_id == user_id)
    found = _of(Booking.id, Gig.title, Booking.status, Booking.starts_at.label("at"))
    return found.join(Gig, Gig.id == Booking.gig_id).where(theirs)


def _gigs(user_id: int) -> Select[Any]:
    return _of(Gig.id, Gig.title, Gig.status, Gig.created_at.label("at")).where(Gig.teacher_id == user_id)


def _payments(user_id: int) -> Select[Any]:
    theirs = or_(Payment.student_id == user_id, Payment.teacher_id == user_id)
    return _of(Payment.id, Payment.amount_cents, Payment.currency, Payment.created_at.label("at")).where(theirs)


def _applications(user_id: int) -> Select[Any]:
    theirs = or_(Application.student_id == user_id, Application.teacher_id == user_id)
    found = _of(Application.id, Gig.title, Application.status, Application.created_at.label("at"))
    return found.join(Gig, Gig.id == Application.gig_id).where(theirs)


def _reviews(user_id: int) -> Select[Any]:
    theirs = or_(Review.student_id == user_id, Review.teacher_id == user_id)
    return _of(Review.id, Review.rating, Review.created_at.label("at")).where(theirs)


def _sign_ins(user_id: int) -> Select[Any]:
    columns = (SignIn.id, SignIn.created_at.label("at"), SignIn.expires_at, SignIn.revoked_at)
    return _of(*columns, SignIn.refresh_id.is_(None).label("browser")).where(SignIn.user_id == user_id)


def _mails(user_id: int) -> Select[Any]:
    return _of(SentMail.id, SentMail.subject, SentMail.state, SentMail.at).where(SentMail.user_id == user_id)
