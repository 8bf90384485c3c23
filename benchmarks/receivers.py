"""Receive webhooks, and count what comes.

All receivers live side by side in one thread, and some of them never answer.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter
from collections.abc import Collection
from contextlib import suppress
from typing import Any, Self

_ANSWER = b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"


class Receivers:
    """A server on loopback whose receivers are told apart by the path, and named by numbers."""

    def __init__(self, stuck: Collection[int] = ()) -> None:
        """Let those of the numbers in `stuck` take requests without ever answering."""
        self.received: Counter[int] = Counter()
        self.stuck = stuck
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._serve, "127.0.0.1", 0, backlog=1024), self._loop
        ).result()
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._server.close)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()

    def url(self, number: int) -> str:
        """Return the address of one receiver."""
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}/{number}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
            await reader.readexactly(int(length.partition(":")[2]))
            number = int(head.split(" ", 2)[1].removeprefix("/"))
            if number in self.stuck:
                await reader.read()
            else:
                writer.write(_ANSWER)
                await writer.drain()
                self.received[number] += 1
        writer.close()
