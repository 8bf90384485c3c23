"""Send cached answers: their bytes as they are, and headers for other caches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Any

from flask import Response, request

from caching import Answer
from errors import NotFound
from jsontext import dumps

VARY = "Authorization, Cookie"
JSON = "application/json"
PIECE_BYTES = 65_536

# What a page ends with, in place of its own last brace.
_END = {state: b',"cached":%s}' % (b"true" if state == "HIT" else b"false") for state in ("HIT", "MISS", "BYPASS")}


def wants_json() -> bool:
    """Tell whether a program asks: what is for people begins with none of these."""
    return request.path.startswith(("/api/", "/health", "/metrics")) or request.path == "/api"


def list_response(answer: Answer) -> Response:
    """Send a cached page, with `cached` as its last member.

    Raises NotFound for a null: there is no such list.
    """
    return _cached(list_body(existing(answer)), answer)


def existing(answer: Answer) -> Answer:
    """Return a cached answer that is there.

    Raises NotFound for a null: there is no such thing, or it is not for this reader.
    """
    if answer.body == b"null":
        raise NotFound
    return answer


def list_body(answer: Answer) -> bytes:
    """Add to a page where it came from.

    Its bytes are copied once, because there may be many of them.
    """
    return b"".join((memoryview(answer.body)[:-1], _END[answer.state]))


def list_length(answer: Answer) -> int:
    """Return how many bytes `list_body` has."""
    return len(answer.body) - 1 + len(_END[answer.state])


def detail_response(answer: Answer) -> Response:
    """Send a cached object as it is."""
    return _cached(answer.body, answer)


def text_response(answer: Answer, mimetype: str) -> Response:
    """Send a cached text, which was kept as a JSON string."""
    return _cached(answer.json().encode(), answer, mimetype)


def file_response(content: str | bytes, mimetype: str, name: str) -> Response:
    """Send a file that nobody keeps but the reader: browsers save it under this name."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def attachment(content: bytes, mimetype: str, name: str) -> Response:
    """Send a file that a user has handed in: browsers save it and run nothing in it."""
    response = Response(content, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["Cache-Control"] = "no-store"
    return response


def archive_response(file: IO[bytes], name: str) -> Response:
    """Send an open file that was just written, a piece at a time, for the reader alone.

    It is closed at the end.
    """
    response = Response(_pieces(file), mimetype="application/zip")
    response.content_length = file.tell()
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    with file:
        file.seek(0)
        while piece := file.read(PIECE_BYTES):
            yield piece


def json_response(value: Any, status: int = 200) -> Response:
    """Send an answer that nobody keeps."""
    response = Response(dumps(value), status, mimetype=JSON)
    response.headers["Cache-Control"] = "no-store"
    return response


def _cached(body: bytes, answer: Answer, mimetype: str = JSON) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers.update(cache_headers(answer.etag, answer.state))
    response.make_conditional(request)
    return response


def cache_headers(etag: str, state: str) -> dict[str, str]:
    """Say where an answer came from, and that it has to be checked each time."""
    return {
        "X-Cache": state,
        "Cache-Control": "private, no-cache",
        "Vary": VARY,
        "ETag": f'W/"{etag}"',
    }
