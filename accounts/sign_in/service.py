"""Sign-ins: where they begin, are renewed and end.

The database knows which of them count; the cache makes it fast.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from datetime import datetime

from sqlalchemy import Select, and_, select, update
from sqlalchemy.orm import Session

import tags
from accounts.by_mail import notices
from accounts.models import SignIn, User
from accounts.names import normalise_email
from accounts.sign_in import passwords
from accounts.sign_in.tokens import SIGN_IN_LIFETIME, Credentials
from accounts.two_factor.models import TwoFactor
from caching import invalidate
from database import reading, writing
from errors import TwoFactorRequired, Unauthenticated, WrongCredentials

# Expired sign-ins are deleted in portions, so that other writers need not wait for long.
EXPIRED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Verified:
    """An account whose password was given, and the hash that it belongs to."""

    user_id: int
    password_hash: str = field(repr=False)
    # The ids of the secret that the account has for two-factor sign-in, and of the one whose code was given.
    second_factor: int | None = None
    proven: int | None = None

    @property
    def needs_code(self) -> bool:
        """Tell whether a code has to be given before a sign-in begins."""
        return self.second_factor not in (None, self.proven)


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
        row = connection.execute(_known().where(User.email == normalise_email(email), User.active)).one_or_none()
    if not passwords.verify_password(row.password_hash if row else None, password) or row is None:
        raise WrongCredentials
    return Verified(row.id, row.password_hash, row.second_factor)


def verified_before(user_id: int) -> Verified | None:
    """Return an active account whose password was given in an earlier request.

    None if it was closed meanwhile.
    """
    with reading() as connection:
        row = connection.execute(_known().where(User.id == user_id, User.active)).one_or_none()
    return Verified(row.id, row.password_hash, row.second_factor) if row else None


def second_factor(session: Session, user_id: int) -> int | None:
    """Return the id of a user's secret for two-factor sign-in, None if that is off."""
    on = (TwoFactor.user_id == user_id, TwoFactor.confirmed_at.is_not(None))
    return session.scalar(select(TwoFactor.id).where(*on))


def begin(who: int | Verified, now: datetime, *, new_device: str | None = None) -> NewSignIn:
    """Begin a sign-in of an active account.

    It was verified, or its owner is known to be there already. With the name of a `new_device` its owner is told.
    Raises Unauthenticated if the account was closed meanwhile,
    WrongCredentials if the password that was verified does not count any more, or TwoFactorRequired if a code is
    missing.
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
        # Looked at here, too, where all sign-ins by password begin: it may have been switched on since.
        if isinstance(who, Verified) and replace(who, second_factor=second_factor(session, user_id)).needs_code:
            raise TwoFactorRequired
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


def end_all(session: Session, user_id: int, now: datetime, *, but: int | None = None) -> None:
    """End every sign-in of a user, `but` one if that is named, in the caller's transaction.

    The caller invalidates the user's viewer tag.
    """
    open_ones = update(SignIn).where(SignIn.user_id == user_id, SignIn.revoked_at.is_(None))
    if but is not None:
        open_ones = open_ones.where(SignIn.id != but)
    session.execute(open_ones.values(revoked_at=now))


def forget_expired(now: datetime) -> None:
    """Delete sign-ins that have run out."""
    with writing() as session:
        expired = session.scalars(select(SignIn).where(SignIn.expires_at < now).limit(EXPIRED_AT_ONCE)).all()
        for sign_in in expired:
            session.delete(sign_in)
            invalidate(tags.viewer(sign_in.user_id))


def _known() -> Select[int, str, int | None]:
    """Select who an account is, and the secret that it has for two-factor sign-in if that is on."""
    on = and_(TwoFactor.user_id == User.id, TwoFactor.confirmed_at.is_not(None))
    columns = select(User.id, User.password_hash, TwoFactor.id.label("second_factor"))
    return columns.outerjoin_from(User, TwoFactor, on)
