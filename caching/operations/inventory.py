"""How much of Redis each family takes, by a look at a part of it.

SCAN visits keys in no order of their own, so its first few thousand are a fair sample. The look costs the same at a
thousand and at ten million answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from itertools import islice

from redis import Redis, RedisError

from caching.keys import VALUE_PREFIX

# So many keys are looked at, and of each family so many answers weighed.
LOOKED_AT, WEIGHED = 5_000, 6
BATCH = 500


def by_family(client: Redis, prefix: str) -> Mapping[str, tuple[int, int]]:
    """Return how many answers each family has, and about how many bytes they take.

    Raises RedisError.
    """
    found: defaultdict[str, list[bytes]] = defaultdict(list)
    ours, seen = f"{prefix}{VALUE_PREFIX}".encode(), 0
    for key in islice(client.scan_iter(count=BATCH), LOOKED_AT):
        seen += 1
        if key.startswith(ours):
            found[key.rsplit(b":", 2)[-2].decode()].append(key)
    share = max(1.0, int(client.dbsize()) / seen) if seen == LOOKED_AT else 1.0
    sizes = _sizes(client, {name: keys[:WEIGHED] for name, keys in found.items()})
    return {name: (round(len(keys) * share), round(len(keys) * share * sizes[name])) for name, keys in found.items()}


def _sizes(client: Redis, wanted: Mapping[str, list[bytes]]) -> dict[str, float]:
    """Weigh some answers of each family in one round trip."""
    pipeline = client.pipeline(transaction=False)
    for keys in wanted.values():
        for key in keys:
            pipeline.memory_usage(key)
    weighed = iter(pipeline.execute(raise_on_error=False))
    sizes = {}
    for name, keys in wanted.items():
        # An answer may have gone meanwhile; a server may not let this user weigh.
        found = [size for size in islice(weighed, len(keys)) if size and not isinstance(size, RedisError)]
        sizes[name] = sum(found) / len(found) if found else 0.0
    return sizes
