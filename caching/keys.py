"""What is stored in Redis under which name.

The cache knows two kinds of keys, after a prefix that is each installation's own:

    lectern:<id>:tag:{user:42}:bookings               a random token; a change of the tag removes it
    lectern:<id>:val:{user:42}:bookings:<digest>      an envelope: the token that was seen, then the answer

In a Redis Cluster the id stands in braces, `lectern:{<id>}:`. What stands in the first braces decides on the slot, so
all keys of an installation are in one, on one node.

`keys_of` names what follows the prefix, because it stands in the database.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import blake2b

TAG_PREFIX = "tag:"
VALUE_PREFIX = "val:"
# What is stored with Flask-Caching's own `cache.set`, and by the cache's tools.
APP_PREFIX = "app:"


def prefix_of(installation: str, *, in_one_slot: bool = False) -> str:
    """Name what all keys of one installation begin with.

    Elsewhere than in a Cluster it has no braces, as in earlier releases: one that runs beside this one uses the same.
    """
    return f"lectern:{{{installation}}}:" if in_one_slot else f"lectern:{installation}:"


@dataclass(frozen=True, slots=True)
class TagKind:
    """A sort of tag.

    Call it with the owner's id, or without one if there is only one owner: the whole site.
    """

    owner_kind: str
    name: str

    def __call__(self, owner_id: int | None = None) -> Tag:
        """Build the tag of one owner."""
        return Tag(self, owner_id)


@dataclass(frozen=True, slots=True)
class Tag:
    """Something whose change makes cached reads old, such as the bookings of user 42."""

    kind: TagKind
    owner_id: int | None
    # The owner as keys and the outbox name it, such as `user:42`, what of the owner changes, and what holds the token.
    # They are named once, because a change needs each of them several times.
    owner: str = field(init=False, repr=False, compare=False)
    name: str = field(init=False, repr=False, compare=False)
    key: str = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Name what follows from the two."""
        kind = self.kind.owner_kind
        owner = kind if self.owner_id is None else f"{kind}:{self.owner_id}"
        object.__setattr__(self, "owner", owner)
        object.__setattr__(self, "name", self.kind.name)
        object.__setattr__(self, "key", f"{TAG_PREFIX}{{{owner}}}:{self.kind.name}")

    @classmethod
    def stored(cls, owner: str, name: str) -> Tag:
        """Build a tag from its columns in the outbox."""
        kind, _, owner_id = owner.partition(":")
        return cls(TagKind(kind, name), int(owner_id) if owner_id else None)


def keys_of(tag: Tag, family: str, logical_key: bytes) -> tuple[str, str]:
    """Name what holds the tag's token, and what holds one cached answer.

    The answer's key has its family and a digest of everything that distinguishes it.
    """
    digest = blake2b(logical_key, digest_size=16).hexdigest()
    return tag.key, f"{VALUE_PREFIX}{{{tag.owner}}}:{family}:{digest}"
