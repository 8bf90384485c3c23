"""Define the errors about the present state, which does not allow something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from errors.base import LecternError


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


class AlreadyInvited(Conflict):
    slug = "already-invited"
    title = "This address is invited already"
    detail = "An invitation to this address waits already. Send it again, or withdraw it first."
    advice = (
        "Find it with GET `/api/admin/invitations`, and send it again with POST `/api/admin/invitations/{id}/resend`."
    )


class TwoFactorState(Conflict):
    slug = "two-factor-state"
    title = "Two-factor sign-in is not in that state"
    detail = "It is on already, it is off, or no key waits for its first code."
    advice = "Ask for the present state with GET `/api/users/me/two-factor`."


class LastAdministrator(Conflict):
    slug = "last-administrator"
    title = "This is the last administrator"
    detail = "Nobody else could give roles any more."
    advice = "Make another person an administrator first."


class SlotTaken(Conflict):
    slug = "slot-taken"
    title = "This time is taken"
    detail = "Another lesson of the teacher or the student overlaps with this time."
    advice = "Ask for the teacher's free slots again and choose another time, or wait for this one on the waitlist."


class StudentBusy(SlotTaken):
    detail = "Another lesson of the student overlaps with this time."


class SessionsTaken(SlotTaken):
    """Sessions cannot be set: `conflicts` has the starts at which the teacher has something else.

    Their days can be left out (`except`).
    """

    detail = "You have something else at one of these times, so nothing was changed."
    carries = ("conflicts",)

    def __init__(self, taken: Sequence[datetime]) -> None:
        super().__init__()
        self.conflicts = [{"starts_at": starts_at, "reason": SlotTaken.slug} for starts_at in taken]
        if len(taken) > 1:
            self.detail = f"You have something else at {len(taken)} of these times, so nothing was changed."


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


class DraftConflict(NotAsSeen):
    slug = "draft-conflict"
    title = "This was changed somewhere else, too"
    detail = "Another page has saved what was typed there since this version. Nothing was changed."
    advice = "Compare with `current`, choose what is to stay, and save it with the version in `current`."


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


class TooManySchedules(Conflict):
    slug = "too-many-schedules"
    title = "You have many schedules already"
    detail = "Please change one of your schedules, or delete one first."
    advice = "List your schedules, and delete one that no gig uses, or change one."


class DefaultSchedule(Conflict):
    slug = "default-schedule"
    title = "This schedule stays"
    detail = "Gigs for which no schedule was chosen use this one, so it cannot be deleted."
    advice = "Change its hours instead, or give the gigs other schedules."


class ScheduleInUse(Conflict):
    slug = "schedule-in-use"
    title = "Gigs use this schedule"
    detail = "At least one gig uses this schedule, so it cannot be deleted."
    advice = "Give the gigs that have this `schedule_id` another one first; archived gigs count as well."


class TooManyBlocks(Conflict):
    slug = "too-many-blocks"
    title = "You have blocked many times already"
    detail = "Please take some of your blocks away first, or enter time off instead."
    advice = "List your blocks and delete some. A longer absence is better entered as time off."


class TooManyHolidays(Conflict):
    slug = "too-many-holidays"
    title = "There are too many holidays already"
    detail = "Please delete holidays that are over."
    advice = "List the holidays and delete those that are over. Days in a row can be one holiday."


class TooManyWebhooks(Conflict):
    slug = "too-many-webhooks"
    title = "There are too many webhooks already"
    detail = "Please delete a webhook that is not needed any more."
    advice = "List the webhooks and delete some, or let one receiver pass on what it gets."


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


class AlreadyApplied(Conflict):
    slug = "already-applied"
    title = "You have applied for this already"
    detail = "You have applied for this gig already, or take part in it."
    advice = "Show the application that is there: it waits for its answer, or has been accepted."


class NotByApplication(Conflict):
    slug = "not-by-application"
    title = "Nobody applies for this gig"
    detail = "Students book lessons of this gig; they do not apply for a place in it."
    advice = "Book one of the teacher's free slots instead."


class GigFull(Conflict):
    slug = "gig-full"
    title = "All places are taken"
    detail = "All places in this gig are taken."
    advice = "Raise the gig's `capacity`, or accept the application when a place is free again."
