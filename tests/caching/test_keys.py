"""Tags as they are stored: in the names of keys, and in the columns of the outbox."""

from __future__ import annotations

import pytest

import tags
from caching import Tag, TagKind
from caching.keys import keys_of

KINDS = [kind for kind in vars(tags).values() if isinstance(kind, TagKind)]


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: f"{kind.owner_kind}-{kind.name}")
def test_a_tag_comes_back_from_the_outbox_as_it_was(kind: TagKind) -> None:
    tag = kind() if kind.owner_kind == "site" else kind(42)

    assert Tag.stored(tag.owner, tag.name) == tag


def test_keys_are_called_as_ever() -> None:
    key, value_key = keys_of(tags.user_bookings(42), "bookings", b"question")

    assert key == "tag:{user:42}:bookings"
    assert value_key == "val:{user:42}:bookings:6afe0bac545b5645a3f8afa1aace3e50"
    assert tags.public_gigs().key == "tag:{site}:gigs"
