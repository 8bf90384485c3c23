"""Clear and count our own keys, without stopping the server for others.

SCAN over our prefix only; never KEYS, never FLUSHDB, never another program's key.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

from redis import Redis

from caching.keys import APP_PREFIX, TAG_PREFIX, VALUE_PREFIX, TagKind

BATCH = 500


def clear_all(client: Redis, prefix: str) -> tuple[int, int]:
    """Forget every tag and every answer, and what was stored with `cache.set`.

    Return how many tags and answers.

    `prefix` is that of the installation. Raises RedisError.
    """
    return _clear(client, [f"{prefix}{TAG_PREFIX}*"], [f"{prefix}{VALUE_PREFIX}*", f"{prefix}{APP_PREFIX}*"])


def clear_user(client: Redis, prefix: str, user_id: int) -> tuple[int, int]:
    """Forget the tags and answers that belong to one person.

    Raises RedisError.
    """
    owner = f"{{user:{user_id}}}"
    return _clear(client, [f"{prefix}{TAG_PREFIX}{owner}:*"], [f"{prefix}{VALUE_PREFIX}{owner}:*"])


def clear_family(client: Redis, prefix: str, family: str, kinds: Iterable[TagKind]) -> tuple[int, int]:
    """Forget the answers of one family, and the tags it depends on.

    Raises RedisError.
    """
    tags = [f"{prefix}{TAG_PREFIX}{{{kind.owner_kind}*}}:{kind.name}" for kind in kinds]
    return _clear(client, tags, [f"{prefix}{VALUE_PREFIX}*:{family}:*"])


def count_answers(client: Redis, prefix: str) -> Counter[str]:
    """Count the stored answers by family.

    Raises RedisError.
    """
    return Counter(key.rsplit(b":", 2)[-2].decode() for key in _scan(client, f"{prefix}{VALUE_PREFIX}*"))


def _clear(client: Redis, tags: Iterable[str], values: Iterable[str]) -> tuple[int, int]:
    """Remove tokens before values.

    What is published meanwhile carries a token that is gone already.
    """
    return sum(_unlink(client, pattern) for pattern in tags), sum(_unlink(client, pattern) for pattern in values)


def _unlink(client: Redis, pattern: str) -> int:
    removed, keys = 0, _scan(client, pattern)
    while batch := list(islice(keys, BATCH)):
        removed += client.unlink(*batch)
    return removed


def _scan(client: Redis, pattern: str) -> Iterator[bytes]:
    return iter(client.scan_iter(match=pattern, count=BATCH))
