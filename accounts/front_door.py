"""The short way to a cached list: a hit is answered before Flask has made a request out of what came in.

A hit takes a token, one look into Redis and the bytes that were found; routing, contexts and hooks would cost several
times as much. So this stands in front of the application and answers what it is certain of: a GET of a path that a
feature has registered, with one bearer token, when Redis has both the record of the sign-in and the list. Identity,
keys, stamps, headers and counts come from the functions that the views use as well.

In any doubt it declines, and the application answers as if there were no door: no hit, a token or a query that is not
valid, a role that has changed, a change under way, a Redis that failed, cookies, a body, a host that is not ours,
conditions other than one ETag of ours. What it has parsed and looked up then serves the view, so that a miss costs no
command more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from time import perf_counter, time
from typing import Any, NamedTuple
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, Request, has_app_context
from marshmallow import RAISE, Schema, ValidationError
from werkzeug.http import http_date

from accounts.kept_answers import KeptAnswers
from accounts.sign_in.identity import LOOKED_UP, read_bearer, record_of, signer_of
from accounts.sign_in.tokens import Credentials
from caching import Answer, BoundRead
from caching.reads import LookUp
from caching.store import EXTENSION, Snapshot, Store
from errors import LecternError
from web.answers import JSON, cache_headers, list_body
from web.api import PARSED_QUERY, StrictParser
from web.clock import clock_of
from web.hosts import hosts_of
from web.prometheus import count_request
from web.security import HEADERS

# Names a list's cached read for whoever asks and a parsed query; None: not a cached list.
ReadFor = Callable[[Credentials, Any], BoundRead | None]

# So many questions are remembered, if they are no longer than this, and so many bytes of what was found for them.
QUESTIONS = 1024
LONGEST_QUESTION = 1_000
LONGEST_ANSWER = 64 * 1024
MOST_BYTES = 16 * 1024 * 1024

# What makes a request more than a question.
_UNUSUAL = frozenset(
    f"HTTP_{name}"
    for name in (
        *("COOKIE", "TRANSFER_ENCODING", "RANGE", "IF_RANGE"),
        *("IF_MATCH", "IF_MODIFIED_SINCE", "IF_UNMODIFIED_SINCE"),
    )
)
_OUR_ETAG = re.compile(r'W/"[0-9a-f]{32}"')

_parser = StrictParser()
_http_date = lru_cache(maxsize=1)(http_date)


class _Door(NamedTuple):
    schema: Schema
    read_for: ReadFor


class _Found(NamedTuple):
    """What Redis had for a question, all of it fresh, and the answer that follows from these very bytes."""

    seen: list[Snapshot]
    look_ups: list[LookUp]
    hits: list[Answer]
    etag: str
    body: bytes
    # The first two are about the body, and an answer without one goes without them.
    headers: list[tuple[str, str]]


class _Question:
    """What somebody asks: who it is, and what has to be looked up (their sign-in and the list)."""

    __slots__ = ("parsed", "places", "reads", "who")

    def __init__(self, who: Credentials, read: BoundRead, parsed: tuple[Schema, Any]) -> None:
        self.who = who
        self.parsed = parsed
        self.reads = [record_of(who), read]
        self.places = [read.place for read in self.reads]


_doors: dict[str, _Door] = {}


def register(path: str, schema: Schema, read_for: ReadFor) -> None:
    """Let hits of the list at `path` be answered here.

    `schema` parses its query, and `read_for` has to name the same read as the view does.
    """
    _doors[path] = _Door(schema, read_for)


def install(app: Flask) -> None:
    """Put the door in front of an application that has a cache, once all its endpoints are there."""
    store: Store | None = app.extensions[EXTENSION]
    if store is not None:
        app.wsgi_app = FrontDoor(app, store)  # type: ignore[method-assign]


class FrontDoor:
    """The WSGI application in front of Flask's, which stays reachable as `house`."""

    def __init__(self, app: Flask, store: Store) -> None:
        """Stand in front of `app` as it is now."""
        self.house = app.wsgi_app
        self._store = store
        self._signer = signer_of(app)
        self._clock = clock_of(app)
        self._hosts = hosts_of(app)
        rules = app.url_map.bind("localhost")
        self._endpoints: dict[str, str] = {path: rules.match(path, "GET")[0] for path in _doors}
        self._question = lru_cache(maxsize=QUESTIONS)(_parse)
        self.kept: KeptAnswers[_Question, _Found] = KeptAnswers(most_bytes=MOST_BYTES, longest=LONGEST_ANSWER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a hit; hand everything else on."""
        began = perf_counter()
        path = environ["PATH_INFO"]
        plain = path in self._endpoints and _is_plain(environ) and self._hosts.know_asked(environ)
        found = self._find(path, environ) if plain else None
        if found is None:
            return self.house(environ, start_response)
        known = environ.get("HTTP_IF_NONE_MATCH") == found.etag
        count_request(self._endpoints[path], 304 if known else 200, perf_counter() - began)
        date = ("Date", _http_date(int(time())))
        if known:
            start_response("304 NOT MODIFIED", [*found.headers[2:], date])
            return []
        start_response("200 OK", [*found.headers, date])
        return [found.body]

    def _find(self, path: str, environ: WSGIEnvironment) -> _Found | None:
        """Return the answer if it is certain, and count the hits."""
        try:
            who = read_bearer(environ["HTTP_AUTHORIZATION"], self._signer, self._clock())
            question = self._question(path, who, environ["QUERY_STRING"])
        except (LecternError, ValidationError, UnicodeError):
            return None
        return self._look_up(question, environ) if question else None

    def _look_up(self, question: _Question, environ: WSGIEnvironment) -> _Found | None:
        began = perf_counter()
        seen = self._store.fetch(question.places)
        waited = perf_counter() - began
        found = self.kept.get(question)
        if found is None or found.seen != seen:
            look_ups = [
                LookUp(read, self._store, seen[i] if seen else None, waited) for i, read in enumerate(question.reads)
            ]
            found = _open(question.who, seen, look_ups) if seen else None
            if found is None:
                environ[LOOKED_UP] = look_ups
                environ[PARSED_QUERY] = question.parsed
                return None
            # The bytes are there three times: as Redis gave them, without their envelope, and as they are answered.
            self.kept.keep(question, found, longest_part=len(found.body), in_all=3 * len(found.body))
        for look_up, hit in zip(found.look_ups, found.hits, strict=True):
            look_up.served(hit, waited)
        return found


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is only a question. Within a context there may be a transaction that the house minds."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "HTTP_AUTHORIZATION" in environ
        and not environ.get("SCRIPT_NAME")
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and len(environ["QUERY_STRING"]) <= LONGEST_QUESTION
        and environ.keys().isdisjoint(_UNUSUAL)
        and (known is None or _OUR_ETAG.fullmatch(known) is not None)
        and not has_app_context()
    )


def _parse(path: str, who: Credentials, query_string: str) -> _Question | None:
    """Understand a question; None if it is not for the door. Raises ValidationError for a malformed query."""
    door = _doors[path]
    given = _parser.load_querystring(Request({"QUERY_STRING": query_string}), door.schema)
    query = door.schema.load(given, unknown=RAISE)
    read = door.read_for(who, query)
    return None if read is None else _Question(who, read, (door.schema, query))


def _open(who: Credentials, seen: list[Snapshot], look_ups: list[LookUp]) -> _Found | None:
    """Return the answer if everything that was looked up is fresh, and whoever asks still has the token's role."""
    hits = [hit for look_up in look_ups if (hit := look_up.hit())]
    if len(hits) < len(look_ups) or hits[0].json()["role"] != who.role:
        return None
    headers, body = cache_headers(hits[-1]), list_body(hits[-1])
    about_body = {"Content-Type": JSON, "Content-Length": str(len(body))}
    return _Found(seen, look_ups, hits, headers["ETag"], body, [*(about_body | headers | HEADERS).items()])
