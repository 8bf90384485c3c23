"""What is stored in Redis under which name.

The cache knows two kinds of keys, after a prefix that is each installation's own:

    lectern:<id>:tag:{user:42}:bookings               a random token; a change of the tag removes it
    lectern:<id>:val:{user:42}:bookings:<digest>      an envelope: the token that was seen, then the answer

`Tag.key` and `value_key` are what follows the prefix, because it stands in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b

TAG_PREFIX = "tag:"
VALUE_PREFIX = "val:"
# What is stored with Flask-Caching's own `cache.set`, and by the cache's tools.
APP_PREFIX = "app:"


def prefix_of(installation: str) -> str:
    """Name what all keys of one installation begin with."""
    return f"lectern:{installation}:"


@dataclass(frozen=True, slots=True)
class Tag:
    """Something whose change makes cached reads old, such as the bookings of user 42."""

    owner: str
    name: str

    @property
    def key(self) -> str:
        """Name what holds this tag's token."""
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
    """Name what holds one cached answer: its family and a digest of everything that distinguishes it."""
    digest = blake2b(logical_key, digest_size=16).hexdigest()
    return f"{VALUE_PREFIX}{{{tag.owner}}}:{family}:{digest}"
