"""The part of a mail that puts an event into the reader's calendar, changes it there, or removes it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from later import icalendar

_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """An event as calendar programs know it.

    `uid` stays the same as long as it is the same event, `sequence` grows with each change of it.
    """

    uid: str
    sequence: int
    summary: str
    starts_at: datetime
    ends_at: datetime
    changed_at: datetime
    url: str = ""
    location: str = ""
    description: str = ""
    tentative: bool = False
    cancelled: bool = False


def method(invitations: Sequence[Invitation]) -> str:
    """Return what the calendar program is to do.

    An invitation is for a single event (RFC 5546, 3.2.2 and 3.2.5). Several are published together: then the status of
    each says whether it takes place, and nobody is invited by name.
    """
    if len(invitations) > 1:
        return "PUBLISH"
    return "CANCEL" if invitations[0].cancelled else "REQUEST"


def write(invitations: Sequence[Invitation], *, organizer: tuple[str, str], attendee: tuple[str, str]) -> str:
    """Write the calendar that goes with a mail, for the reader at `attendee`.

    Both are names with addresses. Times are in UTC, which needs no description of a zone and is understood by all.
    """
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//Lectern//Lectern//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", method(invitations))
    for invitation in invitations:
        event = _event(invitation)
        event.add("organizer", _person(*organizer), encode=False)
        if len(invitations) == 1:
            event.add("attendee", _invited(invitation, *attendee), encode=False)
        calendar.add_component(event)
    return str(calendar.to_ical(), "utf-8")


def _event(invitation: Invitation) -> icalendar.Event:
    event = icalendar.Event()
    event.add("uid", invitation.uid)
    event.add("sequence", invitation.sequence)
    event.add("dtstamp", invitation.changed_at.astimezone(UTC))
    event.add("dtstart", invitation.starts_at.astimezone(UTC))
    event.add("dtend", invitation.ends_at.astimezone(UTC))
    event.add("summary", _clean(invitation.summary))
    event.add("status", "CANCELLED" if invitation.cancelled else "TENTATIVE" if invitation.tentative else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if invitation.cancelled else "OPAQUE")
    for name in ("location", "description", "url"):
        if text := _clean(getattr(invitation, name)):
            event.add(name, text)
    return event


def _invited(invitation: Invitation, name: str, address: str) -> icalendar.vCalAddress:
    # What there is to answer is answered on the page of the event, so nobody is asked for a reply by mail.
    invited = _person(name, address)
    invited.params["partstat"] = icalendar.vText("NEEDS-ACTION" if invitation.tentative else "ACCEPTED")
    invited.params["rsvp"] = icalendar.vText("FALSE")
    return invited


def _person(name: str, address: str) -> icalendar.vCalAddress:
    person = icalendar.vCalAddress(f"mailto:{address}")
    person.params["cn"] = icalendar.vText(_clean(name).replace('"', "'").replace("\n", " "))
    return person


def _clean(text: str) -> str:
    """Leave out control characters and what is no text, and end lines in the one way that iCalendar knows."""
    return _CONTROL.sub("", "\n".join(text.encode("utf-8", "replace").decode().splitlines()))
