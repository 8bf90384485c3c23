"""Access and refresh tokens: signed JWTs that name a sign-in.

Whether that sign-in still counts, the database says.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Literal

import jwt

from accounts.models import Role
from database import MAX_ID
from errors import InvalidToken, Unauthenticated

ACCESS_LIFETIME = timedelta(minutes=15)
SIGN_IN_LIFETIME = timedelta(days=30)

NOT_VALID = "This token is not valid, or no longer."

_ALGORITHM = "HS256"
_ROLES = frozenset(Role)
_OPTIONS: Any = {
    "verify_exp": False,
    "verify_iat": False,
    "require": ["sub", "sid", "role", "use", "iat", "exp"],
}


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a valid signature proves.

    It says who signed in, with which role at that time, and by which sign-in.
    """

    id: int
    role: str
    sign_in_id: int


@dataclass(frozen=True, slots=True)
class Claims:
    """What the signature of a token vouches for.

    `expires` is in seconds since 1970, by the application's clock.
    """

    who: Credentials
    use: str
    expires: int
    token_id: str

    def of_use(self, use: Literal["access", "refresh"]) -> Claims:
        """Return these claims if the token is for this use.

        Raises Unauthenticated.
        """
        if self.use != use:
            raise Unauthenticated(NOT_VALID)
        return self


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Issue and read tokens with one application's secret."""

    key: bytes

    @classmethod
    def from_secret(cls, secret: str) -> TokenSigner:
        """Derive the tokens' own key from the application's secret.

        With another key, the signature of a cookie is not one of a token.
        """
        return cls(hmac.digest(secret.encode(), b"lectern access and refresh tokens", "sha256"))

    def access(self, credentials: Credentials, now: datetime, until: datetime) -> str:
        """Issue an access token that lasts 15 minutes.

        It ends earlier if the sign-in does, which ends at `until`.
        """
        return self._issue(credentials, "access", now, min(now + ACCESS_LIFETIME, until), {})

    def refresh(self, credentials: Credentials, refresh_id: str, now: datetime, until: datetime) -> str:
        """Issue a refresh token, until the sign-in ends.

        `refresh_id` tells it from others of the same family.
        """
        return self._issue(credentials, "refresh", now, until, {"jti": refresh_id})

    def read_bearer(self, header: str) -> Claims:
        """Return what the token in an Authorization header says.

        Raises Unauthenticated for every kind of bad one. Whether its time is over is the caller's to check, at each
        request.
        """
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer":
            raise Unauthenticated("Use a bearer token.")
        try:
            return _remembered_claims(self.key, token.strip()).of_use("access")
        except Unauthenticated as error:
            raise InvalidToken(error.detail) from None

    def read_refresh(self, token: str, now: datetime) -> tuple[Credentials, str]:
        """Return what a refresh token proves, and its id.

        Raises Unauthenticated for every kind of bad token.
        """
        claims = _read_claims(self.key, token).of_use("refresh")
        if claims.expires <= now.timestamp():
            raise Unauthenticated(NOT_VALID)
        return claims.who, claims.token_id

    def _issue(
        self, who: Credentials, use: Literal["access", "refresh"], now: datetime, until: datetime, more: dict[str, str]
    ) -> str:
        claims = {
            "sub": str(who.id),
            "sid": who.sign_in_id,
            "role": who.role,
            "use": use,
            "iat": int(now.timestamp()),
            "exp": int(until.timestamp()),
        }
        return jwt.encode(claims | more, self.key, _ALGORITHM)


def _read_claims(key: bytes, token: str) -> Claims:
    """Check a token's signature and that it names a sign-in.

    Raises Unauthenticated.
    """
    try:
        claims = jwt.decode(token, key, [_ALGORITHM], options=_OPTIONS)
        who = Credentials(int(claims["sub"]), str(claims["role"]), int(claims["sid"]))
        read = Claims(who, str(claims["use"]), int(claims["exp"]), str(claims.get("jti")))
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError):
        raise Unauthenticated("This token is not valid.") from None
    if who.role not in _ROLES or not _is_id(who.id) or not _is_id(who.sign_in_id):
        raise Unauthenticated("This token is not valid.")
    return read


# A signature that was valid stays so. What may change, the time and the sign-in itself, is looked at in each request.
_remembered_claims = lru_cache(maxsize=4096)(_read_claims)


def _is_id(number: int) -> bool:
    return 0 < number <= MAX_ID
