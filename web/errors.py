"""Turn errors into answers, here and nowhere else.

Below `/api` they are problem+json, elsewhere a page.
"""

from __future__ import annotations

import logging

from flask import Flask, Response, redirect, render_template, request, url_for
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, InternalServerError
from werkzeug.wrappers import Response as AnyResponse

from errors import (
    Conflict,
    Forbidden,
    FormExpired,
    Invalid,
    InvalidToken,
    LecternError,
    NotFound,
    TooManyAttempts,
    TwoFactorMissing,
    Unauthenticated,
    Unavailable,
    UnsupportedMediaType,
)
from jsontext import JsonObject, dumps
from web.answers import wants_json

logger = logging.getLogger(__name__)

# The first base class that matches decides.
STATUS_OF: dict[type[LecternError], int] = {
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    UnsupportedMediaType: 415,
    Invalid: 422,
    TooManyAttempts: 429,
    Unavailable: 503,
    LecternError: 400,
}
TYPE_PREFIX = "/problems/"
# What people type has so many words at least; names of statuses and days have fewer.
WORDS_OF_A_TEXT = 4


def init_app(app: Flask) -> None:
    """Register the handlers."""
    app.register_error_handler(LecternError, _domain_error)
    app.register_error_handler(CSRFError, _csrf_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _bug)


def status_of(error: type[LecternError]) -> int:
    """Return the status that an error of this class is answered with."""
    return next(status for base, status in STATUS_OF.items() if issubclass(error, base))


def in_short(error: LecternError | None) -> JsonObject:
    """Describe one of several results as the answer that it alone would have got."""
    return {"status": status_of(type(error)), "type": TYPE_PREFIX + error.slug} if error else {"status": 200}


def http_slug(name: str) -> str:
    """Make the stable word of an error that HTTP itself has a name for."""
    return name.lower().replace(" ", "-")


def _domain_error(error: LecternError) -> AnyResponse:
    status = status_of(type(error))
    if status == 401 and not wants_json():
        return redirect(
            url_for("account_pages.sign_in", next=request.full_path.rstrip("?") if request.method == "GET" else None)
        )
    if isinstance(error, TwoFactorMissing) and not wants_json():
        return redirect(url_for("two_factor_pages.show"))
    response = _answer(status, error.slug, error.title, error.detail, error.extra())
    if status == 401:
        response.headers["WWW-Authenticate"] = _challenge(error)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    return response


def _challenge(error: LecternError) -> str:
    """Name the scheme as RFC 6750 has it.

    There is an error only where a token was sent, and never a scheme without a parameter.
    """
    scheme = 'Bearer realm="Lectern"'
    return f'{scheme}, error="invalid_token"' if isinstance(error, InvalidToken) else scheme


def _csrf_error(_error: CSRFError) -> AnyResponse:
    return _domain_error(FormExpired())


def _http_error(error: HTTPException) -> AnyResponse:
    if error.code is None or error.code < 400:
        return error.get_response()
    response = _answer(error.code, http_slug(error.name), error.name, error.description or error.name, {})
    for name, value in error.get_headers():
        if name.lower() in ("allow", "retry-after"):
            response.headers[name] = value
    return response


def _bug(error: Exception) -> AnyResponse:
    """Answer for an error that nobody expected.

    Its details go to the log alone.
    """
    logger.exception("Unhandled error on %s %r", request.method, request.path, exc_info=error)
    return _http_error(InternalServerError("Something broke on our side. It has been noted."))


def _answer(status: int, slug: str, title: str, detail: str, extra: JsonObject) -> Response:
    if wants_json():
        problem = {"type": TYPE_PREFIX + slug, "title": title, "status": status, "detail": detail, **extra}
        response = Response(dumps(problem), status, mimetype="application/problem+json")
    else:
        words = {"title": title, "detail": detail, "typed": _typed_texts()}
        response = Response(render_template("errors/error.html", slug=slug, status=status, **words), status)
    response.headers["Cache-Control"] = "no-store"
    return response


def _typed_texts() -> list[str]:
    """Return the texts in a form that could not be taken, so that its page gives them back.

    A browser that goes back may have forgotten them. Passwords stay out.
    """
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:  # the form itself could not be read
        return []
    return [text for name, text in fields if "password" not in name and len(text.split()) >= WORDS_OF_A_TEXT]
