"""What is stored in Redis under which name.

The cache knows two kinds of keys:

    lectern:tag:{user:42}:bookings                    a random token; whoever changes the tag removes it
    lectern:val:{user:42}:bookings:<digest>           an envelope: the token that was seen, then the answer

The braces are a Redis Cluster hash tag: a tag and all values that depend on it share one slot, so one MGET reads both.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

PREFIX = "lectern"
TAG_PREFIX = f"{PREFIX}:tag:"
VALUE_PREFIX = f"{PREFIX}:val:"
# What is stored with Flask-Caching's own `cache.set`.
APP_PREFIX = f"{PREFIX}:app:"


@dataclass(frozen=True, slots=True)
class Tag:
    """Something whose change makes cached reads old, such as the bookings of user 42."""

    owner: str
    name: str

    @property
    def key(self) -> str:
        """Name the Redis key that holds this tag's token."""
        return f"{TAG_PREFIX}{{{self.owner}}}:{self.name}"


@dataclass(frozen=True, slots=True)
class TagKind:
    """A sort of tag. Call it with the owner's id, or without one if there is only one owner: the whole site."""

    owner_kind: str
    name: str

    def __call__(self, owner_id: int | None = None) -> Tag:
        """Build the tag of one owner."""
        return Tag(self.owner_kind if owner_id is None else f"{self.owner_kind}:{owner_id}", self.name)


def value_key(tag: Tag, family: str, logical_key: bytes) -> str:
    """Name the Redis key of one cached answer: its family and a digest of everything that distinguishes it."""
    digest = blake2b(logical_key, digest_size=16).hexdigest()
    return f"{VALUE_PREFIX}{{{tag.owner}}}:{family}:{digest}"
