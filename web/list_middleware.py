"""Answer hits of cached lists before Flask makes a request, as WSGI middleware.

A hit takes a token, one look into Redis and the bytes that were found. Routing, contexts and hooks would cost several
times as much. So this middleware answers what it is certain of: a GET of a list with one bearer token, when Redis has
both the record of the sign-in and the list. Keys, stamps, headers and counts come from the functions that views use.

In any doubt it calls the application: no hit, a token or a query that is not valid, a role that has changed, a change
under way, a Redis that failed, cookies, a body, a host that is not ours, conditions other than one ETag of ours. What
was parsed and looked up by then goes along as `Prepared`, so that a miss costs no command and no parsing more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter, time
from typing import Any, Generic, NamedTuple, TypeVar, cast
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask, has_app_context
from werkzeug.http import http_date

from caching import Answer, BoundRead
from caching.envelope import Snapshot
from caching.reads import LookUp, count_hits
from caching.store import Store
from errors import LecternError
from observations import note
from web.answers import JSON, cache_headers, list_body
from web.clock import clock_of
from web.hosts import hosts_of
from web.kept_answers import KeptAnswers
from web.prometheus import requests_counter
from web.security import HEADERS

# So many questions are remembered, if they are no longer than this, and so many bytes of what was found for them.
QUESTIONS = 1024
LONGEST_QUESTION = 1_000
LONGEST_ANSWER = 64 * 1024
MOST_BYTES = 16 * 1024 * 1024

# What makes a request more than a question.
_UNUSUAL = frozenset(
    (
        "HTTP_COOKIE",
        "HTTP_TRANSFER_ENCODING",
        "HTTP_RANGE",
        "HTTP_IF_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_UNMODIFIED_SINCE",
    )
)
_OUR_ETAG = re.compile(r'W/"[0-9a-f]{32}"')
# Where in the environment of a request its `Prepared` stands.
_PREPARED = "lectern.prepared"

Who = TypeVar("Who")
_http_date = lru_cache(maxsize=1)(http_date)


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[Who]):
    """What one token asks of one list.

    It is decided once, and remembered for when it is asked again.
    """

    who: Who
    # When the token ends, in seconds since 1970.
    expires: int
    # Tells from the record of the sign-in whether the token still says the truth about its holder.
    holds: Callable[[Answer], bool]
    record: BoundRead
    list: BoundRead

    @property
    def keys(self) -> tuple[str, ...]:
        """Name all that has to be read from Redis."""
        return self.record.keys + self.list.keys


# Makes a question of a path, an Authorization header and a query string; None if a view has to answer. It may raise
# LecternError and UnicodeError.
Understand = Callable[[str, str, str], "Question[Any] | None"]


class Prepared(NamedTuple, Generic[Who]):
    """What the middleware has looked up for a request that it does not answer."""

    question: Question[Who]
    record: LookUp
    list: LookUp


def take_prepared(environ: WSGIEnvironment) -> Prepared[Any] | None:
    """Return what was prepared for a request, once.

    A second attempt has to look again.
    """
    return cast("Prepared[Any] | None", environ.pop(_PREPARED, None))


class _Found(NamedTuple):
    """What Redis had for a question, and the answer that follows from it.

    All of it was fresh, and the answer counts as long as Redis has these very bytes.
    """

    seen: list[Snapshot]
    look_ups: list[LookUp]
    etag: str
    body: bytes
    # The first two are about the body, and an answer without one goes without them.
    headers: list[tuple[str, str]]


class ListMiddleware:
    """Answers hits, and calls `app` for everything else."""

    def __init__(self, flask: Flask, store: Store, paths: Iterable[str], understand: Understand) -> None:
        """Wrap the application as it is now.

        The lists are at `paths`.
        """
        self.app = flask.wsgi_app
        self._store = store
        rules = flask.url_map.bind("localhost")
        self._endpoints: dict[str, str] = {path: rules.match(path, "GET")[0] for path in paths}
        self._clock = clock_of(flask)
        self._hosts = hosts_of(flask)
        self._question = lru_cache(maxsize=QUESTIONS)(understand)
        self.kept: KeptAnswers[Question[Any], _Found] = KeptAnswers(most_bytes=MOST_BYTES, longest=LONGEST_ANSWER)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began = perf_counter()
        endpoint = self._endpoints.get(environ["PATH_INFO"])
        plain = endpoint is not None and _is_plain(environ) and self._hosts.know_asked(environ)
        found = self._find(environ) if plain else None
        if found is None or endpoint is None:
            return self.app(environ, start_response)
        known = environ.get("HTTP_IF_NONE_MATCH") == found.etag
        note(requests_counter(endpoint, 304 if known else 200), perf_counter() - began)
        date = ("Date", _http_date(int(time())))
        if known:
            start_response("304 NOT MODIFIED", [*found.headers[2:], date])
            return []
        start_response("200 OK", [*found.headers, date])
        return [found.body]

    def _find(self, environ: WSGIEnvironment) -> _Found | None:
        """Return the answer if it is certain, and count the hits."""
        try:
            question = self._question(environ["PATH_INFO"], environ["HTTP_AUTHORIZATION"], environ["QUERY_STRING"])
        except (LecternError, UnicodeError):
            return None
        if question is None or question.expires <= self._clock().timestamp():
            return None
        return self._look_up(question, environ)

    def _look_up(self, question: Question[Any], environ: WSGIEnvironment) -> _Found | None:
        began = perf_counter()
        seen = self._store.fetch(question.keys)
        waited = perf_counter() - began
        found = self.kept.get(question)
        if found is None or found.seen != seen:
            reads = (question.record, question.list)
            record, asked = (
                LookUp(read, self._store, seen[i] if seen else None, waited) for i, read in enumerate(reads)
            )
            found = _open(question, seen, [record, asked])
            if found is None:
                environ[_PREPARED] = Prepared(question, record, asked)
                return None
            # The bytes are there three times: as Redis gave them, without their envelope, and as they are answered.
            self.kept.keep(question, found, longest_part=len(found.body), in_all=3 * len(found.body))
        count_hits(found.look_ups, waited)
        return found


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is only a question."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    return (
        environ["REQUEST_METHOD"] == "GET"
        and "HTTP_AUTHORIZATION" in environ
        and not environ.get("SCRIPT_NAME")
        and environ.get("CONTENT_LENGTH") in (None, "", "0")
        and len(environ["QUERY_STRING"]) <= LONGEST_QUESTION
        and environ.keys().isdisjoint(_UNUSUAL)
        and (known is None or _OUR_ETAG.fullmatch(known) is not None)
        # An open application context may hold a transaction, and then the cache must not be asked.
        and not has_app_context()
    )


def _open(question: Question[Any], seen: list[Snapshot] | None, look_ups: list[LookUp]) -> _Found | None:
    """Return the answer if all that was looked up is fresh, else None.

    A null is no answer: then there is no such list.
    """
    record, hit = (look_up.hit for look_up in look_ups)
    if not seen or record is None or hit is None or hit.body == b"null" or not question.holds(record):
        return None
    headers, body = cache_headers(hit), list_body(hit)
    about_body = {"Content-Type": JSON, "Content-Length": str(len(body))}
    return _Found(seen, look_ups, headers["ETag"], body, [*(about_body | headers | HEADERS).items()])
