"""Tokens of mails, as pages take them.

A link from a mail has its token in the address. The page keeps the token in the reader's own cookie and leads on to an
address without it, so that neither what the page loads nor where it leads to can learn the token.
"""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, request, session
from werkzeug.wrappers import Response

from errors import LinkExpired


@dataclass(frozen=True, slots=True)
class KeptToken:
    """Where a token waits for the button: the cookie is signed, and no script can read it."""

    name: str

    def keep(self) -> Response | None:
        """Keep the token that stands in the address, and lead on to the address without it.

        None if there is nothing to keep.
        """
        if request.method == "POST" or "token" not in request.args:
            return None
        session[self.name] = request.args["token"][:200]
        response = redirect(request.path)
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["Cache-Control"] = "no-store"
        return response

    def read(self) -> str:
        """Return the token that was kept.

        Raises LinkExpired without one: that is a program that keeps no cookies, and no attempt to find a token.
        """
        if (token := self.peek()) is None:
            raise LinkExpired
        return token

    def peek(self) -> str | None:
        """Return the token that was kept, None without one."""
        token: str | None = session.get(self.name)
        return token

    def forget(self) -> None:
        """Keep it no longer."""
        session.pop(self.name, None)
