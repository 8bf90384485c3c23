"""Two-factor sign-in: set up, switched on and off, and what a code proves."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

import tags
from accounts import service as accounts
from accounts.by_mail import notices
from accounts.models import User
from accounts.sign_in import service as sign_ins
from accounts.sign_in.service import Verified
from accounts.sign_in.tokens import Credentials
from accounts.two_factor import codes, keys
from accounts.two_factor.models import SETUP_LASTS, RecoveryCode, Setup, TwoFactor
from caching import invalidate
from database import writing
from errors import NotFound, TwoFactorState, WrongCode

TURNED_ON, TURNED_OFF, RECOVERY_CODE_USED = "two_factor_on", "two_factor_off", "recovery_code_used"


def begin_setup(who: Credentials, password: str, *, now: datetime) -> Setup:
    """Make a secret for its owner's app.

    It counts once a code from it is given. Raises WrongCredentials, TooManyAttempts, or TwoFactorState if two-factor
    sign-in is on already.
    """
    verified = accounts.require_password(who, password, now=now)
    salt = keys.new_salt()
    with writing() as session:
        user = accounts.locked(session, who.id)
        accounts.require_still(user, verified)
        if sign_ins.second_factor(session, who.id):
            raise TwoFactorState("Two-factor sign-in is on already.")
        _forget(session, who.id)
        session.add(TwoFactor(user_id=who.id, salt=salt, created_at=now))
        invalidate(tags.viewer(who.id))
    return Setup(keys.secret_of(salt), user.email)


def confirm(who: Credentials, code: str, *, now: datetime) -> list[str]:
    """Switch two-factor sign-in on with a first code, and return the codes for recovery.

    All other sign-ins of the account end: they were made with the password alone. Raises WrongCode, or TwoFactorState
    if no secret waits for its first code.
    """
    with writing() as session:
        accounts.locked(session, who.id)
        factor = session.scalar(select(TwoFactor).where(TwoFactor.user_id == who.id))
        if factor is None or factor.confirmed_at or factor.created_at <= now - SETUP_LASTS:
            raise TwoFactorState("Please begin anew: no key waits for its first code.")
        step = next(codes.steps_of(keys.secret_of(factor.salt), codes.as_compared(code), now), None)
        if step is None:
            raise WrongCode
        factor.confirmed_at, factor.last_step = now, step
        sign_ins.end_all(session, who.id, now, but=who.sign_in_id)
        notices.tell(session, who.id, TURNED_ON, at=now.isoformat())
        invalidate(tags.viewer(who.id))
        return _new_recovery_codes(session, who.id)


def prove(verified: Verified, code: str, *, now: datetime) -> Verified:
    """Use a code, once, and return what begins a sign-in.

    Raises WrongCode.
    """
    return replace(verified, proven=use_code(verified.user_id, code, now=now))


def use_code(user_id: int, code: str, *, now: datetime) -> int | None:
    """Use a code of the app or one for recovery, once, and return the id of the secret that it belongs to.

    None if two-factor sign-in is off. Raises WrongCode also if the same code was used before.
    """
    with writing() as session:
        on = (TwoFactor.user_id == user_id, TwoFactor.confirmed_at.is_not(None))
        factor = session.execute(select(TwoFactor.id, TwoFactor.salt).where(*on)).one_or_none()
        if factor is None:
            return None
        typed = codes.as_compared(code)
        used = _use_step(session, factor.id, factor.salt, typed, now) or _use_recovery(session, user_id, typed, now)
        if not used:
            raise WrongCode
        return int(factor.id)


def renew_recovery_codes(who: Credentials, password: str, code: str, *, now: datetime) -> list[str]:
    """Replace the codes for recovery, by their owner.

    Raises WrongCredentials, WrongCode, TooManyAttempts or TwoFactorState.
    """
    verified = accounts.require_password(who, password, now=now)
    _require_code(who.id, code, now=now)
    with writing() as session:
        accounts.require_still(accounts.locked(session, who.id), verified)
        return _new_recovery_codes(session, who.id)


def turn_off(who: Credentials, password: str, code: str, *, now: datetime) -> None:
    """Switch two-factor sign-in off, by the account's owner.

    Raises WrongCredentials, WrongCode, TooManyAttempts or TwoFactorState.
    """
    verified = accounts.require_password(who, password, now=now)
    _require_code(who.id, code, now=now)
    with writing() as session:
        user = accounts.locked(session, who.id)
        accounts.require_still(user, verified)
        _end(session, user, now)


def take_off(session: Session, user_id: int, *, now: datetime) -> None:
    """Switch two-factor sign-in off for an owner who has lost the app and the codes.

    It is done in the caller's transaction. Their sign-ins end, and they are told. Raises NotFound if there is nothing
    to take off.
    """
    user = accounts.locked(session, user_id)
    if sign_ins.second_factor(session, user_id) is None:
        raise NotFound("This account has no two-factor sign-in.")
    sign_ins.end_all(session, user_id, now)
    _end(session, user, now)


def _require_code(user_id: int, code: str, *, now: datetime) -> None:
    if use_code(user_id, code, now=now) is None:
        raise TwoFactorState("Two-factor sign-in is off.")


def _end(session: Session, user: User, now: datetime) -> None:
    _forget(session, user.id)
    notices.tell(session, user.id, TURNED_OFF, at=now.isoformat())
    invalidate(tags.viewer(user.id))


def _forget(session: Session, user_id: int) -> None:
    for table in (TwoFactor, RecoveryCode):
        session.execute(delete(table).where(table.user_id == user_id))


def _use_step(session: Session, factor_id: int, salt: str, typed: str, now: datetime) -> bool:
    """Use a code of the app: of two attempts at once with the same code, one finds it unused."""
    unused = update(TwoFactor).where(TwoFactor.id == factor_id)
    return any(
        session.scalar(unused.where(TwoFactor.last_step < step).values(last_step=step).returning(TwoFactor.id))
        for step in codes.steps_of(keys.secret_of(salt), typed, now)
    )


def _use_recovery(session: Session, user_id: int, typed: str, now: datetime) -> bool:
    this = (RecoveryCode.user_id == user_id, RecoveryCode.digest == keys.digest_of(user_id, typed))
    if session.scalar(delete(RecoveryCode).where(*this).returning(RecoveryCode.id)) is None:
        return False
    left = session.scalar(select(func.count()).where(RecoveryCode.user_id == user_id))
    notices.tell(session, user_id, RECOVERY_CODE_USED, at=now.isoformat(), left=str(left))
    return True


def _new_recovery_codes(session: Session, user_id: int) -> list[str]:
    """Make the codes for recovery, which cannot be read again, in place of those before."""
    session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
    made = codes.new_recovery_codes()
    digests = (keys.digest_of(user_id, codes.as_compared(code)) for code in made)
    session.add_all(RecoveryCode(user_id=user_id, digest=digest) for digest in digests)
    return made
