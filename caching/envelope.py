"""Seal cached answers in envelopes, and open them.

An envelope proves the answer's age, its full key and its integrity.

    lectern4 NUL epoch NUL token NUL logical key NUL ETag, checksum and end of its life, then the body

A value is accepted only if everything before the body is what the reader expects: the present epoch, the token that the
tag has now, the very question that was asked, and a body that matches its checksum. Anything else (an older
answer, another person's, another program's, a truncated one) is a miss. Nothing is interpreted before that.

Redis ends an answer's life by itself. The envelope repeats when that is, for processes that keep the answer.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal, NamedTuple
from zlib import crc32

from jsontext import loads

_MAGIC = b"lectern4"
# What the token of a tag begins with while a writer changes it.
_MARKED = b"!"
_ETAG_LENGTH = 32
_CHECKSUM_LENGTH = 8
# The end of an answer's life, in whole seconds since 1970.
_EXPIRES_LENGTH = 10


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


class Opened(NamedTuple):
    """An answer that was fresh when it was looked up, and when its life ends, in seconds since 1970."""

    answer: Answer
    expires: int


class Snapshot(NamedTuple):
    """What Redis showed of a cached read at one moment."""

    epoch: str
    # None if the tag has none.
    token: bytes | None
    # The answer that counts, None if there is none.
    answer: Answer | None
    # Whether there was an answer that counts no more.
    outdated: bool = False

    @property
    def under_change(self) -> bool:
        """Tell whether a writer has marked the tag.

        Then nothing is a hit, and nothing is published.
        """
        return self.token is not None and self.token.startswith(_MARKED)


def digest(body: bytes) -> str:
    """Compute an answer's ETag: 32 hexadecimal digits.

    It is stored, because this costs as much as a hit may.
    """
    return blake2b(body, digest_size=_ETAG_LENGTH // 2).hexdigest()


def seal(stamp: Stamp, answer: Answer, expires: int) -> bytes:
    """Put an answer into an envelope."""
    etag, end, body = answer.etag.encode(), b"%010d" % expires, answer.body
    return b"".join((stamp.header(), etag, _checksum(etag, end, body), end, body))


def open_sealed(stamp: Stamp, value: bytes) -> Opened | None:
    """Return the answer if `value` has this stamp and is intact, else None."""
    header = stamp.header()
    if not value.startswith(header):
        return None
    at = len(header)
    etag, at = value[at : at + _ETAG_LENGTH], at + _ETAG_LENGTH
    checksum, at = value[at : at + _CHECKSUM_LENGTH], at + _CHECKSUM_LENGTH
    end, body = value[at : at + _EXPIRES_LENGTH], value[at + _EXPIRES_LENGTH :]
    if checksum != _checksum(etag, end, body):
        return None
    return Opened(Answer(body, etag.decode(), "HIT"), int(end))


def _checksum(etag: bytes, end: bytes, body: bytes) -> bytes:
    """Compute what tells a damaged value from a sound one.

    A forger could compute any digest, too.
    """
    return b"%08x" % crc32(body, crc32(end, crc32(etag)))
