"""Hashing and checking passwords.

They are hashed with Argon2. A check takes the same time whether or not there is an account.
"""

from __future__ import annotations

import secrets
from functools import cache as once

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from accounts.sign_in.common_passwords import COMMON_PASSWORDS

hasher = PasswordHasher()


def hash_password(password: str) -> str:
    """Hash a password.

    It takes time and memory on purpose.
    """
    return hasher.hash(password)


def verify_password(password_hash: str | None, password: str) -> bool:
    """Tell whether the password belongs to the hash.

    Without a hash the answer is no, after the same time.
    """
    try:
        return hasher.verify(password_hash or _nobodys_hash(), password) and password_hash is not None
    except (VerificationError, InvalidHashError):
        return False


def is_common(password: str) -> bool:
    """Tell whether a password is among the commonest ones."""
    return password.casefold() in COMMON_PASSWORDS


@once
def _nobodys_hash() -> str:
    return hasher.hash(secrets.token_hex(16))
