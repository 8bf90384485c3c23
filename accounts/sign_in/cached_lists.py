"""Declare cached lists of the API.

Each is declared once: who may ask, how the query is parsed, and which read it is.

    @bookings.cached_list("/bookings", BookingsQuerySchema, BookingsPageSchema, own=True)
    def list_bookings(who: Who, query: BookingsQuery) -> BoundRead:

The function only names a cached read and knows no request. The view calls it, and so does `web/list_middleware.py`,
which answers hits before there is a request.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial, update_wrapper
from typing import Any

from flask import Flask, Request, Response, request
from marshmallow import Schema

from accounts.models import Role
from accounts.rights import runs_school
from accounts.sign_in import identity
from accounts.sign_in.cookies import CookieReader
from accounts.sign_in.identity import Viewer, Who
from accounts.sign_in.second_factor import lacks_second_factor
from accounts.sign_in.tokens import Credentials
from caching import Answer, BoundRead
from caching.reads import LookUp, hits_counter
from caching.store import EXTENSION, Store
from config import Settings
from errors import LecternError, Unauthenticated
from jsontext import loads
from web.answers import list_response
from web.api import ApiBlueprint, StrictParser, note
from web.list_middleware import LONGEST_QUESTION, Asked, ListMiddleware, Prepared, Question, take_prepared
from web.settings import chosen_by

# Each list remembers the reads of so many questions.
QUESTIONS = 256

# What a function may return instead of a read, for a query of a special kind: a view that answers it in full, which
# looks up who asks together with what it reads first.
Plain = Callable[[], Response]
# Takes who asks (of one's own lists alone), the parsed query (if there is one) and the ids in the path.
Names = Callable[..., BoundRead | Plain]


@dataclass(frozen=True, slots=True)
class Noted:
    """What is noted beside an answer: `note` is called where a signed-in user gives a parameter.

    Flask answers such a request, not the middleware, because `note` looks at the request.
    """

    parameter: str
    note: Callable[[], None]


class ListBlueprint(ApiBlueprint):
    """A blueprint of the API with cached lists."""

    def cached_list(
        self,
        rule: str,
        query: type[Schema] | None,
        page: type[Schema],
        *,
        own: bool = False,
        roles: Collection[Role] = (),
        noted: Noted | None = None,
        staff_logged: bool = False,
        **documented: Any,
    ) -> Callable[[Names], CachedList]:
        """Declare the cached list at `rule`.

        The function below names its read, or returns a `Plain` view.

        An `own` list is for signed-in people, and the function's first argument says who asks. With `roles` only people
        who have one of them get the list. Where looks of those who run the school are `staff_logged`, Flask answers
        them, not the middleware, because the audit log looks at the request. `raises` and `operation_id` are for the
        OpenAPI document.
        """

        def declare(names: Names) -> CachedList:
            view = CachedList(names, self.ARGUMENTS_PARSER, query() if query else None, own=own, roles=roles)
            view.noted, view.staff_logged = noted, staff_logged
            self._document(view, page, **documented)
            self.add_url_rule(rule, view_func=view, methods=["GET"])
            return view

        return declare

    def _document(
        self,
        view: CachedList,
        page: type[Schema],
        *,
        raises: Collection[type[LecternError]] = (),
        operation_id: str | None = None,
    ) -> None:
        described: Any = self.response(200, page, cached=True)(view)
        if view.schema is not None:
            described = self.arguments(view.schema, location="query")(described)
        described = self.raises(*raises)(described)
        if view.needs_sign_in:
            described = note(described, **identity.who_may_ask(view.roles))
        if operation_id:
            described = note(described, operationId=operation_id)
        view._apidoc = described._apidoc


class CachedList:
    """The view of one cached list."""

    __name__: str
    _apidoc: dict[str, Any]

    def __init__(
        self, names: Names, parser: StrictParser, schema: Schema | None, *, own: bool, roles: Collection[Role]
    ) -> None:
        """Wrap the function that names the read."""
        update_wrapper(self, names)
        self.schema = schema
        self.roles = roles
        self.needs_sign_in = own or bool(roles)
        self.noted: Noted | None = None
        self.staff_logged = False
        self._names = names
        self._own = own
        self._parser = parser
        # A name depends on nothing else, so what was asked before needs no parsing.
        self._remembered = lru_cache(maxsize=QUESTIONS)(self._parse_and_name)

    def __call__(self, **ids: int) -> Response:
        """Answer a request that the middleware has not answered."""
        answer = self._answer_view(ids)
        if self.noted and self.noted.parameter in request.args:
            self.noted.note()
        return answer

    def _answer_view(self, ids: Mapping[str, int]) -> Response:
        prepared: Prepared[Credentials] | None = take_prepared(request.environ)
        if prepared:
            who = prepared.question.who
            *record, asked = prepared.look_ups
            if who and record:
                identity.recognise(who, record[0].answer())
            return self._answer(asked, who, ids)
        asking = identity.credentials()
        if asking is None and self.needs_sign_in:
            raise Unauthenticated
        return self._read(asking, ids)

    def question(
        self, who: Credentials | None, expires: float, query_string: str, *, settings: Settings
    ) -> Question[Credentials] | None:
        """Name what has to be read for `who`, or return None if the view has to answer.

        What says who that is ends at `expires`. Raises LecternError and UnicodeError.
        """
        if who is not None and self.noted and f"{self.noted.parameter}=" in query_string:
            return None
        if who is not None and self.staff_logged and runs_school(who.role):
            return None
        refused = self.needs_sign_in if who is None else self.roles and who.role not in self.roles
        if refused or (query_string and not self.schema):
            return None
        named = self._name(who, query_string, {})
        if not isinstance(named, BoundRead):
            return None
        reads = (named,) if who is None else (identity.record_of(who), named)
        hits = hits_counter(*[read.family.name for read in reads])
        needs_more = who is not None and lacks_second_factor(who.role, settings, has_one=False)
        holds = partial(_is_of, who.role, two_factor=needs_more) if who else _holds_for_all
        return Question(who, expires, reads, holds, hits, who.id if who else None)

    def _read(self, who: Who | None, ids: Mapping[str, int]) -> Response:
        """Read the list of `who`.

        The record of their sign-in is read with it, unless that has been done.
        """
        named = self._named(who, ids)
        if not isinstance(named, BoundRead):
            answer = named()
            # It has looked at who asks, so this costs nothing; a view that forgot it answers nobody all the same.
            self._admit()
            return answer
        (found,) = identity.look_up_with_viewer(named)
        return self._answer(found, who, ids)

    def _answer(self, found: LookUp, who: Who | None, ids: Mapping[str, int]) -> Response:
        viewer = self._admit()
        if self._own and viewer and who and viewer.role != who.role:
            # The role in a token or a cookie may be an old one, and with another role the list is another.
            return self._read(viewer, ids)
        return list_response(found.answer())

    def _named(self, who: Who | None, ids: Mapping[str, int]) -> BoundRead | Plain:
        try:
            return self._name(who, request.environ["QUERY_STRING"], ids)
        except LecternError:
            # Who may not ask learns that first, and what is refused to an old role may be allowed to the present one.
            viewer = self._admit()
            if viewer is None or who is None or viewer.role == who.role:
                raise
        return self._name(viewer, request.environ["QUERY_STRING"], ids)

    def _name(self, who: Who | None, query_string: str, ids: Mapping[str, int]) -> BoundRead | Plain:
        """Name the read, as it was named the last time if the same was asked before."""
        name = self._remembered if len(query_string) <= LONGEST_QUESTION else self._parse_and_name
        return name(who if self._own else None, query_string, tuple(ids.items()))

    def _parse_and_name(
        self, who: Who | None, query_string: str, ids: tuple[tuple[str, int], ...]
    ) -> BoundRead | Plain:
        given: list[Any] = [who] if self._own else []
        if self.schema:
            asked = Request({"QUERY_STRING": query_string})
            given.append(self._parser.parse(self.schema, asked, location="query"))
        return self._names(*given, **dict(ids))

    def _admit(self) -> Viewer | None:
        """Return who is asking.

        Raises Unauthenticated or Forbidden if the list is not for them.
        """
        return identity.require_viewer(*self.roles) if self.needs_sign_in else identity.current_viewer()


def install(app: Flask) -> None:
    """Answer hits of the lists of `app` before Flask does, if there is a cache.

    It is called when all endpoints are there.
    """
    store: Store | None = app.extensions[EXTENSION]
    if store is None:
        return
    # Paths with ids in them are left to Flask's routing.
    rules = [rule for rule in app.url_map.iter_rules() if not rule.arguments]
    views = ((rule.rule, app.view_functions[rule.endpoint]) for rule in rules)
    lists = {path: view for path, view in views if isinstance(view, CachedList)}
    signer, cookies, settings = identity.signer_of(app), CookieReader(app), chosen_by(app)

    def understand(asked: Asked) -> Question[Credentials] | None:
        who: Credentials | None = None
        expires = math.inf
        if asked.authorization is not None:
            claims = signer.read_bearer(asked.authorization)
            who, expires = claims.who, claims.expires
        elif asked.cookie is not None and (signed_in := cookies.read(asked.cookie, secure=asked.scheme == "https")):
            who, expires = signed_in
        return lists[asked.path].question(who, expires, asked.query_string, settings=settings)

    app.wsgi_app = ListMiddleware(app, store, list(lists), understand)  # type: ignore[method-assign]


def _is_of(role: str, record: Answer, *, two_factor: bool) -> bool:
    """Tell whether a sign-in counts and its holder still has the role that it was made with.

    Where this role needs it, two-factor sign-in has to be on.
    """
    found, has_two_factor = _facts_of(record.body)
    return role == found and (has_two_factor or not two_factor)


def _holds_for_all(_: Answer) -> bool:
    return True


@lru_cache(maxsize=4096)
def _facts_of(record: bytes) -> tuple[str | None, bool]:
    viewer = loads(record)
    return (viewer["role"], viewer["two_factor"]) if viewer else (None, False)
