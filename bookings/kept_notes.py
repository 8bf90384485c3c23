"""The note to a lesson, kept in a cookie until the lesson is asked for.

Its owner may sign in first, or look at the dates of a series. In an address it would stay in histories, and in the
logs of every proxy on the way.
"""

from __future__ import annotations

from datetime import timedelta
from typing import cast

from flask import Response, after_this_request, current_app, request
from flask_login import user_logged_out
from itsdangerous import BadSignature, URLSafeTimedSerializer

KEPT_FOR = timedelta(hours=1)
# Browsers take 4,096 bytes for one cookie with its name; the longest note, compressed as badly as can be, needs three.
_COOKIES = ("note", "note-2", "note-3")
_LONGEST = 3800
_WHERE = "/gigs"


def keep(gig_id: int, note: str) -> None:
    """Keep the note to a lesson of this gig, instead of any other.

    An empty one is as good as none.
    """
    text = str(_serializer().dumps([gig_id, note])) if note else ""

    @after_this_request
    def write(response: Response) -> Response:
        for number, name in enumerate(_COOKIES):
            if part := text[number * _LONGEST : (number + 1) * _LONGEST]:
                _set(response, name, part)
            elif name in request.cookies:
                response.delete_cookie(name, path=_WHERE)
        return response


@user_logged_out.connect
def _forget(_app: object, **_: object) -> None:
    """Keep no note of a user who signs out.

    Browsers do not send the cookie there, so each part is deleted.
    """

    @after_this_request
    def write(response: Response) -> Response:
        for name in _COOKIES:
            response.delete_cookie(name, path=_WHERE)
        return response


def kept(gig_id: int) -> str:
    """Return the note that was kept for this gig.

    Empty if there is none, or only one that is too old.
    """
    text = "".join(request.cookies.get(name, "") for name in _COOKIES)
    try:
        kept_for, note = _serializer().loads(text, max_age=int(KEPT_FOR.total_seconds())) if text else (gig_id, "")
    except BadSignature:
        return ""
    return cast(str, note) if kept_for == gig_id else ""


def _set(response: Response, name: str, text: str) -> None:
    response.set_cookie(
        name, text, max_age=KEPT_FOR, path=_WHERE, secure=request.is_secure, httponly=True, samesite="Lax"
    )


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), "the note to a lesson")
