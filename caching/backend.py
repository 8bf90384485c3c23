"""The Flask-Caching backend: the stock one of `caching/stock.py`, plus the few commands that stamped reads need.

Every method may raise redis.RedisError; `caching/store.py` decides what a failure means.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Sequence
from typing import Any, cast

from redis import Redis
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from caching.client import connect
from caching.kept import sender_for
from caching.keys import Tag
from caching.stock import StockRedisCache

# Tokens outlive every value, so that an expired token never costs more than a miss.
TOKEN_SECONDS = 2 * 86_400
# A mark outlives any sane COMMIT; one that is left over by a killed process ends by itself.
MARK_MILLISECONDS = 15_000

_RUN_ID = re.compile(rb"^run_id:(\w+)", re.MULTILINE)

# A tag under change holds "!" and the marks of its writers, so that no writer ends another one's mark.
_ADD_MARK = """
local seen = redis.call('GET', KEYS[1])
if not seen or string.sub(seen, 1, 1) ~= '!' then seen = '!' end
return redis.call('SET', KEYS[1], seen .. ARGV[1] .. ';', 'PX', ARGV[2])
"""

# A plain token is deleted. Of marks only this writer's goes; the key goes with the last of them.
_END_MARK = """
local seen = redis.call('GET', KEYS[1])
if not seen then return 0 end
if string.sub(seen, 1, 1) == '!' then
  local first, last = string.find(seen, ARGV[1] .. ';', 2, true)
  local left = first and string.sub(seen, 1, first - 1) .. string.sub(seen, last + 1) or seen
  if left ~= '!' then
    if left ~= seen then redis.call('SET', KEYS[1], left, 'KEEPTTL') end
    return 0
  end
end
return redis.call('DEL', KEYS[1])
"""


class StampedRedisCache(StockRedisCache):
    """Flask-Caching's Redis backend and, on connections of their own, the tag commands."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the library's arguments, and the `url` of the server with the tags."""
        super().__init__(*args, **kwargs)
        self.run_id = b""
        url = self.url or "redis://localhost:6379/0"
        self.client = connect(url, on_connect=self._learn_run_id)
        self._urgent_client: Redis = connect(url, urgent=True)
        self._send = sender_for(self.client)

    def _learn_run_id(self, connection: AbstractConnection) -> None:
        """Learn which server this is, on every new connection: one that came back with old memory is a stranger."""
        try:
            connection.on_connect()
        except (AttributeError, TypeError, LookupError, ValueError) as error:
            # The client trusts the greeting to have the right shape.
            raise RedisConnectionError("This is no Redis server.") from error
        connection.send_command("INFO", "server")
        text = connection.read_response()
        found = _RUN_ID.search(text if isinstance(text, bytes) else str(text).encode())
        if found is None:
            raise RedisConnectionError("The server does not say who it is.")
        self.run_id = found[1]

    def read_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Read all keys in one round trip."""
        # A Cluster answers for keys of one slot only; its client has a method that asks each slot by itself.
        several = getattr(self.client, "mget_nonatomic", None)
        found = several(keys) if several else self._send("MGET", *keys)
        if not isinstance(found, list) or len(found) != len(keys):
            raise RedisConnectionError("The server answers something else than it was asked.")
        return cast("list[bytes | None]", found)

    def claim_token(self, tag: Tag) -> bytes:
        """Return the tag's token, after giving it a random one if it has none."""
        token = secrets.token_hex(16).encode()
        before = self.client.set(tag.key, token, nx=True, get=True, ex=TOKEN_SECONDS)
        if not isinstance(before, bytes | None):
            raise RedisConnectionError("The server answers something else than it was asked.")
        return before or token

    def publish(self, key: str, value: bytes, ttl: int) -> None:
        """Store one envelope for `ttl` seconds."""
        self._send("SET", key, value, "EX", ttl)

    def mark(self, tags: Iterable[Tag], mark: str) -> None:
        """Announce that a writer is changing these tags: until it ends, nobody hits or publishes. One pipeline."""
        with self.client.pipeline(transaction=False) as pipeline:
            for tag in tags:
                pipeline.eval(_ADD_MARK, 1, tag.key, mark, MARK_MILLISECONDS)
            pipeline.execute()

    def invalidate(self, marked: Iterable[tuple[Tag, str]], *, urgent: bool = False) -> None:
        """Remove the tokens of these tags, or the given writer's mark where there are marks. One pipeline.

        An urgent try takes at most 100 ms.
        """
        client = self._urgent_client if urgent else self.client
        with client.pipeline(transaction=False) as pipeline:
            for tag, mark in marked:
                pipeline.eval(_END_MARK, 1, tag.key, mark)
            pipeline.execute()
