"""Read the invitations that nobody has accepted yet.

Not cached: few people look at them, and a button stands beside each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, select

from accounts.models import User
from administration.invitations.models import SchoolInvitation
from database import reading
from errors import NotFound
from jsontext import JsonObject
from web.pagination import Position, page


@dataclass(frozen=True, slots=True, kw_only=True)
class InvitationsQuery:
    """Which page of the list."""

    limit: int
    after: Position | None = None


def invitations_page(query: InvitationsQuery, now: datetime) -> JsonObject:
    """List the invitations that are open, and those whose link counts no more, the newest first."""
    found = _with_inviter()
    if query.after:
        found = found.where(SchoolInvitation.id < query.after[1])
    with reading() as connection:
        rows = connection.execute(found.order_by(SchoolInvitation.id.desc()).limit(query.limit + 1)).all()
    return page(
        rows, limit=query.limit, order="newest", position=lambda row: (0, row.id), show=lambda row: _show(row, now)
    )


def invitation(invitation_id: int, now: datetime) -> JsonObject:
    """Describe an invitation.

    Raises NotFound.
    """
    with reading() as connection:
        row = connection.execute(_with_inviter().where(SchoolInvitation.id == invitation_id)).one_or_none()
    if row is None:
        raise NotFound
    return _show(row, now)


def _with_inviter() -> Select[Any]:
    it = SchoolInvitation
    columns: tuple[Any, ...] = (it.id, it.email, it.role, it.created_at, it.expires_at, it.invited_by_id, User.name)
    return select(*columns).join(User, User.id == it.invited_by_id)


def _show(row: Row[Any], now: datetime) -> JsonObject:
    names = ("id", "email", "role", "created_at", "expires_at")
    state = {"expired": row.expires_at <= now, "invited_by": {"id": row.invited_by_id, "name": row.name}}
    return {name: getattr(row, name) for name in names} | state
