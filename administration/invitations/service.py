"""Invite people by mail, take invitations back, accept them."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from accounts import service as accounts
from accounts.actors import Actor
from accounts.by_mail import tokens
from accounts.dependents import address_confirmed
from accounts.invitations.service import INVITATION_LASTS
from accounts.models import NewAccount, User
from accounts.names import normalise_email
from accounts.rights import STAFF, Right, holders
from administration.invitations.models import Newcomer, NewInvitation, SchoolInvitation
from administration.people.service import may_act_on
from database import reading, writing
from errors import AlreadyInvited, EmailTaken, Forbidden, LinkExpired, NotFound
from jobs.queue import cancel, enqueue

SEND = "administration.send-invitation"
# So long after its last day an invitation can still be sent again.
KEPT = timedelta(days=30)


def require_open(new: NewInvitation, *, actor: Actor) -> str:
    """Check that somebody may be invited, before it counts as an attempt, and return the address.

    Raises Forbidden, EmailTaken or AlreadyInvited.
    """
    _require_right(new.role, actor)
    email = normalise_email(new.email)
    with reading() as connection:
        if connection.scalar(select(User.id).where(User.email == email)):
            raise EmailTaken
        if connection.scalar(select(SchoolInvitation.id).where(SchoolInvitation.email == email)):
            raise AlreadyInvited
    return email


def invite(new: NewInvitation, *, actor: Actor, now: datetime) -> int:
    """Invite the owner of an address, who gets a mail, and return the invitation's id.

    Those who run the school see all accounts, so they are told of one that exists. Raises Forbidden, EmailTaken or
    AlreadyInvited.
    """
    _require_right(new.role, actor)
    email = normalise_email(new.email)
    times = {"created_at": now, "expires_at": now + INVITATION_LASTS}
    invitation = SchoolInvitation(email=email, role=new.role, invited_by_id=actor.id, **times)
    with writing() as session:
        if session.scalar(select(User.id).where(User.email == email)):
            raise EmailTaken
        try:
            with session.begin_nested():
                session.add(invitation)
        except IntegrityError as error:
            raise AlreadyInvited from error
        _ask_for_mail(session, invitation.id)
        return invitation.id


def address_of(invitation_id: int, *, actor: Actor) -> str:
    """Return the address of an invitation that somebody may send again.

    Raises NotFound or Forbidden.
    """
    asked = select(SchoolInvitation.email, SchoolInvitation.role).where(SchoolInvitation.id == invitation_id)
    with reading() as connection:
        row = connection.execute(asked).one_or_none()
    if row is None:
        raise NotFound
    _require_right(row.role, actor)
    return str(row.email)


def send_again(invitation_id: int, *, actor: Actor, now: datetime) -> None:
    """Send an invitation once more, with a link that counts from now on.

    The one before counts no more. Raises NotFound or Forbidden.
    """
    with writing() as session:
        invitation = _locked(session, invitation_id, actor)
        invitation.digest, invitation.expires_at = None, now + INVITATION_LASTS
        _ask_for_mail(session, invitation_id)


def withdraw(invitation_id: int, *, actor: Actor) -> None:
    """Take an invitation back: its link counts no more.

    Raises NotFound, also if it was accepted just now, or Forbidden.
    """
    with writing() as session:
        session.delete(_locked(session, invitation_id, actor))
        cancel(session, _key(invitation_id))


def look_at(token: str, now: datetime) -> NewInvitation:
    """Return what a token invites to.

    Raises LinkExpired if it does not count (any more).
    """
    asked = select(SchoolInvitation.email, SchoolInvitation.role).where(*_valid(token, now))
    with reading() as connection:
        row = connection.execute(asked).one_or_none()
    if row is None:
        raise LinkExpired
    return NewInvitation(email=row.email, role=row.role)


def accept(token: str, newcomer: Newcomer, *, now: datetime) -> int:
    """Open the account that somebody is invited to, and return its id.

    The invitation is used up, and its address is confirmed, because the token came by mail. Whether people can
    register by themselves does not matter. Raises LinkExpired, Invalid for a common password, or EmailTaken if the
    address has got an account meanwhile.
    """
    look_at(token, now)
    # Hashing takes its time, so it does not happen while other writers wait.
    password_hash = accounts.new_hash(newcomer.password)
    with writing() as session:
        columns = (SchoolInvitation.email, SchoolInvitation.role)
        row = session.execute(delete(SchoolInvitation).where(*_valid(token, now)).returning(*columns)).one_or_none()
        if row is None:
            raise LinkExpired
        entered = {"name": newcomer.name, "password": newcomer.password, "time_zone": newcomer.time_zone}
        account = NewAccount(email=row.email, role=row.role, **entered)
        return accounts.register(account, now=now, confirmed=True, password_hash=password_hash)


def issue(session: Session, invitation: SchoolInvitation) -> str:
    """Make the token of an invitation's mail and return it: it cannot be read again.

    An older one counts no more.
    """
    token = secrets.token_urlsafe(32)
    invitation.digest = tokens.digest(token)
    return token


def forget_expired(now: datetime) -> None:
    """Delete invitations that nobody has accepted for long."""
    with writing() as session:
        session.execute(delete(SchoolInvitation).where(SchoolInvitation.expires_at <= now - KEPT))


def _require_right(role: str, actor: Actor) -> None:
    if not may_act_on(role, actor):
        raise Forbidden("Only administrators invite people who will run the school.")


def _locked(session: Session, invitation_id: int, actor: Actor) -> SchoolInvitation:
    invitation = session.get(SchoolInvitation, invitation_id, with_for_update=True)
    if invitation is None:
        raise NotFound
    _require_right(invitation.role, actor)
    return invitation


def _ask_for_mail(session: Session, invitation_id: int) -> None:
    """Ask for the mail, in place of one that waits still."""
    arguments = {"invitation_id": invitation_id, "request": secrets.token_hex(8)}
    enqueue(session, SEND, arguments, key=_key(invitation_id))


def _key(invitation_id: int) -> str:
    return f"{SEND} {invitation_id}"


def _valid(token: str, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of an invitation that can be accepted.

    Who invites somebody to run the school has to have the right to it still.
    """
    it = SchoolInvitation
    may_still = exists().where(User.id == it.invited_by_id, User.active, User.role.in_(holders(Right.ROLES)))
    return (it.digest == tokens.digest(token), it.expires_at > now, or_(it.role.not_in(STAFF), may_still))


def _end(session: Session, user: User) -> None:
    """Delete the invitation of an address that has an account by now."""
    session.execute(delete(SchoolInvitation).where(SchoolInvitation.email == user.email))


address_confirmed.append(_end)
