"""Another service: it keeps answers of Lectern for itself, and forgets those that an event makes old."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Self

from kombu import Connection, Consumer, Exchange, Queue

from server.children import wait_until


class Follower:
    """A queue that outlives this service, and what the service keeps, by the tag it depends on."""

    def __init__(self, url: str, name: str, load: Callable[[str], Any] = str) -> None:
        exchange = Exchange("lectern", type="topic", durable=True)
        self.queue = Queue(name, exchange, routing_key="#", durable=True)
        self.heard: list[str] = []
        self.loads: list[str] = []
        self._url, self._load = url, load
        self._kept: dict[str, Any] = {}
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        with Connection(self._url) as connection:
            self.queue(connection).declare()
        self._over.clear()
        self._thread = threading.Thread(target=self._consume)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def get(self, tag: str) -> Any:
        """What this service shows: what it keeps, or what it asks Lectern for."""
        if tag not in self._kept:
            self.loads.append(tag)
            self._kept[tag] = self._load(tag)
        return self._kept[tag]

    def wait_for(self, number: int) -> None:
        """Wait until it has heard of so many events."""
        assert wait_until(lambda: len(self.heard) >= number, seconds=20), self.heard

    def _consume(self) -> None:
        with Connection(self._url) as connection, Consumer(connection, [self.queue], on_message=self._hear):
            while not self._over.is_set():
                with suppress(socket.timeout):
                    connection.drain_events(timeout=0.1)

    def _hear(self, message: Any) -> None:
        event = json.loads(message.body)
        for tag in event["invalidates"]:
            self._kept.pop(tag, None)
        assert (message.properties["message_id"], message.delivery_info["routing_key"]) == (event["id"], event["type"])
        message.ack()
        self.heard.append(event["id"])
