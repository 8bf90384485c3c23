"""Reads about two-factor sign-in.

None is cached, because only its owner asks, and seldom.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from accounts.models import User
from accounts.two_factor.keys import secret_of
from accounts.two_factor.models import SETUP_LASTS, RecoveryCode, Setup, TwoFactor
from database import reading
from jsontext import JsonObject


@dataclass(frozen=True, slots=True)
class State:
    """Since when two-factor sign-in is on, and a set-up that waits for its first code."""

    since: datetime | None
    recovery_codes: int
    setup: Setup | None = field(default=None, repr=False)

    def shown(self) -> JsonObject:
        """Describe it to programs, without the secret."""
        return {"on": self.since is not None, "since": self.since, "recovery_codes_left": self.recovery_codes}


def state(user_id: int, now: datetime) -> State:
    """Return a user's two-factor sign-in as it is now."""
    left = select(func.count()).where(RecoveryCode.user_id == User.id).scalar_subquery()
    columns = (User.email, TwoFactor.salt, TwoFactor.created_at, TwoFactor.confirmed_at, left.label("left"))
    joined = select(*columns).outerjoin_from(User, TwoFactor, TwoFactor.user_id == User.id)
    with reading() as connection:
        row = connection.execute(joined.where(User.id == user_id)).one()
    if row.confirmed_at or row.salt is None or row.created_at <= now - SETUP_LASTS:
        return State(row.confirmed_at, row.left)
    return State(None, 0, Setup(secret_of(row.salt), row.email))
