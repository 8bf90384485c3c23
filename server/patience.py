"""How long the server waits, and how much it takes from one address."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True, slots=True)
class Patience:
    """Seconds and numbers.

    The defaults are what `make run` uses, and only tests use others.
    """

    # From the first byte of a request to the last of its headers, and then to the last of its body.
    headers: int = 10
    body: int = 30
    # How long a client may neither send nor take anything, and how long a connection may wait for its next request.
    silence: int = 30
    keep_alive: int = 20
    # How long an answer may take.
    answer: int = 60
    # How long a worker process may show no sign of life.
    hang: int = 10

    # What all clients together may hold open, and how much of it one address.
    connections: int = 4000
    connections_of_one: int = 500
    requests_of_one: int = 250
    bodies_of_one: int = 100
    files_of_one: int = 8
