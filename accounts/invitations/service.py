"""Changes of stand-ins: making one, and what becomes of it once the owner of its address has answered."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import tags
from accounts import service
from accounts.by_mail import tokens
from accounts.by_mail.models import TokenUse
from accounts.dependents import address_confirmed, ended_by_closing, name_dependents, taken_over
from accounts.invitations.models import Invitation
from accounts.models import Role, User
from accounts.names import NO_ADDRESS, normalise_email
from caching import invalidate
from errors import EmailTaken, SlotTaken

# The link in the mail counts as long.
INVITATION_LASTS = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class Invited:
    """Whom a lesson is entered for: a name and an address as they were typed."""

    name: str
    email: str


def stand_in_for(session: Session, person: Invited, *, teacher_id: int, time_zone: str, now: datetime) -> int:
    """Return the id of the account that stands in for a person.

    It is made if the teacher has none for their address. It asks for no account with this address, so that neither the
    answer nor the time tells whether there is one.
    """
    email = normalise_email(person.email)
    this = select(Invitation).where(Invitation.teacher_id == teacher_id, Invitation.email == email)
    invitation = session.scalar(this)
    if invitation is None:
        try:
            with session.begin_nested():
                return _make(session, person.name, email, teacher_id=teacher_id, time_zone=time_zone, now=now)
        except IntegrityError:
            # Another request has made it at this moment.
            invitation = session.scalars(this).one()
    invitation.declined_at = None
    return invitation.user_id


def open_account(session: Session, stand_in: User, password_hash: str, *, now: datetime) -> None:
    """Make a stand-in the account of the address's owner, who has got the mail.

    It gets everything that waits for the address. Where there is an account whose address was never confirmed, that one
    gets it and the password. Raises EmailTaken if the address has another account.
    """
    invitation = session.get_one(Invitation, stand_in.id)
    account = session.scalar(select(User).where(User.email == invitation.email).with_for_update())
    if account is None:
        account = _become_account(session, invitation, stand_in)
    elif account.role != Role.STUDENT or not account.active or account.email_confirmed_at:
        raise EmailTaken("There is an account with this address already. Please sign in with it.")
    account.email_confirmed_at = now
    if account is stand_in:
        # Its first password: no sign-in ends with it, and its owner need not be warned.
        account.password_hash = password_hash
        invalidate(*service.tags_of(account))
    else:
        service.replace_password(session, account, password_hash, now=now)
    session.flush()
    gather(session, account)


def gather(session: Session, account: User) -> None:
    """Give a new account what waits for its address.

    What overlaps with what it has by then goes on waiting, for its owner to decide.
    """
    if account.role != Role.STUDENT:
        return
    waiting = select(Invitation).where(Invitation.email == account.email, Invitation.declined_at.is_(None))
    for invitation in session.scalars(waiting.order_by(Invitation.user_id)).all():
        try:
            with session.begin_nested():
                join(session, invitation, account.id)
        except SlotTaken:
            continue


def join(session: Session, invitation: Invitation, account_id: int) -> None:
    """Let an account take over all that a stand-in has, which is deleted.

    Raises SlotTaken if lessons of the two overlap.
    """
    people = (invitation.user_id, invitation.teacher_id, account_id)
    # In the order of their ids, as everywhere.
    session.execute(select(User.id).where(User.id.in_(people)).order_by(User.id).with_for_update())
    stand_in = session.get_one(User, invitation.user_id)
    invalidate(*service.tags_of(stand_in), *name_dependents.tags(session, stand_in.id))
    for take_over in taken_over:
        take_over(session, stand_in.id, account_id)
    tokens.end(session, stand_in.id, *TokenUse)
    _forget(session, invitation)
    session.delete(stand_in)
    session.flush()


def _make(session: Session, name: str, email: str, *, teacher_id: int, time_zone: str, now: datetime) -> int:
    user = User(
        name=name,
        email=f"{NO_ADDRESS}{secrets.token_hex(16)}",
        # The hash of no password at all.
        password_hash="",
        role=Role.STUDENT,
        time_zone=time_zone,
        created_at=now,
    )
    session.add(user)
    session.flush()
    invalidate(*service.tags_of(user))
    session.add(Invitation(user_id=user.id, teacher_id=teacher_id, email=email, created_at=now))
    session.flush()
    return user.id


def _become_account(session: Session, invitation: Invitation, stand_in: User) -> User:
    """Give a stand-in the address that it waits for.

    Raises EmailTaken if the address has got an account at this moment.
    """
    stand_in.email = invitation.email
    session.delete(invitation)
    try:
        session.flush()
    except IntegrityError as error:
        raise EmailTaken from error
    return stand_in


def _forget(session: Session, invitation: Invitation) -> None:
    if invitation.asked_id:
        invalidate(tags.user_bookings(invitation.asked_id))
    session.delete(invitation)
    session.flush()


def _close(session: Session, user_id: int) -> None:
    """Let a stand-in that is closed wait for no address any more."""
    if invitation := session.get(Invitation, user_id):
        _forget(session, invitation)


ended_by_closing.append(_close)
address_confirmed.append(gather)
