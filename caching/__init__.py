"""Caching.

The rest of the program mostly uses three names: `cache`, `invalidate` and `TagKind`.
"""

from caching import invalidation_check
from caching.envelope import Answer
from caching.extension import LecternCache
from caching.families import BoundRead
from caching.keys import Tag, TagKind
from caching.versions import version_of, watch
from caching.writes import declared_tags, fill_afterwards, invalidate

cache = LecternCache()

__all__ = [
    "Answer",
    "BoundRead",
    "Tag",
    "TagKind",
    "cache",
    "declared_tags",
    "fill_afterwards",
    "invalidate",
    "invalidation_check",
    "version_of",
    "watch",
]
