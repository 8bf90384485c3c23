"""Sign pickles, and read only those that this installation wrote.

They are what Flask-Caching's own functions store in Redis. The library stores pickles, and to read a pickle is to run
it. A signature keeps a program that can write to Redis, but does not know the SECRET_KEY, from running anything here: a
pickle without a valid one is a miss.
"""

from __future__ import annotations

import hashlib
import pickle
from typing import Any

from cachelib.serializers import BaseRedisSerializer
from itsdangerous import BadSignature, Signer


class SignedSerializer(BaseRedisSerializer):
    """The library's serializer for Redis, with a signature around every pickle.

    Whole numbers stay readable to INCR.
    """

    def __init__(self, secret_key: str) -> None:
        """Sign with a key that is derived from `secret_key` for this purpose alone."""
        self._signer = Signer(secret_key, salt="lectern.cache.stock", digest_method=hashlib.sha256)

    def dumps(self, value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> bytes:
        """Write a value as bytes."""
        plain = super().dumps(value, protocol)
        return self._signer.sign(plain) if plain.startswith(b"!") else plain

    def loads(self, value: bytes | None) -> Any:
        """Read a value, or None if it is missing or was not written by us."""
        if value is None or not value.startswith(b"!"):
            return super().loads(value)
        try:
            return super().loads(self._signer.unsign(value))
        except BadSignature:
            return None
