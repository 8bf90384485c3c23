"""Tokens of calendar feeds: whose they are, and what of them is kept."""

from __future__ import annotations

import re
import secrets
from hashlib import sha256

from database import MAX_ID

# 192 random bits, which make 32 characters.
_RANDOM_BYTES = 24
_TOKEN = re.compile(r"([1-9]\d{0,18})\.[A-Za-z0-9_-]{32}", re.ASCII)


def new_token(user_id: int) -> str:
    """Make a token that cannot be guessed.

    It begins with its owner's id, so that the owner need not be searched for.
    """
    return f"{user_id}.{secrets.token_urlsafe(_RANDOM_BYTES)}"


def owner_of(token: str) -> int | None:
    """Return whose token this claims to be.

    None if it is no token at all.
    """
    match = _TOKEN.fullmatch(token)
    return int(match[1]) if match and int(match[1]) <= MAX_ID else None


def digest(token: str) -> str:
    """Return what is kept of a token.

    A single round is enough for what cannot be guessed.
    """
    return sha256(token.encode()).hexdigest()
