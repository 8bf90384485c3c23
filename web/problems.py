"""Say what each kind of problem means, for pages and the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from werkzeug.exceptions import HTTPException, default_exceptions

from errors import LecternError
from jsontext import JsonObject
from web.errors import TYPE_PREFIX, http_slug, status_of

# What HTTP itself has a name for, and happens.
USUAL = ("bad-request", "method-not-allowed", "request-entity-too-large", "internal-server-error")
# What an answer says beyond the four things that all of them say.
_MORE: dict[str, JsonObject] = {
    "invalid": {"errors": {"title": ["Use 3 to 120 characters."]}},
    "wrong-state": {"current": "cancelled", "allowed": []},
    "price-changed": {
        "current": {
            "price_cents": 3300,
            "currency": "EUR",
            "duration_minutes": 45,
            "free_cancellation_hours": 24,
            "late_cancellation_percent": 50,
        }
    },
    "fee-changed": {"current": {"fee_cents": 1650}},
    "draft-conflict": {
        "current": {"version": 3, "fields": {"title": "Piano for begin"}, "saved_at": "2027-02-28T16:00:00Z"}
    },
    "series-conflict": {"conflicts": [{"starts_at": "2027-03-01T16:00:00Z", "reason": "slot-taken"}]},
}
_REPAIR = "The request itself has to be changed, as the title says, before it is sent again."
_WAIT = "It is not the client's fault. Send the request again after a while."


@dataclass(frozen=True, slots=True)
class Problem:
    """A kind of problem: its word, its status, and what can be said of it in general."""

    slug: str
    status: int
    title: str
    detail: str
    advice: str

    @property
    def type(self) -> str:
        """Return what answers have as `type`: the path of the page about it."""
        return TYPE_PREFIX + self.slug

    def example(self) -> JsonObject:
        """Return such a problem as an answer has it."""
        about = {"type": self.type, "title": self.title, "status": self.status, "detail": self.detail}
        return about | _MORE.get(self.slug, {})


@cache
def known() -> dict[str, Problem]:
    """Return every kind of problem by its word.

    Ours come in the order of their tree, then those of HTTP.
    """
    ours = {error.slug: _ours(error) for error in _tree(LecternError)}
    return {http_slug(error().name): _of_http(error) for error in default_exceptions.values()} | ours


def listed() -> list[Problem]:
    """Return the problems that can be expected, by status."""
    expected = [problem for slug, problem in known().items() if slug in USUAL or slug in _own_slugs()]
    return sorted(expected, key=lambda problem: problem.status)


def _own_slugs() -> set[str]:
    return {error.slug for error in _tree(LecternError)}


def _tree(error: type[LecternError]) -> Iterator[type[LecternError]]:
    """Walk a class and those below it.

    Of several with one word the highest comes last, and its words count.
    """
    for below in error.__subclasses__():
        yield from _tree(below)
    yield error


def _ours(error: type[LecternError]) -> Problem:
    return Problem(error.slug, status_of(error), error.title, error.detail, error.advice)


def _of_http(error: type[HTTPException]) -> Problem:
    status, made = error.code or 500, error()
    return Problem(
        http_slug(made.name), status, made.name, made.description or made.name, _REPAIR if status < 500 else _WAIT
    )
