"""Hand events to the exchange of a RabbitMQ, each until the broker has said that it keeps it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jsontext import JsonObject, dumps
from later import kombu

EXCHANGE = "lectern"
# Before the broker counts as away.
BROKER_SECONDS = 5
_PATIENCE = {"confirm_publish": True, "read_timeout": BROKER_SECONDS, "write_timeout": BROKER_SECONDS}


class BrokerAway(Exception):
    """The broker cannot be reached, or does not keep what it is given."""


@contextmanager
def connected(address: str) -> Iterator[Any]:
    """Open a producer for the exchange, which is declared if it is not there.

    Raises BrokerAway, also for what fails within the block.
    """
    connection = kombu.Connection(address, connect_timeout=BROKER_SECONDS, transport_options=_PATIENCE)
    failures = (
        *connection.connection_errors,
        *connection.recoverable_connection_errors,
        *connection.channel_errors,
    )
    try:
        with connection:
            connection.connect()
            yield kombu.Producer(connection, kombu.Exchange(EXCHANGE, type="topic", durable=True))
    except failures as error:
        raise BrokerAway(f"{type(error).__name__}: {error}") from error


def send(producer: Any, event: JsonObject) -> None:
    """Publish one event, and wait until the broker has confirmed it."""
    producer.publish(
        dumps(event),
        routing_key=event["type"],
        delivery_mode="persistent",
        message_id=event["id"],
        content_type="application/json",
        content_encoding="utf-8",
        timeout=BROKER_SECONDS,
    )
