"""The OpenAPI document: when it is made, and what it says of the API as a whole."""

from __future__ import annotations

import threading
from typing import Any

from apispec import APISpec
from flask import Flask
from flask_smorest import Api, Blueprint
from marshmallow import fields

from database import MAX_ID
from jsontext import JsonObject
from web import operations
from web.fields import StrictSchema

ID: JsonObject = {"type": "integer", "minimum": 1, "maximum": MAX_ID}
# Paths are relative to wherever the document was found, so it is right behind every name and proxy.
OPTIONS: JsonObject = {
    "info": {
        "description": "Book lessons, and see the same truth as everyone.",
        "contact": {"name": "Whoever runs this installation"},
        "license": {"name": "All rights reserved", "identifier": "LicenseRef-All-rights-reserved"},
    },
    "servers": [{"url": "/", "description": "This installation"}],
}


class ConflictSchema(StrictSchema):
    """A lesson of a series that cannot be booked.

    `reason` is the word of the error that booking it alone raises.
    """

    starts_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)


class ProblemSchema(StrictSchema):
    """An error, as RFC 9457 describes it."""

    type = fields.String(
        required=True,
        metadata={"format": "uri-reference", "description": "A page about it; its last part is a stable word."},
    )
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(metadata={"description": "Messages by field, for 422."})
    current = fields.Raw(
        metadata={"description": "For `wrong-state` the state that stands in the way, else what was seen as it is now."}
    )
    allowed = fields.List(fields.String(), metadata={"description": "The states that are possible from there."})
    conflicts = fields.List(
        fields.Nested(ConflictSchema), metadata={"description": "What is in the way, for `series-conflict`."}
    )
    booking_ids = fields.List(fields.Integer(), metadata={"description": "The lessons that are in the way."})
    open_cents = fields.Integer(metadata={"description": "For `overpaid`, what is open."})
    refundable_cents = fields.Integer(metadata={"description": "For `over-refunded`, what is left."})
    credit_cents = fields.Integer(metadata={"description": "For `credit-too-small`, how much there is."})


class LazyApi(Api):
    """flask-smorest without its error pages.

    The document is made when a client asks for it. `web/errors.py` answers errors for the whole program. To make the
    document takes as long as all else at the start.
    """

    def __init__(self, app: Flask, **options: Any) -> None:
        """Add the endpoint that serves the document of `app`."""
        self._lock = threading.RLock()
        self._undocumented: list[Blueprint] = []
        self._documenting = False
        super().__init__(app, **options)

    def register_blueprint(self, blueprint: Blueprint, **_: Any) -> None:
        """Add a blueprint's endpoints to the application, and later to the document."""
        self._app.extensions["flask-smorest"]["blp_name_to_api"][blueprint.name] = self
        self._app.register_blueprint(blueprint)
        self._undocumented.append(blueprint)

    @property
    def spec(self) -> APISpec:
        """Return the document, complete.

        While it is being made, as far as it has come.
        """
        with self._lock:
            if self._undocumented and not self._documenting:
                self._documenting = True
                try:
                    self._document_all()
                finally:
                    self._documenting = False
            return self._spec

    @spec.setter
    def spec(self, spec: APISpec) -> None:
        """Begin a document.

        The library sets None before it knows for whom.
        """
        self._spec = spec

    def _document_all(self) -> None:
        for blueprint in self._undocumented:
            blueprint.register_views_in_doc(self, self._app, self._spec, name=blueprint.name, parameters=None)
            self._spec.tag({"name": blueprint.name, "description": blueprint.description})
        _complete_all(self._spec)
        # Only now: after a failure the next one to ask gets the same error, and not half a document.
        self._undocumented = []

    def _register_error_handlers(self) -> None:
        return

    def _register_responses(self) -> None:
        # The library prepares one for each status of HTTP, and the document says of each error what it looks like here.
        return


def prepare(api: LazyApi) -> None:
    """Say with what people sign in, and how paths and constants are described."""
    for name, scheme in operations.SECURITY_SCHEMES.items():
        api.spec.components.security_scheme(name, scheme)
    api.ma_plugin.converter.add_attribute_function(_constant)


def _complete_all(spec: APISpec) -> None:
    spec.components.schema("Problem", schema=ProblemSchema)
    # What flask-smorest has prepared for pages of its own.
    spec.components.schemas.pop("PaginationMetadata", None)
    for path in spec._paths.values():
        in_path = bool(path.get("parameters"))
        for method, operation in path.items():
            if method != "parameters":
                operations.complete(spec, operation, method, in_path=in_path)
    spec.components.headers.update(operations.HEADERS)


def _constant(_converter: object, field: fields.Field[Any], **_: Any) -> JsonObject:
    """Say of a field that only one value will do.

    The library leaves this word of JSON Schema out.
    """
    return {"const": field.metadata["const"]} if "const" in field.metadata else {}
