"""Send the few Redis commands that stamped reads need.

They are about tokens, marks and values, under this installation's own prefix. Every method may raise redis.RedisError;
`caching/store.py` decides what a failure means.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Sequence
from typing import Any, cast

from hiredis import pack_command
from redis.exceptions import ConnectionError as RedisConnectionError

from caching.client import connect, is_cluster
from caching.connections import Connections
from caching.keys import Tag, prefix_of

# Tokens outlive every value, so that an expired token never costs more than a miss.
TOKEN_SECONDS = 2 * 86_400
# A mark outlives any sane COMMIT; one that is left over by a killed process ends by itself.
MARK_SECONDS = 15

# A tag under change holds "!" and then `mark@deadline;` of each of its writers, the deadline by Redis's clock. So no
# writer ends another one's mark, and a mark that is left over ends by itself even if others go on writing.
_LIVING_MARKS = """
local now = tonumber(redis.call('TIME')[1])
local seen = redis.pcall('GET', KEYS[1])
if type(seen) == 'table' then redis.call('DEL', KEYS[1]); seen = false end
local marked = seen and string.sub(seen, 1, 1) == '!'
local living = ''
if marked then
  for mark, deadline in string.gmatch(string.sub(seen, 2), '([^@;]+)@(%d+);') do
    if mark ~= ARGV[1] and tonumber(deadline) > now then living = living .. mark .. '@' .. deadline .. ';' end
  end
end
"""
_ADD_MARK = (
    _LIVING_MARKS
    + """
return redis.call('SET', KEYS[1], '!' .. living .. ARGV[1] .. '@' .. (now + ARGV[2]) .. ';', 'EX', ARGV[2])
"""
)
# A plain token is deleted. Of marks only this writer's goes; the key goes with the last of them.
_END_MARK = (
    _LIVING_MARKS
    + """
if not seen then return 0 end
if living ~= '' then redis.call('SET', KEYS[1], '!' .. living, 'KEEPTTL'); return 0 end
return redis.call('DEL', KEYS[1])
"""
)


class TokenServer:
    """One installation's tokens and values on one Redis server."""

    def __init__(self, url: str) -> None:
        """Prepare to connect to `url`.

        Nothing is sent before a server was chosen with `believe`.
        """
        self._in_one_slot = is_cluster(url)
        self._usual = Connections(connect(url, prefix=self._known_prefix))
        self._urgent = Connections(connect(url, urgent=True, prefix=self._known_prefix))
        # What all keys begin with; empty before the installation is known.
        self.prefix = ""

    @property
    def identity(self) -> str:
        """Name the server that commands may reach.

        Empty before one was chosen.
        """
        return self._usual.identity

    def serve(self, installation: str) -> None:
        """Learn whose keys these are, and so in a Cluster in which slot."""
        self.prefix = prefix_of(installation, in_one_slot=self._in_one_slot)

    def find(self) -> str:
        """Return the identity of the server that answers at the address now."""
        return self._usual.find()

    def believe(self, identity: str) -> None:
        """Let commands reach this server and no other."""
        self._usual.identity = self._urgent.identity = identity

    def check(self) -> None:
        """Make sure that it is still the same server."""
        self._usual.check()

    def read_many(self, keys: Sequence[str]) -> list[bytes | None]:
        """Read all keys in one round trip."""
        prefix = self.prefix
        command: tuple[Any, ...] = ("MGET", *[prefix + key for key in keys])
        (found,) = self._usual.send_packed(pack_command(command), 1)
        if not isinstance(found, list) or len(found) != len(keys):
            raise RedisConnectionError("The server answers something else than it was asked.")
        return cast("list[bytes | None]", found)

    def claim_token(self, tag: Tag) -> bytes:
        """Return the tag's token, after giving it a random one if it has none."""
        token = secrets.token_hex(16).encode()
        before = self._usual.send("SET", self.prefix + tag.key, token, "NX", "GET", "EX", TOKEN_SECONDS)
        if not isinstance(before, bytes | None):
            raise RedisConnectionError("The server answers something else than it was asked.")
        return before or token

    def publish(self, key: str, value: bytes, ttl: int) -> None:
        """Store one envelope for `ttl` seconds."""
        self._usual.send("SET", self.prefix + key, value, "EX", ttl)

    def mark(self, tags: Iterable[Tag], mark: str) -> None:
        """Mark these tags as under change, in one round trip.

        Until the change ends, no process hits or publishes.
        """
        prefix = self.prefix
        self._usual.send_all([("EVAL", _ADD_MARK, 1, prefix + tag.key, mark, MARK_SECONDS) for tag in tags])

    def invalidate(self, marked: Iterable[tuple[Tag, str]], *, urgent: bool = False) -> None:
        """Remove the tokens of these tags, in one round trip.

        Where there are marks, only the given writer's mark is removed. An urgent try takes at most 100 ms.
        """
        connections, prefix = self._urgent if urgent else self._usual, self.prefix
        connections.send_all([("EVAL", _END_MARK, 1, prefix + tag.key, mark) for tag, mark in marked])

    def _known_prefix(self) -> str:
        if not self.prefix:
            raise RedisConnectionError("It is not known yet whose keys these are.")
        return self.prefix
