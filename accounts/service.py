"""Changes of accounts: registering, profiles, passwords, roles.

Each names the tags it makes old.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import events
import tags
from accounts.by_mail import notices, tokens
from accounts.by_mail.models import TokenUse
from accounts.dependents import (
    address_confirmed,
    begins_to_teach,
    ended_by_closing,
    ended_by_keeping_no_searches,
    ended_by_new_password,
    name_dependents,
    rating_dependents,
    renamed,
    teaching_changed,
)
from accounts.models import NewAccount, PasswordChange, ProfileChanges, Role, User
from accounts.names import normalise_email
from accounts.sign_in import passwords
from accounts.sign_in import service as sign_ins
from accounts.sign_in.tokens import Credentials
from accounts.teaching import records as teaching
from caching import Tag, invalidate, invalidation_check
from database import reading, writing
from errors import EmailTaken, Invalid, NotFound, RegistrationClosed, WrongCredentials
from events import EventType
from mail.delivery import reaches_people
from school.models import Registration
from school.queries import registration
from web import attempts
from web.attempts import Limit

# Who has stolen a sign-in may not find the password out with it, nor keep the owner from choosing a new one.
PASSWORDS_PER_SIGN_IN = Limit("current password by sign-in", 10, timedelta(minutes=1))
PASSWORDS_PER_ACCOUNT = Limit("current password by account", 30, timedelta(minutes=1))

_NOT_RIGHT = "The current password is not right."


def register(account: NewAccount, *, now: datetime, confirmed: bool = False, password_hash: str | None = None) -> int:
    """Create an account and return its id.

    Where mails reach people the address is to be confirmed, unless an operator vouches for it with `confirmed`. Where
    many accounts share a password, it is hashed once and given as `password_hash`, too. Raises EmailTaken, Invalid if
    the password is a common one, or RegistrationClosed where nobody registers by themselves.
    """
    user = User(
        name=account.name,
        email=normalise_email(account.email),
        email_confirmed_at=now if confirmed or not reaches_people() else None,
        password_hash=password_hash or new_hash(account.password),
        role=account.role,
        time_zone=account.time_zone,
        created_at=now,
    )
    try:
        with writing() as session:
            if not confirmed and registration(session) != Registration.OPEN:
                raise RegistrationClosed
            session.add(user)
            session.flush()
            if user.email_confirmed_at is None:
                notices.send_confirmation(session, user.id)
            invalidate(*tags_of(user))
            events.record(session, EventType.USER_REGISTERED, at=now, actor_id=user.id, user_id=user.id, role=user.role)
            _equip(session, user, approved=confirmed)
            if user.email_confirmed_at:
                tell_confirmed(session, user)
    except IntegrityError as error:
        raise EmailTaken from error
    return user.id


def tell_confirmed(session: Session, user: User) -> None:
    """Do what waits until a user's address is known to be theirs."""
    for follow in address_confirmed:
        follow(session, user)


def update_profile(user_id: int, changes: ProfileChanges, *, now: datetime) -> None:
    """Change what a user says about themselves."""
    with writing() as session:
        user = locked(session, user_id)
        # Lists of lessons say the other one's name, and what their clock shows.
        has_new_name = changes.name not in (None, user.name)
        shown_elsewhere = has_new_name or changes.time_zone not in (None, user.time_zone)
        for field, value in asdict(changes).items():
            if value is not None:
                setattr(user, field, value)
        if has_new_name:
            events.record(session, EventType.USER_RENAMED, at=now, actor_id=user_id, user_id=user_id)
            for follow in renamed:
                follow(session, user_id)
        invalidate(*tags_of(user))
        if changes.in_leaderboards is not None:
            # Leaderboards are old then, and they have the tag of the lessons that they count.
            invalidate(tags.all_bookings())
        if changes.keeps_searches is False:
            for end in ended_by_keeping_no_searches:
                end(session, user_id)
        if shown_elsewhere:
            invalidate(*name_dependents.tags(session, user_id))


def change_password(who: Credentials, change: PasswordChange, *, now: datetime) -> None:
    """Replace a password by its owner, as `set_password` does.

    Raises WrongCredentials, Invalid or TooManyAttempts.
    """
    verified = require_password(who, change.current, now=now)
    set_password(who.id, change.new, now=now, instead_of=verified)


def require_password(who: Credentials, given: str, *, now: datetime) -> str:
    """Check that an account's owner knows its current password, and return its hash.

    What depends on it compares that in its own transaction (`require_still`). Raises WrongCredentials or
    TooManyAttempts.
    """
    by_sign_in, by_account = (PASSWORDS_PER_SIGN_IN, f"{who.id} {who.sign_in_id}"), (PASSWORDS_PER_ACCOUNT, f"{who.id}")
    attempts.count(by_sign_in, by_account, now=now)
    # Checking takes its time, so it does not happen while other writers wait.
    with reading() as connection:
        password_hash = connection.execute(select(User.password_hash).where(User.id == who.id)).scalar()
    if password_hash is None or not passwords.verify_password(password_hash, given):
        raise WrongCredentials(_NOT_RIGHT)
    return str(password_hash)


def require_still(user: User, verified: str) -> None:
    """Check that a password that was verified is still that of a user, who is locked.

    Raises WrongCredentials if another one took its place meanwhile.
    """
    if user.password_hash != verified:
        raise WrongCredentials(_NOT_RIGHT)


def set_password(user_id: int, new: str, *, now: datetime, instead_of: str | None = None) -> None:
    """Replace a password, that with the hash `instead_of` if there is one.

    Raises Invalid for a common password, or WrongCredentials if another one took the present one's place meanwhile.
    """
    password_hash = new_hash(new)
    with writing() as session:
        user = locked(session, user_id)
        if instead_of is not None:
            require_still(user, instead_of)
        replace_password(session, user, password_hash, now=now)


def new_hash(password: str) -> str:
    """Hash a password that somebody has chosen, which takes its time.

    Raises Invalid for a common one.
    """
    if passwords.is_common(password):
        raise Invalid({"password": ["This is one of the most common passwords; please choose another one."]})
    return passwords.hash_password(password)


def replace_password(session: Session, user: User, password_hash: str, *, now: datetime) -> None:
    """Give a user, who is locked, another password, in the caller's transaction.

    It ends all sign-ins, the calendar feed, a change of address that waits and all links that were sent, because who
    knew the old password may have asked for them. The owner is told.
    """
    user.password_hash = password_hash
    user.new_email = None
    sign_ins.end_all(session, user.id, now)
    tokens.end(session, user.id, *TokenUse)
    if user.email_confirmed_at is None:
        notices.send_confirmation(session, user.id)
    for end in ended_by_new_password:
        end(session, user.id)
    notices.tell(session, user.id, notices.PASSWORD_CHANGED, at=now.isoformat())
    invalidate(*tags_of(user))


def set_role(user_id: int, role: Role) -> None:
    """Give a user another role, effective at once in every process."""
    with writing() as session:
        user = locked(session, user_id)
        user.role = role
        _equip(session, user, approved=True)
        _tell_of_teaching(session, user_id)
        invalidate(*tags_of(user), tags.teachers(), tags.all_teaching(), tags.teacher_slots(user_id))
        invalidate(*name_dependents.tags(session, user_id))


def _equip(session: Session, user: User, *, approved: bool) -> None:
    """Give a user who teaches, maybe from now on, what teachers need, if so with the school's approval."""
    if user.role == Role.TEACHER:
        if approved:
            teaching.grant(session, user.id)
        for begin in begins_to_teach:
            begin(session, user.id)


def deactivate(user_id: int, now: datetime) -> None:
    """Close an account.

    Its sign-ins end at once and its profile disappears. Its history stays.
    """
    with writing() as session:
        user = locked(session, user_id)
        user.active = False
        events.record(session, EventType.USER_DEACTIVATED, at=now, actor_id=None, user_id=user_id)
        tokens.end(session, user_id, *TokenUse)
        sign_ins.end_all(session, user_id, now)
        for end in ended_by_closing:
            end(session, user_id)
        _tell_of_teaching(session, user_id)
        invalidate(*tags_of(user), tags.teachers(), tags.all_teaching(), *name_dependents.tags(session, user_id))


def reactivate(session: Session, user: User) -> None:
    """Open an account again, in the caller's transaction.

    What ended when it was closed stays as it is.
    """
    user.active = True
    _tell_of_teaching(session, user.id)
    invalidate(*tags_of(user), tags.teachers(), tags.all_teaching(), *name_dependents.tags(session, user.id))


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
    _rate(session, teacher_id, rating_sum=User.rating_sum + rating, rating_count=User.rating_count + 1)


def take_rating(session: Session, teacher_id: int, rating: int) -> None:
    """Take a review's rating out of its teacher's sum, in the caller's transaction."""
    _rate(session, teacher_id, rating_sum=User.rating_sum - rating, rating_count=User.rating_count - 1)


def change_rating(session: Session, teacher_id: int, *, by: int) -> None:
    """Add the difference that a changed review makes to its teacher's sum, in the caller's transaction."""
    if by:
        _rate(session, teacher_id, rating_sum=User.rating_sum + by)


def _rate(session: Session, teacher_id: int, **sums: ColumnElement[int]) -> None:
    session.execute(
        update(User).where(User.id == teacher_id).values(**sums),
        execution_options=invalidation_check.unseen_by({tags.viewer: "It has who somebody is, and no ratings."}),
    )
    _tell_of_teaching(session, teacher_id)
    invalidate(tags.profile(teacher_id), tags.teachers(), tags.users(), *rating_dependents.tags(session, teacher_id))


def _tell_of_teaching(session: Session, user_id: int) -> None:
    for count in teaching_changed:
        count(session, user_id)


def locked(session: Session, user_id: int) -> User:
    """Return a user whom nobody else changes until the end of the transaction.

    Raises NotFound.
    """
    user = session.get(User, user_id, with_for_update=True)
    if user is None:
        raise NotFound
    return user


def tags_of(user: User) -> list[Tag]:
    """Name what shows the user itself.

    Lists of lessons that show their name come from `name_dependents`.
    """
    own = [tags.viewer(user.id), tags.profile(user.id), tags.users()]
    return [*own, tags.teachers(), tags.teacher_slots(user.id)] if user.role == Role.TEACHER else own
