"""The JSON API's frame: strict parsing, and what holds for every endpoint."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn, TypeVar

from flask import Flask, Request, current_app
from flask_smorest import Blueprint
from marshmallow import RAISE, Schema, ValidationError
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, NotFound, RequestEntityTooLarge
from werkzeug.routing import BaseConverter

from config import MAX_BODY_BYTES
from database import MAX_ID
from errors import Invalid, LecternError, UnsupportedMediaType
from web import csv_text, openapi, operations
from web.answers import JSON

V = TypeVar("V", bound=Callable[..., Any])


class StrictParser(FlaskParser):
    """Parse bodies and query strings strictly.

    Unknown names are errors, and a wrong media type is told apart from a wrong body.
    """

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}

    def load_json(self, req: Request, schema: Any) -> Any:
        """Return the decoded body.

        Raises UnsupportedMediaType or BadRequest.
        """
        if getattr(schema, "BODY_IS_OPTIONAL", False) and not req.get_data(cache=True):
            return {}
        if req.mimetype != JSON:
            raise UnsupportedMediaType
        body = req.get_data(cache=True)
        if req.content_length is None and len(body) >= MAX_BODY_BYTES:
            # A body of unknown length is read up to the limit, and then it is cut off.
            raise RequestEntityTooLarge
        try:
            return current_app.json.loads(body)
        except ValueError:
            raise BadRequest("The body is not valid JSON.") from None

    def handle_error(self, error: ValidationError, *_args: Any, **_kwargs: Any) -> NoReturn:
        """Turn the messages of one location into errors by field."""
        messages = error.normalized_messages()
        by_field: dict[str, Any] = {}
        for location in messages.values():
            by_field |= _with_words_as_keys(location) if isinstance(location, dict) else {"_schema": location}
        raise Invalid(by_field)


def _with_words_as_keys(messages: dict[Any, Any]) -> dict[str, Any]:
    """Name the places in a list by words, because JSON has no other keys.

    For example `{"skills": {"0": …}}`.
    """
    return {str(key): _with_words_as_keys(it) if isinstance(it, dict) else it for key, it in messages.items()}


class ApiBlueprint(Blueprint):
    """A blueprint below `/api`, with our parser.

    A schema's EXAMPLE becomes that of the body.
    """

    ARGUMENTS_PARSER = StrictParser()

    def arguments(self, schema: Any, **kwargs: Any) -> Any:
        """Parse a body or a query string by `schema`, and hand it to the view.

        For a query string, `location` is "query".
        """
        if isinstance(schema, type):
            # One instance for all requests: to make one costs more than to parse with it.
            schema = schema()
        return super().arguments(schema, **({"example": getattr(schema, "EXAMPLE", None)} | kwargs))

    def response(self, status_code: int, schema: Any = None, *, cached: bool = False, **kwargs: Any) -> Any:
        """Say what a view answers.

        `cached` if it goes out with the headers of the cache.
        """
        decorate = super().response(status_code, schema, **kwargs)
        made = schema() if isinstance(schema, type) else schema
        table = csv_text.table_in(made if isinstance(made, Schema) else None) is not None
        return lambda view: note(decorate(view), **{operations.CACHED: cached, operations.TABLE: table})

    @staticmethod
    def raises(*errors: type[LecternError]) -> Callable[[V], V]:
        """Say which errors of its own a view raises.

        Those that many views have in common are known.
        """
        return lambda view: note(view, **{operations.RAISES: [error.slug for error in errors]})

    def _store_endpoint_docs(
        self, endpoint: str, obj: Callable[..., Any], parameters: Any, tags: Any, **options: Any
    ) -> None:
        """Name an operation after its view, unless it says another name.

        Generated clients call it so.
        """
        super()._store_endpoint_docs(endpoint, obj, parameters, tags, **options)
        for method, doc in self._docs[endpoint].items():
            if method != "parameters":
                doc["manual_doc"] = {"operationId": endpoint} | doc.get("manual_doc", {})


def note(view: V, **facts: Any) -> V:
    """Add facts about a view to what the OpenAPI document is made from."""
    doc = getattr(view, "_apidoc", {})
    view._apidoc = {**doc, "manual_doc": doc.get("manual_doc", {}) | facts}  # type: ignore[attr-defined]
    return view


class IdConverter(BaseConverter):
    """An id in a path: what cannot be one is simply not found."""

    regex = r"[1-9]\d{0,18}"

    def to_python(self, value: str) -> int:
        """Convert.

        Nothing has a number beyond 63 bits. (A rule that does not match would end in a 405.)
        """
        if int(value) > MAX_ID:
            raise NotFound
        return int(value)


def init_app(app: Flask) -> openapi.LazyApi:
    """Prepare `app` for API blueprints.

    Return what they are registered with.
    """
    app.config.update(
        API_TITLE="Lectern",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
        MAX_CONTENT_LENGTH=MAX_BODY_BYTES,
    )
    app.url_map.converters["id"] = IdConverter
    api = openapi.LazyApi(app, spec_kwargs=openapi.OPTIONS)
    api.register_converter(IdConverter, lambda _: openapi.ID)
    openapi.prepare(api)
    return api
