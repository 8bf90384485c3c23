"""The envelope around a cached answer: proof of its age, its full key and its integrity, then the bytes.

    lectern1 NUL run_id NUL token NUL logical key NUL digest of the body, then the body

A value is accepted only if everything before the body is what the reader expects: the same Redis server, the token
that the tag has now, the very question that was asked, and a body that matches its digest. Anything else (an older
answer, another person's, another program's, a truncated one) is a miss. Nothing is interpreted before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

_MAGIC = b"lectern1"
_DIGEST_LENGTH = 32


@dataclass(frozen=True, slots=True)
class Stamp:
    """What a reader saw before it queried the database: which server, which token, and for which question."""

    run_id: bytes
    token: bytes
    logical_key: bytes

    def header(self) -> bytes:
        """Build the bytes that a valid envelope begins with."""
        return b"\0".join((_MAGIC, self.run_id, self.token, self.logical_key, b""))


def digest(body: bytes) -> bytes:
    """Compute the digest that guards a body; it is also the answer's ETag. 32 hexadecimal digits."""
    return blake2b(body, digest_size=_DIGEST_LENGTH // 2).hexdigest().encode()


def seal(stamp: Stamp, body: bytes, etag: bytes) -> bytes:
    """Put `body` into an envelope."""
    return stamp.header() + etag + body


def open_sealed(stamp: Stamp, value: bytes) -> tuple[bytes, bytes] | None:
    """Return (body, etag) if `value` carries exactly this stamp and is intact, else None."""
    header = stamp.header()
    if not value.startswith(header):
        return None
    start = len(header) + _DIGEST_LENGTH
    etag, body = value[len(header) : start], value[start:]
    return (body, etag) if digest(body) == etag else None
