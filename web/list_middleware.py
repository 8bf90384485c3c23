"""Answer hits of cached lists before Flask makes a request, as WSGI middleware.

A hit takes one look into Redis and the bytes that were found there, or that this process has kept. Routing, contexts
and hooks would cost several times as much. So this middleware answers what it is certain of: a GET or HEAD of a list,
when Redis vouches for the list, and for the sign-in if there is one. Keys, stamps, headers and counts come from the
functions that views use.

In any doubt it calls the application: no hit, a token, a cookie or a query that is not valid, a role that has changed,
a change under way, a Redis that failed, a body, a host that is not ours, conditions other than one ETag of ours. What
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

from caching import Answer, BoundRead
from caching.reads import LookUp, audit_some
from caching.store import Store
from errors import LecternError
from observations import Counted, note
from web.answers import JSON, cache_headers, list_body, list_length
from web.clock import clock_of
from web.csv_lists import may_be_wanted
from web.hosts import hosts_of
from web.prometheus import requests_counter
from web.request_log import ENVIRON, HEADER, Line, keep
from web.request_log import request_id as id_of
from web.security import HEADERS

# So many questions are remembered. Longer ones, with all that says who asks, are left to the application.
QUESTIONS = 1024
LONGEST_QUESTION = 1_500

# What makes a request more than a question.
_UNUSUAL = frozenset(
    (
        "HTTP_TRANSFER_ENCODING",
        "HTTP_RANGE",
        "HTTP_IF_RANGE",
        "HTTP_IF_MATCH",
        "HTTP_IF_MODIFIED_SINCE",
        "HTTP_IF_UNMODIFIED_SINCE",
    )
)
_EMPTY = (None, "", "0")
_OUR_ETAG = re.compile(r'W/"[0-9a-f]{32}"')
# Where in the environment of a request its `Prepared` stands.
_PREPARED = "lectern.prepared"

Who = TypeVar("Who")


class Asked(NamedTuple):
    """What of a request says what is asked, and by whom."""

    path: str
    query_string: str
    host: str
    # "http" or "https".
    scheme: str
    authorization: str | None
    # It counts only without the header above.
    cookie: str | None


@dataclass(frozen=True, slots=True, eq=False)
class Question(Generic[Who]):
    """What one sign-in, or anybody, asks of one list.

    It is decided once, and remembered for when it is asked again.
    """

    who: Who | None
    # When what says who asks ends, in seconds since 1970.
    expires: float
    # The record of the sign-in comes first if there is one, the list last.
    reads: tuple[BoundRead, ...]
    # Tells from the record whether the sign-in counts and has the role still that the question was asked with.
    holds: Callable[[Answer], bool]
    # Counts hits of all reads, given the seconds that looking each of them up took.
    hits: Counted
    # Whom the log names.
    user_id: int | None


# Makes a question of what is asked; None if a view has to answer. It may raise LecternError and UnicodeError.
Understand = Callable[[Asked], "Question[Any] | None"]


class Prepared(NamedTuple, Generic[Who]):
    """What the middleware has looked up for a request that it does not answer."""

    question: Question[Who]
    look_ups: list[LookUp]


def take_prepared(environ: WSGIEnvironment) -> Prepared[Any] | None:
    """Return what was prepared for a request, once.

    A second attempt has to look again.
    """
    return cast("Prepared[Any] | None", environ.pop(_PREPARED, None))


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
        self._understand = understand
        self._question = lru_cache(maxsize=QUESTIONS)(self._decide)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request."""
        began, began_at = perf_counter(), time()
        endpoint = self._endpoints.get(environ["PATH_INFO"])
        question = self._question_in(environ) if endpoint is not None else None
        answer = self._look_up(question, environ) if question is not None else None
        if answer is None or endpoint is None or question is None:
            return self.app(environ, start_response)
        etag, headers = _headers(answer.etag, list_length(answer))
        known = environ.get("HTTP_IF_NONE_MATCH") == etag
        status, method, request_id = 304 if known else 200, environ["REQUEST_METHOD"], id_of(environ.get(ENVIRON))
        seconds = perf_counter() - began
        note(requests_counter(endpoint, status), seconds)
        keep(Line(began_at, request_id, question.user_id, method, endpoint, status, seconds, 0, "HIT"))
        headers = [*headers, (HEADER, request_id)]
        if known:
            start_response("304 NOT MODIFIED", headers[_ABOUT_BODY:])
            return []
        start_response("200 OK", headers)
        return [list_body(answer)] if method == "GET" else []

    def _question_in(self, environ: WSGIEnvironment) -> Question[Any] | None:
        """Return what a request asks, if it is only a question and comes from somebody who may still ask it."""
        given = environ.get
        if not _is_plain(environ):
            return None
        asked = Asked(
            environ["PATH_INFO"],
            environ["QUERY_STRING"],
            given("HTTP_HOST", ""),
            environ["wsgi.url_scheme"],
            given("HTTP_AUTHORIZATION"),
            given("HTTP_COOKIE"),
        )
        if sum(map(len, filter(None, asked))) > LONGEST_QUESTION:
            return None
        try:
            question = self._question(asked)
        except (LecternError, UnicodeError):
            return None
        return question if question and question.expires > self._clock().timestamp() else None

    def _decide(self, asked: Asked) -> Question[Any] | None:
        """Decide what does not change from one time to the next that the same is asked."""
        return self._understand(asked) if self._hosts.know(asked.host) else None

    def _look_up(self, question: Question[Any], environ: WSGIEnvironment) -> Answer | None:
        """Return the answer if it is certain, and count the hits."""
        began, reads = perf_counter(), question.reads
        seen = self._store.fetch(reads)
        waited = perf_counter() - began
        if seen is not None:
            record, answer = seen[0].answer, seen[-1].answer
            # A null is no answer: then there is no such list.
            if record and answer and answer.body != b"null" and question.holds(record):
                note(question.hits, waited)
                audit_some(self._store, reads, seen)
                return answer
        look_ups = [LookUp(read, self._store, seen[i] if seen else None, waited) for i, read in enumerate(reads)]
        environ[_PREPARED] = Prepared(question, look_ups)
        return None


def _is_plain(environ: WSGIEnvironment) -> bool:
    """Tell whether a request is nothing but a question."""
    known = environ.get("HTTP_IF_NONE_MATCH")
    return (
        environ["REQUEST_METHOD"] in ("GET", "HEAD")
        and environ.keys().isdisjoint(_UNUSUAL)
        and environ.get("CONTENT_LENGTH") in _EMPTY
        and not environ.get("SCRIPT_NAME")
        and not may_be_wanted(environ.get("HTTP_ACCEPT", ""))
        and (known is None or _OUR_ETAG.fullmatch(known) is not None)
        # An open application context may hold a transaction, and then the cache must not be asked.
        and not has_app_context()
    )


# So many headers are about the body, and an answer without one goes without them.
_ABOUT_BODY = 2


@lru_cache(maxsize=QUESTIONS)
def _headers(etag: str, length: int) -> tuple[str, list[tuple[str, str]]]:
    """Return the ETag as it is sent, and all headers of a hit of `length` bytes.

    Those about the body come first.
    """
    headers = cache_headers(etag, "HIT")
    about_body = {"Content-Type": JSON, "Content-Length": str(length)}
    return headers["ETag"], [*(about_body | headers | HEADERS).items()]
