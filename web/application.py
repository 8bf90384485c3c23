"""Flask as Lectern uses it: what every request goes through, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, Response, request
from flask.json.provider import JSONProvider
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest, NotFound

import jsontext
from errors import ConnectionLost, Invalid
from observations import note
from web import csv_lists, request_log
from web.bodies import bound_body
from web.hosts import hosts_of
from web.prometheus import requests_counter
from web.security import protect


class JSONText(JSONProvider):
    """Flask's JSON, as the API speaks it."""

    def dumps(self, obj: object, **_: object) -> str:
        """Encode to text."""
        return jsontext.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: object) -> object:
        """Decode.

        Raises ValueError if the text is malformed.
        """
        return jsontext.loads(s)


class Lectern(Flask):
    """An application whose own checks are methods.

    Hooks would run in the order in which modules register them.
    """

    json_provider_class = JSONText

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return `func`, because none of ours is asynchronous.

        Flask would ask that a dozen times in each request.
        """
        return func

    def preprocess_request(self) -> ResponseReturnValue | None:
        """Begin to measure a request, and refuse what no endpoint takes."""
        request_log.begin()
        hosts_of(self).require_ours(request)
        # Werkzeug reads two slashes at the beginning of a path as one, and a proxy's rules for paths do not.
        if request.environ["PATH_INFO"].startswith("//"):
            raise NotFound
        bound_body(self.view_functions.get(request.endpoint or ""))
        self._refuse_unknown_parameters()
        return super().preprocess_request()

    def dispatch_request(self) -> ResponseReturnValue:
        """Answer a request.

        A read whose database connection was cut off is done once more, from its beginning.
        """
        try:
            return self._dispatch()
        except ConnectionLost:
            if request.method not in ("GET", "HEAD"):
                raise
            return self._dispatch()

    def _dispatch(self) -> ResponseReturnValue:
        table = csv_lists.table_asked_for(self, request)
        return csv_lists.answer(self, request, table) if table else super().dispatch_request()

    def process_response(self, response: Response) -> Response:
        """Protect the reader of an answer, and write the request down."""
        response = protect(super().process_response(response))
        note(requests_counter(request.endpoint or "unknown", response.status_code), request_log.end(response))
        return response

    def _refuse_unknown_parameters(self) -> None:
        """Refuse query parameters of the API where none are taken.

        Where some are, the schema knows them.
        """
        try:
            given = request.args
        except UnicodeDecodeError:
            raise BadRequest("The query is not in UTF-8.") from None
        if not request.path.startswith("/api/") or request.endpoint is None or not given:
            return
        if len(given) == 1 and csv_lists.table_asked_for(self, request):
            return
        view = self.view_functions[request.endpoint]
        parameters = getattr(view, "_apidoc", {}).get("arguments", {}).get("parameters", [])
        if not any(parameter["in"] == "query" for parameter in parameters):
            raise Invalid({name: ["Unknown parameter."] for name in given})
