"""Addresses: whether the present one is confirmed, and how the next one takes its place."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import service
from accounts.by_mail import notices, tokens
from accounts.by_mail.models import TokenUse
from accounts.models import AddressChange, User
from accounts.names import NO_ADDRESS, normalise_email
from accounts.sign_in.tokens import Credentials
from caching import invalidate
from database import reading, writing
from errors import EmailTaken, EmailUnconfirmed, LinkExpired
from mail.delivery import reaches_people


def require_confirmed(session: Session, user_id: int) -> None:
    """Check that a user has confirmed their address, where mails reach people.

    It asks the database, in the transaction of what depends on it. Raises EmailUnconfirmed.
    """
    if reaches_people() and session.scalar(select(User.email_confirmed_at).where(User.id == user_id)) is None:
        raise EmailUnconfirmed


def send_again(user_id: int, *, count: Callable[[str], None]) -> str | None:
    """Ask for the mail once more with which this user confirms an address, and return that address.

    `count` is called with it first, and may refuse. None if there is none to confirm.
    """
    with reading() as connection:
        query = select(User.email, User.email_confirmed_at, User.new_email).where(User.id == user_id)
        email = unconfirmed_address(connection.execute(query).one())
    if email:
        count(email)
        with writing() as session:
            notices.send_confirmation(session, user_id)
    return email


def may_be_written_to(user: Row[Any]) -> bool:
    """Tell whether mails go to a user's address: where they reach people, it must not be a stranger's.

    A stand-in has none.
    """
    if user.email.startswith(NO_ADDRESS):
        return False
    return user.email_confirmed_at is not None or not reaches_people()


def unconfirmed_address(user: User | Row[str, datetime | None, str | None]) -> str | None:
    """Return the address that a mail would confirm: the next one, or the present one as long as it is not."""
    email: str | None = user.new_email or (None if user.email_confirmed_at else user.email)
    return email


def confirm(token: str, *, now: datetime) -> None:
    """Confirm an address with a token, which is used up.

    If it is the next one it takes the place of the present one, and that one is told. Raises LinkExpired, or EmailTaken
    if the address has got another account meanwhile.
    """
    try:
        with writing() as session:
            user, email = tokens.use_up(session, token, TokenUse.CONFIRM, now)
            if email == user.new_email:
                _take(session, user, email, now)
            elif email == user.email:
                _note_confirmed(session, user, now)
            else:
                raise LinkExpired
            session.flush()
            invalidate(*service.tags_of(user))
    except IntegrityError as error:
        raise EmailTaken from error


def vouch_for(user_id: int, *, now: datetime) -> None:
    """Count a user's present address as confirmed, without a token."""
    with writing() as session:
        user = service.locked(session, user_id)
        _note_confirmed(session, user, now)
        invalidate(*service.tags_of(user))


def change_address(who: Credentials, change: AddressChange, *, now: datetime) -> None:
    """Change the address of an account, by its owner.

    Where mails reach people the present one stays until the next one is confirmed, and is told; elsewhere it counts at
    once. The present address takes back an earlier wish. Raises WrongCredentials, EmailTaken or TooManyAttempts.
    """
    verified = service.require_password(who, change.current_password, now=now)
    email = normalise_email(change.email)
    try:
        with writing() as session:
            user = service.locked(session, who.id)
            service.require_still(user, verified)
            tokens.end(session, user.id, TokenUse.CONFIRM)
            if email == user.email:
                user.new_email = None
                if user.email_confirmed_at is None:
                    notices.send_confirmation(session, user.id)
                return
            if session.scalar(select(User.id).where(User.email == email)):
                raise EmailTaken
            if reaches_people():
                user.new_email = email
                notices.send_confirmation(session, user.id)
                if user.email_confirmed_at:
                    notices.tell(session, user.id, notices.ADDRESS_CHANGE_ASKED, email=user.email, at=now.isoformat())
            else:
                _take(session, user, email, now)
            session.flush()
            invalidate(*service.tags_of(user))
    except IntegrityError as error:
        raise EmailTaken from error


def _note_confirmed(session: Session, user: User, now: datetime) -> None:
    if user.email_confirmed_at is None:
        user.email_confirmed_at = now
        service.tell_confirmed(session, user)


def _take(session: Session, user: User, email: str, now: datetime) -> None:
    """Let an address take the place of the present one, and tell that one."""
    before, user.email, user.new_email = user.email, email, None
    user.email_confirmed_at = now
    # Who reads the mails to the old address shall not get into the account with one of them.
    tokens.end(session, user.id, TokenUse.RESET)
    notices.tell(session, user.id, notices.ADDRESS_CHANGED, email=before, at=now.isoformat())
    session.flush()
    service.tell_confirmed(session, user)
