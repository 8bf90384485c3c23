"""Sessions of browsers: a signed cookie that names a sign-in."""

from __future__ import annotations

from flask import session
from flask_login import login_user, logout_user

from accounts.sign_in import service
from accounts.sign_in.cookies import BrowserUser
from accounts.sign_in.identity import current_viewer
from web.clock import now


def begin_session(who: int | service.Verified, *, new_device: str | None = None) -> None:
    """Sign a browser in, with a new session.

    With the name of a `new_device` the account's owner is told. Raises what `service.begin` does.
    """
    new = service.begin(who, now(), new_device=new_device)
    session.clear()
    session.permanent = True
    login_user(BrowserUser(new.credentials, int(new.expires_at.timestamp())))


def end_session() -> None:
    """End this browser's sign-in, at once and everywhere, and empty its session."""
    viewer = current_viewer()
    if viewer:
        service.end(viewer.credentials, now())
    logout_user()
    session.clear()
