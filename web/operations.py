"""Complete operations of the OpenAPI document beyond their schemas.

That is who may ask, headers, and what can go wrong. Most of it follows from what is known already: an operation with a
body can be sent a malformed one, and so on. Views only name what is their own (`ApiBlueprint.raises`,
`response(cached=True)`, `signed_in`).
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from apispec import APISpec

from jsontext import JsonObject
from web.csv_text import MEDIA_TYPE
from web.problems import Problem, known

Operation = JsonObject

# Facts about a view on their way into the document, where they become sentences, answers and headers.
ROLES, RAISES, CACHED, TABLE = "x-roles", "x-raises", "x-cached", "x-table"

BEARER, SESSION, CSRF = "bearer", "session", "csrf"
SECURITY_SCHEMES: dict[str, JsonObject] = {
    BEARER: {"type": "http", "scheme": "bearer", "bearerFormat": "JWT", "description": "The access token."},
    SESSION: {
        "type": "apiKey",
        "in": "cookie",
        "name": "session",
        "description": "A browser's session; over TLS the cookie is called `__Host-session`.",
    },
    CSRF: {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "The token of the session's forms; a change needs it where a cookie signs in.",
    },
}
# Some answers depend on who asks, but nobody has to sign in for them.
ANYBODY: list[dict[str, list[str]]] = [{}, {BEARER: []}, {SESSION: []}]

_TEXT = {"type": "string"}
HEADERS: dict[str, JsonObject] = {
    "X-Cache": {
        "description": "Where the answer came from.",
        "schema": {"type": "string", "enum": ["HIT", "MISS", "BYPASS"]},
    },
    "ETag": {"description": "Send it back in `If-None-Match`: while it holds, the answer is a 304.", "schema": _TEXT},
    "Cache-Control": {"description": "Who may keep the answer, and how long.", "schema": _TEXT},
    "Vary": {"description": "What the answer depends on besides the address.", "schema": _TEXT},
    "Idempotency-Replayed": {
        "description": "There if this is the first request's answer once more.",
        "schema": {"type": "string", "const": "true"},
    },
    "WWW-Authenticate": {
        "description": 'With `error="invalid_token"` if the access token that was sent does not count.',
        "schema": _TEXT,
    },
    "Retry-After": {"description": "The seconds to wait.", "schema": {"type": "string", "pattern": "^[0-9]+$"}},
}
CSV_PARAMETER: JsonObject = {
    "in": "query",
    "name": "format",
    "description": "All pages as one CSV file, as with `Accept: text/csv`.",
    "schema": {"type": "string", "enum": ["csv"]},
}
_CACHE_HEADERS = ("X-Cache", "ETag", "Cache-Control", "Vary")
_HEADERS_OF = {401: ("WWW-Authenticate",), 429: ("Retry-After",)}
_READS = ("get", "head")


def complete(spec: APISpec, operation: Operation, method: str, *, in_path: bool) -> None:
    """Complete an operation.

    `in_path` tells whether its path has parameters.
    """
    roles, raised, cached, table = (operation.pop(fact, None) for fact in (ROLES, RAISES, CACHED, TABLE))
    operation["security"] = _security(operation, method)
    operation["description"] = _description(operation, roles or [])
    for parameter in operation.get("parameters", []):
        _without_null(parameter["schema"])
    _add_headers(operation, bool(cached))
    if table and method == "get":
        _add_csv(operation)
    problems = {known()[slug] for slug in (*_general(operation, method, roles or [], in_path), *(raised or []))}
    answers = {code: answer for code, answer in operation["responses"].items() if code[0] in "23"}
    for status, group in groupby(sorted(problems, key=_by_status), key=lambda problem: problem.status):
        answers[str(status)] = _answer(spec, status, list(group))
    operation["responses"] = answers | {"default": _any_other(spec)}


def _security(operation: Operation, method: str) -> list[dict[str, list[str]]]:
    given: list[dict[str, list[str]]] = operation.get("security", ANYBODY if method in _READS else [])
    if method in _READS:
        return given
    return [schemes | ({CSRF: []} if SESSION in schemes else {}) for schemes in given]


def _description(operation: Operation, roles: list[str]) -> str:
    security = operation["security"]
    if not security:
        who = "Anybody may ask; no sign-in is looked at."
    elif {} in security:
        who = "Nobody has to sign in, but who does may see more."
    else:
        who = f"For every signed-in {' or '.join(roles) or 'person'}."
    return "\n\n".join(filter(None, (operation.get("description"), who)))


def _general(operation: Operation, method: str, roles: list[str], in_path: bool) -> Iterable[str]:
    """Name the problems that follow from what an operation takes and who may ask."""
    # Every query may be no UTF-8, and have parameters that nobody knows.
    yield from ("bad-request", "invalid")
    if "requestBody" in operation:
        yield from ("request-entity-too-large", "unsupported-media-type")
    if operation["security"]:
        yield "unauthenticated"
    if roles:
        yield "forbidden"
    if method not in _READS:
        yield from ("busy", "csrf", "forbidden") if operation["security"] else ("busy",)
    if in_path:
        yield "not-found"
    if _is_idempotent(operation):
        yield "request-in-flight"


def _is_idempotent(operation: Operation) -> bool:
    return any(parameter["name"] == "Idempotency-Key" for parameter in operation.get("parameters", []))


def _add_headers(operation: Operation, cached: bool) -> None:
    names = [*(_CACHE_HEADERS if cached else ["Cache-Control"])]
    names += ["Idempotency-Replayed"] if _is_idempotent(operation) else []
    for answer in operation["responses"].values():
        answer["headers"] = _headers(names)
    if cached:
        operation["responses"]["304"] = {"description": "What you have still holds.", "headers": _headers(names)}


def _add_csv(operation: Operation) -> None:
    """Say that the list can be had as CSV, too."""
    operation["parameters"] = [*operation.get("parameters", []), CSV_PARAMETER]
    operation["responses"]["200"]["content"][MEDIA_TYPE] = {"schema": {"type": "string"}}


def _headers(names: Iterable[str]) -> JsonObject:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _answer(spec: APISpec, status: int, problems: list[Problem]) -> dict[str, str]:
    """Return a reference to the answer that names these problems."""
    name = "-or-".join(problem.slug for problem in problems)
    examples = {problem.slug: {"summary": problem.title, "value": problem.example()} for problem in problems}
    content = {"schema": {"$ref": "#/components/schemas/Problem"}, "examples": examples}
    return _shared(
        spec,
        name,
        {
            "description": ", or: ".join(problem.title for problem in problems),
            "headers": _headers(("Cache-Control", *_HEADERS_OF.get(status, ()))),
            "content": {"application/problem+json": content},
        },
    )


def _any_other(spec: APISpec) -> dict[str, str]:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return _shared(spec, "problem", {"description": "Any other problem", "content": content})


def _shared(spec: APISpec, name: str, answer: JsonObject) -> dict[str, str]:
    spec.components.responses.setdefault(name, answer)
    return {"$ref": f"#/components/responses/{name}"}


def _by_status(problem: Problem) -> tuple[int, str]:
    return problem.status, problem.slug


def _without_null(schema: JsonObject) -> None:
    """Take back that a parameter may be null: it may be left out."""
    if isinstance(schema.get("type"), list):
        schema["type"] = next(kind for kind in schema["type"] if kind != "null")
    if "default" in schema and schema["default"] is None:
        del schema["default"]
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
