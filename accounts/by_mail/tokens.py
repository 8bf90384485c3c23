"""Tokens that are sent by mail: made, looked at and used up.

A token has 256 random bits, so that a single round of a hash is enough to keep it.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from accounts.by_mail.models import AccountToken, TokenUse
from accounts.models import User
from database import reading, writing
from errors import LinkExpired

LIFETIMES = {TokenUse.RESET: timedelta(hours=1), TokenUse.CONFIRM: timedelta(days=7)}
_RANDOM_BYTES = 32


@dataclass(frozen=True, slots=True)
class Proof:
    """What a token proves: its bearer reads the mails to `email`."""

    user_id: int
    email: str


def issue(
    session: Session, user: User, use: TokenUse, *, email: str, now: datetime, lasts: timedelta | None = None
) -> str:
    """Make a token for an address and return it: it cannot be read again.

    It `lasts` as long as its use says, unless told otherwise. An older one for the same use is void. The caller has
    locked the user's row.
    """
    token = secrets.token_urlsafe(_RANDOM_BYTES)
    end(session, user.id, use)
    expires_at = now + (lasts or LIFETIMES[use])
    session.add(AccountToken(user_id=user.id, purpose=use, digest=digest(token), email=email, expires_at=expires_at))
    return token


def look_at(token: str, use: TokenUse, now: datetime) -> Proof:
    """Return what a token proves, and leave it as it is.

    Raises LinkExpired if it does not count (any more).
    """
    query = select(AccountToken.user_id, AccountToken.email).join(User).where(*_valid(token, use, now), User.active)
    with reading() as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise LinkExpired
    return Proof(row.user_id, row.email)


def use_up(session: Session, token: str, use: TokenUse, now: datetime) -> tuple[User, str]:
    """Use a token, once: return its user, locked for changes, and the address that it proves.

    Raises LinkExpired if it does not count (any more), also because somebody else was faster.
    """
    valid = _valid(token, use, now)
    # The user is locked first, as everywhere: who locks the token first waits for one who waits for it.
    owner = session.scalar(select(AccountToken.user_id).where(*valid))
    user = owner and session.get(User, owner, with_for_update=True)
    email = session.scalar(delete(AccountToken).where(*valid).returning(AccountToken.email))
    if not user or not user.active or email is None:
        raise LinkExpired
    return user, email


def counts_until(session: Session, user_id: int, use: TokenUse) -> datetime | None:
    """Return when a user's token for this use expires, None if they have none."""
    this = select(AccountToken.expires_at).where(AccountToken.user_id == user_id, AccountToken.purpose == use)
    return session.scalar(this)


def end(session: Session, user_id: int, *uses: TokenUse) -> None:
    """Let a user's tokens for these uses count no more."""
    session.execute(delete(AccountToken).where(AccountToken.user_id == user_id, AccountToken.purpose.in_(uses)))


def forget_expired(now: datetime) -> None:
    """Delete the tokens whose time is over."""
    with writing() as session:
        session.execute(delete(AccountToken).where(AccountToken.expires_at <= now))


def digest(token: str) -> str:
    """Return what is kept of a token."""
    return sha256(token.encode()).hexdigest()


def _valid(token: str, use: TokenUse, now: datetime) -> tuple[ColumnElement[bool], ...]:
    return (AccountToken.digest == digest(token), AccountToken.purpose == use, AccountToken.expires_at > now)
