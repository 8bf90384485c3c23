"""What the OpenAPI document says beyond the schemas: who may ask, and how errors look."""

from __future__ import annotations

from typing import Any

from apispec import APISpec
from marshmallow import fields

from database import MAX_ID
from web.fields import StrictSchema

BEARER, SESSION = "bearer", "session"
# Some answers depend on who asks, but nobody has to sign in for them.
ANYBODY: list[dict[str, list[str]]] = [{}, {BEARER: []}, {SESSION: []}]
ID: dict[str, Any] = {"type": "integer", "minimum": 1, "maximum": MAX_ID}

_PROBLEM = {
    "description": "A problem",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
}


class ConflictSchema(StrictSchema):
    """A lesson of a series that cannot be booked; `reason` is the word of the error that booking it alone raises."""

    starts_at = fields.AwareDateTime(required=True)
    reason = fields.String(required=True)


class ProblemSchema(StrictSchema):
    """An error, as RFC 9457 describes it."""

    type = fields.String(required=True, metadata={"description": "Its last part is a stable word."})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(metadata={"description": "Messages by field, for 422."})
    current = fields.String(metadata={"description": "The state that stands in the way, for `wrong-state`."})
    allowed = fields.List(fields.String(), metadata={"description": "The states that are possible from there."})
    conflicts = fields.List(
        fields.Nested(ConflictSchema), metadata={"description": "What is in the way, for `series-conflict`."}
    )


def add_security_schemes(spec: APISpec) -> None:
    """Say with what people sign in."""
    spec.components.security_scheme(BEARER, {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"})
    spec.components.security_scheme(SESSION, {"type": "apiKey", "in": "cookie", "name": "session"})


def complete(spec: APISpec) -> None:
    """Complete every operation; called when all blueprints are registered."""
    spec.components.schema("Problem", schema=ProblemSchema)
    for path in spec._paths.values():
        for method, operation in path.items():
            if method != "parameters":
                _complete(operation, method)
    # What flask-smorest has prepared for errors and pages of its own.
    spec.components.responses.clear()
    for name in ("Error", "PaginationMetadata"):
        spec.components.schemas.pop(name, None)


def _complete(operation: dict[str, Any], method: str) -> None:
    given = operation["responses"].items()
    operation["responses"] = {code: response for code, response in given if code.startswith("2")} | {
        "default": _PROBLEM
    }
    operation.setdefault("security", ANYBODY if method == "get" else [])
    for parameter in operation.get("parameters", []):
        _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> None:
    """Take back that a parameter may be null, which only means that it may be left out."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "default" in schema and schema["default"] is None:
        del schema["default"]
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
