"""Accounts that are made for a student, who opens them with a link that is mailed to them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import service
from accounts.by_mail import notices
from accounts.models import Role, User
from accounts.names import normalise_email
from accounts.sign_in import passwords
from caching import invalidate

INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a lesson is entered for: a name and an address as they were typed."""

    name: str
    email: str


@dataclass(frozen=True, slots=True)
class Found:
    """Whose the address is, and whether the account was made just now."""

    user_id: int
    is_new: bool


def nobodys_password() -> str:
    """Hash a password that nobody knows.

    It takes its time, so it is done before anybody looks whether the address has an account: else the time would tell.
    """
    return passwords.hash_password(secrets.token_urlsafe(32))


def find_or_invite(
    session: Session, person: Invited, *, password_hash: str, by_id: int, time_zone: str, now: datetime
) -> Found:
    """Return the account with this address, or make one and invite the person to open it.

    The address of a new one counts as confirmed once its owner has used the link.
    """
    email = normalise_email(person.email)
    user = User(
        name=person.name,
        email=email,
        password_hash=password_hash,
        role=Role.STUDENT,
        time_zone=time_zone,
        created_at=now,
    )
    found = session.scalar(select(User.id).where(User.email == email))
    if found is None:
        try:
            with session.begin_nested():
                session.add(user)
        except IntegrityError:
            # Another request has made it at this moment.
            found = session.scalar(select(User.id).where(User.email == email))
            assert found is not None
        else:
            notices.send_invitation(session, user.id, by_id=by_id)
            invalidate(*service.tags_of(user))
            return Found(user.id, is_new=True)
    return Found(found, is_new=False)
