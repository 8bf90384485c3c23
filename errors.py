"""Define the errors that get an answer of their own.

There is no HTTP in here: `web/errors.py` alone turns them into problem+json or a page.

LecternError
├── Unauthenticated          no user is signed in, or their credentials are not valid (any more)
│   ├── InvalidToken         the access token that was sent does not count (any more)
│   └── WrongCredentials     address and password do not belong together
├── Forbidden                signed in, but not allowed to do this
│   └── FormExpired          a change without the token of one of our own forms
├── NotFound                 unknown, or not visible to this user
├── Conflict                 the present state does not allow it
│   ├── EmailTaken
│   ├── SlotTaken            another lesson has this time
│   │   └── StudentBusy      it is the student who has another lesson then
│   ├── SlotUnavailable      this time is not offered
│   ├── SlotFree             this time can be booked, so there is no waiting
│   ├── NotAsSeen            what the user agreed to has changed since; carries what it is now
│   │   ├── PriceChanged     the price or the terms of a lesson
│   │   └── FeeChanged       what it costs to cancel a lesson
│   ├── TooManyOpen          too many of this user's requests are not answered yet
│   ├── TooManyGigs          this teacher has published too many already
│   ├── WaitlistFull         this student waits for too many lessons already
│   ├── SeriesConflict       lessons of a series cannot be booked; carries which, and why
│   ├── WrongState           carries the current state and what is allowed from there
│   ├── AlreadyReviewed
│   ├── RequestInFlight      the same Idempotency-Key is being worked on
│   └── Busy                 other changes were in the way for too long
├── Invalid                  a field's value is not acceptable; carries messages by field
├── UnsupportedMediaType
├── UnknownHost              asked under a name that is not this installation's
├── TooManyAttempts          carries the seconds to wait
└── Unavailable              the database does not answer, or takes no changes
    └── ConnectionLost       it ended the connection, so a new one may work at once
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
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


class Unauthenticated(LecternError):
    slug = "unauthenticated"
    title = "Please sign in"
    detail = "Nobody is signed in, or the sign-in is no longer valid."
    advice = "Exchange the refresh token for new tokens, or sign in again, and repeat the request."


class InvalidToken(Unauthenticated):
    """The access token that came with the request does not count (any more)."""


class WrongCredentials(Unauthenticated):
    slug = "wrong-credentials"
    title = "That did not match"
    detail = "This e-mail address and password do not belong together."
    advice = "Let the person type both once more. After some attempts there is a pause."


class Forbidden(LecternError):
    slug = "forbidden"
    title = "Not allowed"
    detail = "This account is not allowed to do that."
    advice = "Repeating it does not help: another account, or another role, has to do this."


class FormExpired(Forbidden):
    """A change came without the token of one of our own forms."""

    # A cookie also comes with requests that other sites make, so it is not enough for a change.

    slug = "csrf"
    title = "This form has expired"
    detail = "Please go back, load the page again and repeat what you did."
    advice = "Send the token of the session in the header `X-CSRF-Token`, or use a bearer token instead of the cookie."


class NotFound(LecternError):
    slug = "not-found"
    title = "Not found"
    detail = "There is nothing here, or it is not yours to see."
    advice = "Check the address and the ids. What is private is not found by others, so sign in as who may see it."


class Conflict(LecternError):
    slug = "conflict"
    title = "That is no longer possible"
    detail = "The present state does not allow this."
    advice = "Read the thing again: it has changed, or somebody was faster. Then decide anew."


class EmailTaken(Conflict):
    slug = "email-taken"
    title = "This address has an account already"
    detail = "An account with this e-mail address exists already."
    advice = "Sign in with this address, or register another one."


class SlotTaken(Conflict):
    slug = "slot-taken"
    title = "This time is taken"
    detail = "Another lesson of the teacher or the student overlaps with this time."
    advice = "Ask for the teacher's free slots again and choose another time, or wait for this one on the waitlist."


class StudentBusy(SlotTaken):
    detail = "Another lesson of the student overlaps with this time."


class SlotUnavailable(Conflict):
    slug = "slot-unavailable"
    title = "This time is not offered"
    detail = "The teacher does not offer this time."
    advice = "Choose one of the teacher's free slots: only those can be booked."


class SlotFree(Conflict):
    slug = "slot-free"
    title = "This time is free"
    detail = "Nobody has to wait for this time: it can be booked now."
    advice = "Book the lesson instead of waiting for it."


class NotAsSeen(Conflict):
    """What the user agreed to has changed to what is in `current`."""

    carries = ("current",)

    def __init__(self, current: Mapping[str, Any]) -> None:
        super().__init__()
        self.current = dict(current)


class PriceChanged(NotAsSeen):
    slug = "price-changed"
    title = "The price or the terms have changed"
    detail = "The price or the terms have changed since they were shown. Nothing was changed."
    advice = "Show the price and the terms in `current`, and ask again with those if they are agreed to."


class FeeChanged(NotAsSeen):
    slug = "fee-changed"
    title = "The fee has changed"
    detail = "What this costs has changed since it was shown. Nothing was changed."
    advice = "Show the fee in `current`, and repeat the change with it if it is agreed to."


class TooManyOpen(Conflict):
    slug = "too-many-open"
    title = "Many lessons wait for an answer already"
    detail = "Please wait until some of these requests have been answered, or take some back."
    advice = "List the pending bookings: wait for answers, or cancel what is not needed any more."


class TooManyGigs(Conflict):
    slug = "too-many-gigs"
    title = "You have published many gigs already"
    detail = "Please pause or archive another gig first."
    advice = "List your published gigs, and pause or archive one of them."


class WaitlistFull(Conflict):
    slug = "waitlist-full"
    title = "You wait for many lessons already"
    detail = "Please leave another waitlist first."
    advice = "List your waitlist entries, leave one of them, and join again."


class SeriesConflict(Conflict):
    """Some lessons cannot be booked: `conflicts` has their starts, and words for why."""

    slug = "series-conflict"
    title = "Not all of these lessons are possible"
    detail = "At least one of these lessons cannot be booked, so none was."
    carries = ("conflicts",)
    advice = "`conflicts` lists what is in the way. Book with `on_conflict` `skip`, or begin at another time."

    def __init__(self, conflicts: Sequence[tuple[datetime, str]]) -> None:
        super().__init__()
        self.conflicts = [{"starts_at": starts_at, "reason": reason} for starts_at, reason in conflicts]


class WrongState(Conflict):
    """From the `current` state only what `allowed` lists is possible."""

    slug = "wrong-state"
    title = "That is no longer possible"
    carries = ("current", "allowed")
    advice = "`current` is the state as it is now, `allowed` what is possible from there. Read the thing again."

    def __init__(self, detail: str, *, current: str, allowed: Sequence[str] = ()) -> None:
        super().__init__(detail)
        self.current = current
        self.allowed = list(allowed)


class AlreadyReviewed(Conflict):
    slug = "already-reviewed"
    title = "This lesson has been reviewed"
    detail = "A lesson is reviewed once."
    advice = "Show the review that is there."


class RequestInFlight(Conflict):
    slug = "request-in-flight"
    title = "The same request is being worked on"
    detail = "A request with this Idempotency-Key has not been answered yet."
    advice = "Wait a moment and send the same request with the same key again: it gets the first one's answer."


class Busy(Conflict):
    slug = "busy"
    title = "Many people are doing this right now"
    detail = "Other changes were in the way. Nothing was changed; please try again."
    advice = "Send the same request again after a moment."
    retry_after = 1


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


class TooManyAttempts(LecternError):
    """Carries the seconds to wait in `retry_after`."""

    slug = "too-many-attempts"
    title = "Too many attempts"
    detail = "Please wait a little before trying again."
    advice = "Wait as many seconds as `Retry-After` says before you try again."

    def __init__(self, retry_after: int, detail: str | None = None) -> None:
        super().__init__(detail)
        self.retry_after = retry_after


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
