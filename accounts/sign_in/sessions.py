"""Sessions of browsers: a signed cookie that names a sign-in."""

from __future__ import annotations

from flask import request, session
from flask_login import login_user, logout_user

from accounts.sign_in import known_browsers, service
from accounts.sign_in.cookies import BrowserUser
from accounts.sign_in.devices import device_name
from accounts.sign_in.identity import current_viewer
from web.clock import now
from web.ratelimits import may_tell_of_device


def begin_session(who: int | service.Verified, *, new_device: str | None = None) -> None:
    """Sign a browser in, with a new session.

    With the name of a `new_device` the account's owner is told. Raises what `service.begin` does.
    """
    new = service.begin(who, now(), new_device=new_device)
    session.clear()
    session.permanent = True
    login_user(BrowserUser(new.credentials, int(new.expires_at.timestamp())))


def sign_browser_in(verified: service.Verified, email: str) -> None:
    """Sign a browser in that has shown all that is asked for, and know it from now on.

    The owner is told of a new one. Raises what `service.begin` does.
    """
    is_news = known_browsers.recognise(email) is None and may_tell_of_device(verified.user_id)
    begin_session(verified, new_device=device_name(request.user_agent.string) if is_news else None)
    known_browsers.remember(email)


def end_session() -> None:
    """End this browser's sign-in, at once and everywhere, and empty its session."""
    viewer = current_viewer()
    if viewer:
        service.end(viewer.credentials, now())
    logout_user()
    session.clear()
