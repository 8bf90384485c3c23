"""Seal cached answers in envelopes, and open them.

An envelope proves the answer's age, its full key and its integrity.

    lectern3 NUL epoch NUL token NUL logical key NUL ETag and checksum, then the body

A value is accepted only if everything before the body is what the reader expects: the present epoch, the token that the
tag has now, the very question that was asked, and a body that matches its checksum. Anything else (an older
answer, another person's, another program's, a truncated one) is a miss. Nothing is interpreted before that.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, NamedTuple
from zlib import crc32

from jsontext import loads

_MAGIC = b"lectern3"
# What the token of a tag begins with while a writer changes it.
_MARKED = b"!"
_ETAG_LENGTH = 32
_CHECKSUM_LENGTH = 8


class Stamp(NamedTuple):
    """What a reader saw before it queried: epoch and token, and its question."""

    epoch: str
    token: bytes
    logical_key: bytes

    def header(self) -> bytes:
        """Build the bytes that a valid envelope begins with."""
        return b"\0".join((_MAGIC, self.epoch.encode(), self.token, self.logical_key, b""))


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as JSON bytes, with its ETag and where it came from.

    The ETag has 32 hexadecimal digits.
    """

    body: bytes
    etag: str
    state: Literal["HIT", "MISS", "BYPASS"]

    def json(self) -> Any:
        """Decode the body."""
        return loads(self.body)


class Snapshot(NamedTuple):
    """What one MGET showed of a cached read: epoch, token and value.

    A token or a value that is not there is None.
    """

    epoch: str
    token: bytes | None
    value: bytes | None

    @property
    def under_change(self) -> bool:
        """Tell whether a writer has marked the tag.

        Then nothing is a hit, and nothing is published.
        """
        return self.token is not None and self.token.startswith(_MARKED)

    def open(self, logical_key: bytes) -> Answer | None:
        """Return the answer if it is fresh and intact, else None."""
        if not self.token or self.value is None or self.under_change:
            return None
        opened = open_sealed(Stamp(self.epoch, self.token, logical_key), self.value)
        return Answer(opened[0], opened[1].decode(), "HIT") if opened else None


def digest(body: bytes) -> bytes:
    """Compute an answer's ETag: 32 hexadecimal digits.

    It is stored, because this costs as much as a hit may.
    """
    return blake2b(body, digest_size=_ETAG_LENGTH // 2).hexdigest().encode()


def seal(stamp: Stamp, body: bytes, etag: bytes) -> bytes:
    """Put `body` into an envelope."""
    return stamp.header() + etag + _checksum(etag, body) + body


def open_sealed(stamp: Stamp, value: bytes) -> tuple[bytes, bytes] | None:
    """Return (body, etag) if `value` has this stamp and is intact, else None."""
    header = stamp.header()
    if not value.startswith(header):
        return None
    middle = len(header) + _ETAG_LENGTH
    start = middle + _CHECKSUM_LENGTH
    etag, body = value[len(header) : middle], value[start:]
    return (body, etag) if value[middle:start] == _checksum(etag, body) else None


def _checksum(etag: bytes, body: bytes) -> bytes:
    """Compute what tells a damaged value from a sound one.

    A forger could compute any digest, too.
    """
    return b"%08x" % crc32(body, crc32(etag))
