"""Every list of the API as CSV, for `Accept: text/csv` or `?format=csv`.

    GET /api/bookings?status=completed&format=csv

No endpoint does anything for it: a view whose schema says that it answers with a list of objects has a table. The view
is asked for one page after the other, each time as if the same client had asked for the next one. So who may read a
list may have it as CSV, with the same filters, and a client whose rights end in between gets no further page.

The pages are written while the client reads, so a list of any length takes the memory of one page. They come from the
database and not from the cache, because they are not asked for again. No cache takes CSV for JSON or the other way
round: CSV is never stored and has no ETag, and JSON is asked for anew each time that it is used (`no-cache`).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache as cache_forever
from typing import Any
from urllib.parse import quote, unquote_plus
from wsgiref.types import WSGIEnvironment

from flask import Flask, Request, Response
from marshmallow import Schema

from caching import cache
from jsontext import JsonObject, loads
from web.answers import JSON
from web.clock import clock_of
from web.csv_text import BYTE_ORDER_MARK, MEDIA_TYPE, ROWS, Column, columns_of, heading, lines, table_in
from web.pagination import MAX_LIMIT

# What the answer depends on besides the address.
VARY = "Accept, Authorization, Cookie"
FORMAT, FORMAT_CSV = "format", "csv"
# Where lists go on; the log of events has its own word, because one comes back with it later.
_CURSORS = ("cursor", "since")
# What the environment of a page's request takes over: who asks, where, and for whom it is answered.
_BODY = ("CONTENT_TYPE", "CONTENT_LENGTH", "HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE", "HTTP_RANGE")

View = Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Table:
    """What a view's answers look like as a table."""

    columns: tuple[Column, ...]
    # The query parameter that says where to go on; None if the first page is all there is.
    cursor: str | None
    takes_limit: bool


def table_asked_for(app: Flask, request: Request) -> Table | None:
    """Return the table that a request asks for as CSV, None if it asks for something else."""
    if request.method not in ("GET", "HEAD") or not request.path.startswith("/api/") or not _is_wanted(request):
        return None
    view = app.view_functions.get(request.endpoint or "")
    return _table(view) if hasattr(view, "_apidoc") else None


def _is_wanted(request: Request) -> bool:
    """Tell whether a request asks for CSV.

    By the header only where it says so itself: `*/*` means JSON.
    """
    formats = request.args.getlist(FORMAT)
    if formats:
        return formats == [FORMAT_CSV]
    accepted = request.accept_mimetypes
    named = {media_type.lower() for media_type in accepted.values()}
    if MEDIA_TYPE not in named or not accepted[MEDIA_TYPE]:
        return False
    csv, json = accepted[MEDIA_TYPE], accepted[JSON]
    return csv > json or (csv == json and JSON not in named)


def may_be_wanted(accept: str) -> bool:
    """Tell quickly whether a header may ask for CSV."""
    return "text/csv" in accept.lower()


@cache_forever
def _table(view: Any) -> Table | None:
    answers = view._apidoc.get("response", {}).get("responses", {}).get(200, [])
    schemas = (answer["schema"] for answer in answers)
    rows = table_in(next((schema for schema in schemas if isinstance(schema, Schema)), None))
    if rows is None:
        return None
    taken = _parameters(view)
    cursor = next((name for name in _CURSORS if name in taken), None)
    return Table(tuple(columns_of(rows)), cursor, "limit" in taken)


def _parameters(view: Any) -> set[str]:
    """Name the query parameters that a view takes."""
    described = view._apidoc.get("arguments", {}).get("parameters", [])
    queries = (one["schema"] for one in described if one["in"] == "query")
    return {field.data_key or name for schema in queries for name, field in schema.fields.items()}


def answer(app: Flask, request: Request, table: Table) -> Response:
    """Answer a request with the whole list.

    The first page is read before the answer begins, so what is refused is refused as it is in JSON.
    """
    pages = _Pages(app, request, table)
    first = pages.read()
    for_people = "text/html" in request.headers.get("Accept", "")
    response = Response(
        pages.text(first, BYTE_ORDER_MARK if for_people else ""), content_type=f"{MEDIA_TYPE}; charset=utf-8"
    )
    name = f"{_name(request.path)}-{clock_of(app)():%Y-%m-%d}.csv"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = VARY
    return response


class _Pages:
    """The pages of one list, as one client gets them."""

    def __init__(self, app: Flask, request: Request, table: Table) -> None:
        self._app = app
        self._table = table
        self._view: View = app.view_functions[request.endpoint or ""]
        self._arguments = dict(request.view_args or {})
        self._environ = _environment(request.environ)
        self._filters = _without(request.environ["QUERY_STRING"], FORMAT, *([table.cursor] if table.cursor else []))
        if table.takes_limit and "limit" not in request.args:
            self._filters = [*self._filters, f"limit={MAX_LIMIT}"]
        self._next = request.args.get(table.cursor) if table.cursor else None

    def read(self) -> JsonObject:
        """Read the page that is next."""
        place = [f"{self._table.cursor}={quote(self._next, safe='')}"] if self._next is not None else []
        environ = self._environ | {"QUERY_STRING": "&".join([*self._filters, *place])}
        with self._app.request_context(environ), cache.passed_by():
            response = self._app.make_response(self._view(**self._arguments))
            page: JsonObject = loads(response.get_data())
        return page

    def text(self, page: JsonObject, begin_with: str) -> Iterator[str]:
        """Write the whole table, beginning with a page that has been read."""
        columns = self._table.columns
        yield begin_with + heading(columns)
        while True:
            # A report is its only row.
            yield lines(columns, page.get(ROWS, [page]))
            place = page.get("next_cursor") if self._table.cursor else None
            # The log of events says where to come back to, which is where its last page begins.
            if place is None or place == self._next:
                return
            self._next = place
            page = self.read()


def _environment(environ: WSGIEnvironment) -> WSGIEnvironment:
    """Return the environment of requests for the pages: the same client asks for JSON."""
    kept = {key: value for key, value in environ.items() if "." not in key or key.startswith("wsgi.")}
    for key in _BODY:
        kept.pop(key, None)
    return kept | {"REQUEST_METHOD": "GET", "HTTP_ACCEPT": JSON}


def _without(query_string: str, *names: str) -> list[str]:
    """Return the parts of a query that are not of these parameters, as they were sent."""
    parts = filter(None, query_string.split("&"))
    return [part for part in parts if unquote_plus(part.partition("=")[0]) not in names]


def _name(path: str) -> str:
    """Name a file after the words of its path: "gigs-7-applications"."""
    return re.sub(r"[^0-9A-Za-z]+", "-", path.removeprefix("/api/")).strip("-")
