"""Tell whether anything has changed that some tags stand for, without reading any of it.

A version is made of the present tokens of the tags, which every change removes. So it is the same as long as nothing
has changed, and costs one command. It may differ although nothing has: after a new epoch, or when a token has expired.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sqlalchemy import Connection

from caching.envelope import digest
from caching.families import BoundRead, Family
from caching.keys import Tag, TagKind, keys_of
from caching.reads import LookUp


def _nothing(_: Connection) -> None:
    """Load nothing: only the tokens of these reads are looked at."""


_FAMILY = Family("version", None, TagKind("site", "version"), None, f"{__name__}.{_nothing.__qualname__}", "entity")


@lru_cache(maxsize=4096)
def watch(tag: Tag) -> BoundRead:
    """Name a look at a tag alone, which can be part of any round trip."""
    return BoundRead(_FAMILY, _nothing, (), tag, b"version", keys_of(tag, _FAMILY.name, b""))


def version_of(look_ups: Sequence[LookUp]) -> str | None:
    """Return the version of tags that were looked at: 32 hexadecimal digits.

    A tag without a token gets one, so that a change is seen from now on. It is None without a Redis that can be
    trusted.
    """
    seen = [each.present_token() for each in look_ups]
    return None if None in seen else digest(b" ".join(filter(None, seen)))
