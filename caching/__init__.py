"""All that is known about caching. The rest of the program mostly uses three names: `cache`, `touch` and `TagKind`."""

from caching import guard
from caching.extension import LecternCache
from caching.keys import Tag, TagKind
from caching.reads import Answer, BoundRead
from caching.writes import touch

cache = LecternCache()

__all__ = ["Answer", "BoundRead", "Tag", "TagKind", "cache", "guard", "touch"]
