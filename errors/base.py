"""Define the base of all errors, and what can be wrong with any request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class LecternError(Exception):
    """Base of all of these.

    `slug` is the word that a program can rely on, `advice` what the page about the error says that a client can do.
    """

    slug = "error"
    title = "Something went wrong"
    detail = "This request could not be fulfilled."
    advice = "Look at `detail`, and change the request before you send it again."
    # After how many seconds the same may work, where that can be said.
    retry_after: int | None = None
    # Attributes that a program gets beside the sentence.
    carries: tuple[str, ...] = ()

    def __init__(self, detail: str | None = None) -> None:
        if detail is not None:
            self.detail = detail
        super().__init__(self.detail)

    def extra(self) -> dict[str, Any]:
        """Return the fields of the answer that only errors of this class have."""
        return {name: getattr(self, name) for name in self.carries}


class NotFound(LecternError):
    slug = "not-found"
    title = "Not found"
    detail = "There is nothing here, or it is not yours to see."
    advice = "Check the address and the ids. What is private is not found by others, so sign in as who may see it."


class Invalid(LecternError):
    """A value is not acceptable: `errors` has the messages by field."""

    slug = "invalid"
    title = "Please check what was entered"
    detail = "At least one value is not acceptable."
    carries = ("errors",)
    advice = "`errors` has the messages by field. Correct these fields and send the request again."

    def __init__(self, errors: Mapping[str, Any], detail: str | None = None) -> None:
        super().__init__(detail)
        self.errors = dict(errors)


class UnsupportedMediaType(LecternError):
    slug = "unsupported-media-type"
    title = "Unsupported media type"
    detail = "Send application/json."
    advice = "Send the body as JSON, with the header `Content-Type: application/json`."


class UnknownHost(LecternError):
    slug = "unknown-host"
    title = "Lectern is not known under this name"
    detail = "If you run it, add the name that stands in the address to the setting TRUSTED_HOSTS."
    advice = "Use the name by which its operator makes Lectern known."


class Unavailable(LecternError):
    slug = "unavailable"
    title = "This is not possible at the moment"
    detail = "The database does not answer. Please try again in a moment."
    advice = (
        "Wait as many seconds as `Retry-After` says, then send the same request again, best with an Idempotency-Key."
    )
    retry_after = 5


class ConnectionLost(Unavailable):
    detail = "The connection to the database was lost. Please try again."
    retry_after = 1
