"""The Flask-Caching backend, and beside it the tokens of stamped reads."""

from __future__ import annotations

from typing import Any

from caching.stock import StockRedisCache
from caching.tokens import TokenServer


class StampedRedisCache(StockRedisCache):
    """Flask-Caching's Redis backend, with the tokens and values of stamped reads.

    These have connections of their own.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take the library's arguments, and the `url` of the server with the tokens."""
        super().__init__(*args, **kwargs)
        self.tokens = TokenServer(self.url or "redis://localhost:6379/0")
