"""What those who run the school do about accounts, with the rules about who may do it to whom."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from accounts import service as accounts
from accounts.actors import Actor
from accounts.by_mail.recovery import ask_for_reset
from accounts.models import Role, User
from accounts.rights import Right, may, runs_school
from accounts.service import locked, tags_of
from accounts.sign_in import service as sign_ins
from accounts.two_factor.service import take_off
from caching import invalidate
from database import writing
from enrolment.leaving import close_account
from errors import Forbidden, LastAdministrator


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanges:
    """Another role, or an account that is closed or opened again.

    None changes nothing.
    """

    role: Role | None = None
    active: bool | None = None


def change(user_id: int, changes: PersonChanges, *, actor: Actor, now: datetime) -> None:
    """Change a person's account, effective at once everywhere.

    Raises NotFound, Forbidden if it takes the right to give roles, or LastAdministrator.
    """
    with writing() as session:
        administrators = _lock_administrators(session)
        user = _over(session, user_id, actor)
        if changes.role not in (None, user.role) and not may(actor.role, Right.ROLES):
            raise Forbidden("Only administrators give roles.")
        stays = changes.active is not False and changes.role in (None, Role.ADMIN)
        if user.id in administrators and not stays and len(administrators) == 1:
            raise LastAdministrator
        if changes.role not in (None, user.role):
            accounts.set_role(user_id, Role(changes.role))
        if changes.active is False and user.active:
            close_account(user_id, now)
        elif changes.active and not user.active:
            accounts.reactivate(session, user)


def sign_out(user_id: int, *, actor: Actor, now: datetime) -> None:
    """End all sign-ins of a person.

    Raises NotFound or Forbidden.
    """
    with writing() as session:
        user = _over(session, user_id, actor)
        sign_ins.end_all(session, user_id, now)
        invalidate(*tags_of(user))


def send_reset(user_id: int, *, actor: Actor) -> None:
    """Send a person the mail with which they choose a new password.

    Raises NotFound or Forbidden.
    """
    with writing() as session:
        ask_for_reset(_over(session, user_id, actor).email)


def take_two_factor_off(user_id: int, *, actor: Actor, now: datetime) -> None:
    """Switch two-factor sign-in off for somebody who has lost the app and the codes.

    They are told, and signed out everywhere. Raises NotFound, also if it is off, or Forbidden.
    """
    if user_id == actor.id:
        # Whoever has got hold of a sign-in must not get rid of the codes with it.
        raise Forbidden("Nobody takes off their own: switch it off on your profile, with a code.")
    with writing() as session:
        _over(session, user_id, actor)
        take_off(session, user_id, now=now)


def may_act_on(role: str, actor: Actor) -> bool:
    """Tell whether an actor may change the accounts of people with a role.

    The office may not change those who run the school.
    """
    return not runs_school(role) or may(actor.role, Right.ROLES)


def _lock_administrators(session: Session) -> set[int]:
    """Return the active administrators, none of whom changes until the end of the transaction.

    Always in the same order, so that two who take away each other's role do it one after the other.
    """
    asked = select(User.id).where(User.role == Role.ADMIN, User.active).order_by(User.id).with_for_update()
    return set(session.scalars(asked))


def _over(session: Session, user_id: int, actor: Actor) -> User:
    user = locked(session, user_id)
    if not may_act_on(user.role, actor):
        raise Forbidden("Only administrators change the accounts of those who run the school.")
    return user
