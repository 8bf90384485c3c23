"""Sign-ins: where they begin, are renewed and end.

The database knows which of them count; the cache makes it fast.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

import tags
from accounts.by_mail import notices
from accounts.models import SignIn, User
from accounts.names import normalise_email
from accounts.sign_in import passwords
from accounts.sign_in.tokens import SIGN_IN_LIFETIME, Credentials
from caching import invalidate
from database import reading, writing
from errors import Unauthenticated, WrongCredentials

# Expired sign-ins are deleted in portions, so that other writers need not wait for long.
EXPIRED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """An account whose password was given, and the hash that it belongs to."""

    user_id: int
    password_hash: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewSignIn:
    """A sign-in that has just begun or been renewed.

    `refresh_id` is the id of its next refresh token.
    """

    credentials: Credentials
    refresh_id: str
    expires_at: datetime


def authenticate(email: str, password: str) -> Verified:
    """Check an address and its password.

    Raises WrongCredentials, in the same time for every reason.
    """
    with reading() as connection:
        query = select(User.id, User.password_hash).where(User.email == normalise_email(email), User.active)
        row = connection.execute(query).one_or_none()
    if not passwords.verify_password(row.password_hash if row else None, password) or row is None:
        raise WrongCredentials
    return Verified(row.id, row.password_hash)


def begin(who: int | Verified, now: datetime, *, new_device: str | None = None) -> NewSignIn:
    """Begin a sign-in of an active account.

    With the name of a `new_device` its owner is told. Raises Unauthenticated if the account was closed meanwhile, or
    WrongCredentials if the password that was verified does not count any more.
    """
    user_id = who.user_id if isinstance(who, Verified) else who
    refresh_id, expires_at = secrets.token_hex(16), now + SIGN_IN_LIFETIME
    with writing() as session:
        # A new password waits for this, or this for the new password, which ends the sign-ins that it finds.
        active = select(User.role, User.password_hash).where(User.id == user_id, User.active)
        row = session.execute(active.with_for_update(read=True)).one_or_none()
        if row is None:
            raise Unauthenticated
        if isinstance(who, Verified) and row.password_hash != who.password_hash:
            raise WrongCredentials
        if new_device is not None:
            notices.tell(session, user_id, notices.NEW_DEVICE, device=new_device, at=now.isoformat())
        sign_in = SignIn(user_id=user_id, refresh_id=refresh_id, created_at=now, expires_at=expires_at, revoked_at=None)
        session.add(sign_in)
        session.flush()
    return NewSignIn(Credentials(user_id, row.role, sign_in.id), refresh_id, expires_at)


def renew(who: Credentials, refresh_id: str, now: datetime) -> NewSignIn:
    """Exchange a refresh token for the next one of its family.

    A token that was exchanged before ends the whole family, because one of the two copies was stolen.
    Raises Unauthenticated if the token does not count any more.
    """
    next_id = secrets.token_hex(16)
    with writing() as session:
        role = session.scalar(select(User.role).where(User.id == who.id, User.active))
        unused = (SignIn.id == who.sign_in_id, SignIn.user_id == who.id, SignIn.refresh_id == refresh_id)
        valid = (SignIn.revoked_at.is_(None), SignIn.expires_at > now)
        renewed = update(SignIn).where(*unused, *valid).values(refresh_id=next_id).returning(SignIn.expires_at)
        expires_at = session.scalar(renewed)
        if role is None or expires_at is None:
            end(who, now)
    if role is None or expires_at is None:
        raise Unauthenticated("This refresh token was used before or does not count any more.")
    return NewSignIn(Credentials(who.id, role, who.sign_in_id), next_id, expires_at)


def end(who: Credentials, now: datetime) -> None:
    """End one sign-in: its access token, its refresh tokens, its cookie."""
    with writing() as session:
        ended = update(SignIn).where(SignIn.id == who.sign_in_id, SignIn.user_id == who.id)
        session.execute(ended.values(revoked_at=now))
        invalidate(tags.viewer(who.id))


def end_all(session: Session, user_id: int, now: datetime) -> None:
    """End every sign-in of a user, in the caller's transaction.

    The caller invalidates the user's viewer tag.
    """
    session.execute(update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None)).values(revoked_at=now))


def forget_expired(now: datetime) -> None:
    """Delete sign-ins that have run out."""
    with writing() as session:
        expired = session.scalars(select(SignIn).where(SignIn.expires_at < now).limit(EXPIRED_AT_ONCE)).all()
        for sign_in in expired:
            session.delete(sign_in)
            invalidate(tags.viewer(sign_in.user_id))
