"""Passwords: hashed with Argon2, checked in the same time whether or not there is an account, the commonest refused."""

from __future__ import annotations

import secrets
from functools import cache as once

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.sign_in.common_passwords import COMMON_PASSWORDS

hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password; slow and hungry for memory, on purpose."""
    return hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password belongs to the hash; without a hash, spend the same time and say no."""
    try:
        return hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_common(password: str) -> bool:
    """Tell whether a password is among the first that anybody would try."""
    return password.casefold() in COMMON_PASSWORDS


@once
def _nobodys_hash() -> str:
    return hasher.hash(secrets.token_hex(16))
