"""Changes of accounts: registering, profiles, passwords, roles.

Each names the tags it makes old.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import tags
from accounts.dependents import ended_by_new_password, name_dependents, rating_dependents
from accounts.models import NewAccount, PasswordChange, ProfileChanges, Role, User
from accounts.names import normalise_email
from accounts.sign_in import passwords
from accounts.sign_in import service as sign_ins
from accounts.sign_in.tokens import Credentials
from caching import Tag, invalidate, invalidation_check
from database import reading, writing
from errors import EmailTaken, Invalid, NotFound, WrongCredentials
from web import attempts
from web.attempts import Limit

# Who has stolen a sign-in may not find the password out with it, nor keep the owner from choosing a new one.
PASSWORDS_PER_SIGN_IN = Limit("present password by sign-in", 10, timedelta(minutes=1))
PASSWORDS_PER_ACCOUNT = Limit("present password by account", 30, timedelta(minutes=1))


def register(account: NewAccount, *, now: datetime) -> int:
    """Create an account and return its id.

    Raises EmailTaken, or Invalid if the password is a common one.
    """
    _require_uncommon(account.password)
    user = User(
        name=account.name,
        email=normalise_email(account.email),
        password_hash=passwords.hash_password(account.password),
        role=account.role,
        time_zone=account.time_zone,
        created_at=now,
    )
    try:
        with writing() as session:
            session.add(user)
            session.flush()
            invalidate(*_tags_of(user))
    except IntegrityError as error:
        raise EmailTaken from error
    return user.id


def update_profile(user_id: int, changes: ProfileChanges) -> None:
    """Change what a user says about themselves."""
    with writing() as session:
        user = _user(session, user_id)
        renamed = changes.name not in (None, user.name)
        for field, value in asdict(changes).items():
            if value is not None:
                setattr(user, field, value)
        invalidate(*_tags_of(user))
        if renamed:
            invalidate(*name_dependents.tags(session, user_id))


def change_password(who: Credentials, change: PasswordChange, *, now: datetime) -> None:
    """Replace a password by its owner, as `set_password` does.

    Raises WrongCredentials, Invalid or TooManyAttempts.
    """
    by_sign_in, by_account = (PASSWORDS_PER_SIGN_IN, f"{who.id} {who.sign_in_id}"), (PASSWORDS_PER_ACCOUNT, f"{who.id}")
    attempts.count(by_sign_in, by_account, now=now)
    # Checking takes its time, so it does not happen while other writers wait.
    with reading() as connection:
        password_hash = connection.execute(select(User.password_hash).where(User.id == who.id)).scalar()
    if not passwords.verify_password(password_hash, change.current):
        raise WrongCredentials("The current password is not right.")
    set_password(who.id, change.new, now=now)


def set_password(user_id: int, new: str, *, now: datetime) -> None:
    """Replace a password without asking for the present one.

    It ends all sign-ins and the calendar feed. Raises Invalid for a common password.
    """
    _require_uncommon(new)
    password_hash = passwords.hash_password(new)
    with writing() as session:
        _user(session, user_id).password_hash = password_hash
        sign_ins.end_all(session, user_id, now)
        for end in ended_by_new_password:
            end(session, user_id)
        invalidate(tags.viewer(user_id))


def set_role(user_id: int, role: Role) -> None:
    """Give a user another role, effective at once in every process."""
    with writing() as session:
        user = _user(session, user_id)
        user.role = role
        invalidate(
            *_tags_of(user), tags.teachers(), tags.teacher_slots(user_id), *name_dependents.tags(session, user_id)
        )


def deactivate(user_id: int, now: datetime) -> None:
    """Close an account.

    Its sign-ins end at once and its profile disappears. Its history stays.
    """
    with writing() as session:
        user = _user(session, user_id)
        user.active = False
        sign_ins.end_all(session, user_id, now)
        invalidate(*_tags_of(user), tags.teachers(), *name_dependents.tags(session, user_id))


def find_by_email(email: str) -> int:
    """Return the id of the account with this address.

    Raises NotFound.
    """
    with reading() as connection:
        user_id = connection.execute(select(User.id).where(User.email == normalise_email(email))).scalar()
    if user_id is None:
        raise NotFound(f"There is no account with the address {email}.")
    return user_id


def add_rating(session: Session, teacher_id: int, rating: int) -> None:
    """Add a review's rating to its teacher's sum, in the caller's transaction."""
    session.execute(
        update(User)
        .where(User.id == teacher_id)
        .values(rating_sum=User.rating_sum + rating, rating_count=User.rating_count + 1),
        execution_options=invalidation_check.unseen_by({tags.viewer: "It has who somebody is, and no ratings."}),
    )
    invalidate(tags.profile(teacher_id), tags.teachers(), tags.users(), *rating_dependents.tags(session, teacher_id))


def _user(session: Session, user_id: int) -> User:
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user


def _tags_of(user: User) -> list[Tag]:
    """Name what shows the user itself.

    Lists of lessons that show their name come from `name_dependents`.
    """
    own = [tags.viewer(user.id), tags.profile(user.id), tags.users()]
    return [*own, tags.teachers(), tags.teacher_slots(user.id)] if user.role == Role.TEACHER else own


def _require_uncommon(password: str) -> None:
    if passwords.is_common(password):
        raise Invalid({"password": ["This is one of the most common passwords; please choose another one."]})
