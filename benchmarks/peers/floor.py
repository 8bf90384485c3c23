"""A peer: the least that a fresh answer can do.

One WSGI function asks Redis for two tokens and returns the bytes of the file that BODY names.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Iterable
from pathlib import Path
from threading import local
from typing import Any
from urllib.parse import urlsplit
from wsgiref.types import StartResponse, WSGIEnvironment

import hiredis

TOKENS = {"tag:{user:1}:sign-ins": "0123456789abcdef" * 2, "tag:{user:1}:bookings": "fedcba9876543210" * 2}


def _pack(words: list[str]) -> bytes:
    packed: bytes = hiredis.pack_command(tuple(words))  # type: ignore[arg-type]
    return packed


body = Path(os.environ["BODY"]).read_bytes()
headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
ask = _pack(["MGET", *TOKENS])
expected = [token.encode() for token in TOKENS.values()]
own = local()


def app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """Answer with the same bytes each time, if both tokens are the expected ones."""
    fresh = _exchange(ask) == expected
    start_response("200 OK" if fresh else "503 Service Unavailable", headers)
    return [body]


def _exchange(command: bytes) -> Any:
    """Send one command and wait for its answer, on a connection per thread."""
    if not hasattr(own, "connection"):
        own.reader = hiredis.Reader()
        own.connection = socket.socket(socket.AF_UNIX)
        own.connection.connect(urlsplit(os.environ["REDIS_URL"]).path)
        _exchange(_pack(["MSET", *[part for pair in TOKENS.items() for part in pair]]))
    own.connection.sendall(command)
    own.reader.feed(own.connection.recv(65536))
    return own.reader.gets()
