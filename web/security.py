"""Protect readers: headers of every answer, and strict cookies."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import timedelta

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import URLSafeTimedSerializer
from werkzeug.middleware.proxy_fix import ProxyFix

from config import Settings

# Pages load nothing from other hosts and run no script from within the page.
_POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors "
)
CONTENT_SECURITY_POLICY = f"{_POLICY}'none'"
HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
}


class SessionInterface(SecureCookieSessionInterface):
    """Flask's signed cookie, as strict as the connection allows.

    It is marked Secure if the request came over TLS, and then has a name that says so.
    """

    def __init__(self) -> None:
        """Begin without a serializer."""
        self._serializer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer, which is made once.

        The secret stays, and to make one takes longer than to sign.
        """
        if self._serializer is None:
            self._serializer = super().get_signing_serializer(app)
        return self._serializer

    def get_cookie_name(self, app: Flask) -> str:
        """Return the cookie's name for this request."""
        return cookie_name(super().get_cookie_name(app), secure=request.is_secure)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the cookie may only travel over TLS."""
        return request.is_secure


def cookie_name(name: str, *, secure: bool) -> str:
    """Return a cookie's name.

    Over TLS it is one that browsers let no other host of the same domain set.
    """
    return f"__Host-{name}" if secure else name


def init_app(app: Flask, settings: Settings) -> None:
    """Set up cookies and headers."""
    app.config.update(
        SECRET_KEY=settings.secret_key,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(days=30),
        # Forms check their own token; the API asks for one where a cookie signs somebody in.
        WTF_CSRF_CHECK_DEFAULT=False,
        WTF_CSRF_TIME_LIMIT=None,
    )
    app.session_interface = SessionInterface()


def trust_proxies(app: Flask, settings: Settings) -> None:
    """Learn from trusted proxies where requests really come from, before anything else looks at them."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def allow_frames(origins: Collection[str]) -> None:
    """Let these websites show the answer to this request in a frame of theirs.

    An error that comes later is still shown in none.
    """
    g.framed_by = " ".join(origins)


def _headers() -> Mapping[str, str]:
    """Return the headers of this request's answer."""
    framed_by = g.get("framed_by")
    if not framed_by:
        return HEADERS
    # X-Frame-Options cannot name websites, and browsers that know no `frame-ancestors` are older than ten years.
    others = {name: value for name, value in HEADERS.items() if name != "X-Frame-Options"}
    return others | {"Content-Security-Policy": _POLICY + framed_by}


def protect(response: Response) -> Response:
    """Add to an answer what protects its reader."""
    for name, value in (HEADERS if response.status_code >= 400 else _headers()).items():
        response.headers.setdefault(name, value)
    if "Cache-Control" not in response.headers:
        # A page for somebody who is signed in stays with them; static files have set their own.
        response.headers["Cache-Control"] = "no-store"
    return response
