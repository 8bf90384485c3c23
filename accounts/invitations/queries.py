"""Reads about stand-ins and the addresses that they wait for."""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import Connection, Label, func, select
from sqlalchemy.orm import Session

import tags
from accounts.invitations.models import Invitation
from accounts.models import Role, User
from caching import invalidation_check

# Administrators see the address in the list of people.
invalidation_check.watch(Invitation, {tags.users: ()}, unseen=["declined_at", "asked_id"])


class Owner(StrEnum):
    """What the owner of an address can do about what waits for it."""

    NEW = "they open an account"
    STUDENT = "they take it over into their account"
    OTHER = "they have an account in which nobody is a student"


def owner_of(connection: Connection | Session, email: str) -> Owner:
    """Tell what the owner of an address can do.

    An account whose address was never confirmed may be a stranger's, so it counts as none.
    """
    columns = (User.role, User.active, User.email_confirmed_at)
    account = connection.execute(select(*columns).where(User.email == email)).one_or_none()
    if account is None:
        return Owner.NEW
    if account.role != Role.STUDENT or not account.active:
        return Owner.OTHER
    return Owner.STUDENT if account.email_confirmed_at else Owner.NEW


def account_of(connection: Connection | Session, email: str) -> int | None:
    """Return the id of the student's account that takes over what waits for an address, if there is one."""
    theirs = (User.email == email, User.active, User.role == Role.STUDENT, User.email_confirmed_at.is_not(None))
    return connection.scalar(select(User.id).where(*theirs))


def shown_address() -> Label[str]:
    """Select the address of a user: a stand-in's is the one that was given for it."""
    given = select(Invitation.email).where(Invitation.user_id == User.id).correlate(User).scalar_subquery()
    return func.coalesce(given, User.email).label("email")
