"""Reads about people.

Every cached one names its family, its life time and the tag that makes it old.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, Select, select

import tags
from accounts.invitations.queries import shown_address
from accounts.models import Role, SignIn, User
from accounts.names import fold
from accounts.two_factor.models import TwoFactor
from caching import cache, invalidation_check
from database import reading
from errors import EmailUnconfirmed
from jsontext import JsonObject
from web.pagination import Position, page

# What makes these reads old. A new sign-in does not: it cannot have been asked for before.
invalidation_check.watch(
    User, {tags.users: (), tags.viewer: ("id",), tags.profile: ("id",)}, unseen=["password_hash", "new_email"]
)
invalidation_check.watch(SignIn, {tags.viewer: ("user_id",)}, unseen=["refresh_id"], new_rows=False)
invalidation_check.watch(TwoFactor, {tags.viewer: ("user_id",)}, unseen=["salt", "created_at", "last_step"])


@dataclass(frozen=True, slots=True, kw_only=True)
class UsersQuery:
    """What the administrators' list of users can be narrowed to.

    None means all. `q` are letters of the name or the address.
    """

    role: str | None = None
    q: str | None = None
    active: str | None = None
    limit: int
    after: Position | None = None


# Invalidated by: sign-out, new password, change of role, deactivation, rename, change of time zone, confirmed address,
# two-factor sign-in switched on or off.
@cache.stamped("viewer", ttl=1800, tag=tags.viewer, by="user_id", kind="entity", shape=3)
def viewer_record(connection: Connection, user_id: int, sign_in_id: int) -> JsonObject | None:
    """Say who a sign-in belongs to.

    None if it or its account is not valid any more.
    """
    confirmed = User.email_confirmed_at.is_not(None).label("confirmed")
    two_factor = TwoFactor.confirmed_at.is_not(None).label("two_factor")
    query = (
        select(User.id, User.name, User.role, User.time_zone, confirmed, two_factor)
        .join(SignIn, SignIn.user_id == User.id)
        .outerjoin(TwoFactor, TwoFactor.user_id == User.id)
        .where(User.id == user_id, User.active, SignIn.id == sign_in_id, SignIn.revoked_at.is_(None))
    )
    row = connection.execute(query).one_or_none()
    return dict(row._mapping) if row else None


# Invalidated by: a change of the profile or the role, deactivation, a review.
@cache.stamped("profile", ttl=3600, tag=tags.profile, by="user_id", kind="entity")
def profile(connection: Connection, user_id: int) -> JsonObject | None:
    """Describe one active person as others see them.

    None if there is no such person.
    """
    row = connection.execute(people().where(User.id == user_id, User.active)).one_or_none()
    return show_person(row) if row else None


# Invalidated by: registration and every change of an account.
@cache.stamped("users", ttl=300, tag=tags.users)
def users_page(connection: Connection, query: UsersQuery) -> JsonObject:
    """List all people for an administrator, newest first."""
    found = people(shown_address(), User.active)
    if query.role:
        found = found.where(User.role == query.role)
    if query.active:
        found = found.where(User.active == (query.active == "true"))
    if query.q:
        of_name = User.name_key.contains(fold(query.q), autoescape=True)
        found = found.where(of_name | User.email.contains(query.q.strip().lower(), autoescape=True))
    if query.after:
        found = found.where(User.id < query.after[1])
    rows = connection.execute(found.order_by(User.id.desc()).limit(query.limit + 1)).all()
    return page(
        rows,
        limit=query.limit,
        order="newest",
        position=lambda row: (0, row.id),
        show=lambda row: show_person(row) | {"email": row.email, "active": row.active},
    )


def own_profile(user_id: int) -> JsonObject:
    """Describe a person to themselves, with their address and the one that waits to be confirmed.

    Not cached, because forms are filled with it.
    """
    with reading() as connection:
        own = people(User.email, User.email_confirmed_at, User.new_email, User.keeps_searches, User.in_leaderboards)
        row = connection.execute(own.where(User.id == user_id)).one()
    address = {"email": row.email, "email_confirmed": row.email_confirmed_at is not None, "new_email": row.new_email}
    return show_person(row) | address | {"keeps_searches": row.keeps_searches, "in_leaderboards": row.in_leaderboards}


def confirmed_address(user_id: int) -> str:
    """Return a user's address, as it is compared.

    Raises EmailUnconfirmed if they have not shown that its mails are theirs.
    """
    with reading() as connection:
        row = connection.execute(select(User.email, User.email_confirmed_at).where(User.id == user_id)).one()
    if row.email_confirmed_at is None:
        raise EmailUnconfirmed
    return str(row.email)


def people(*more: Any) -> Select[Any]:
    """Select what others see of people, and more columns."""
    columns = (User.id, User.name, User.role, User.time_zone, User.headline, User.bio, User.rating_sum)
    return select(*columns, User.rating_count, *more)


def show_person(row: Row[Any]) -> JsonObject:
    """Describe a row of `people`."""
    person: JsonObject = {"id": row.id, "name": row.name, "role": row.role, "time_zone": row.time_zone}
    if row.role == Role.TEACHER:
        person |= {"headline": row.headline, "bio": row.bio, **rating(row.rating_sum, row.rating_count)}
    return person


def rating(rating_sum: int, rating_count: int) -> JsonObject:
    """Show a teacher's mean rating to two digits, and the number of reviews.

    Without reviews the mean is None.
    """
    mean = round(rating_sum / rating_count, 2) if rating_count else None
    return {"rating": mean, "review_count": rating_count}
