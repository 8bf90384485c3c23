"""What people were told: rows behind the bell, mails in an inbox, and a calendar that obeys them."""

from __future__ import annotations

from collections.abc import Sequence
from email.message import EmailMessage
from typing import Any

import vobject
from icalendar import Calendar
from sqlalchemy import Row, select, update

import tags
from accounts.models import User
from caching import invalidate
from database import reading, writing
from jobs import steps
from jobs.models import Job
from notifications.models import Notification
from tests.support.mail_server import Inbox
from tests.support.world import Person, World


class Post:
    """A school whose people are told things: does the work that waits, and looks at what came of it."""

    def __init__(self, world: World, inbox: Inbox) -> None:
        self.world, self.inbox = world, inbox
        # The newest notification that nobody looks at any more.
        self._seen = 0

    def deliver(self) -> None:
        """Do all the work that is due."""
        steps.drain(self.world.app)

    def forget(self) -> None:
        """Deliver what is under way and look only at what comes after."""
        self.deliver()
        self.inbox.received.clear()
        self._seen = max((row.id for row in self.rows()), default=self._seen)

    def rows(self) -> Sequence[Row[Any]]:
        """All that people were told, the oldest first."""
        with self.world.app.app_context(), reading() as connection:
            new = select(Notification.__table__).where(Notification.id > self._seen)
            return connection.execute(new.order_by(Notification.id)).all()

    def told(self) -> list[tuple[int, str]]:
        """Who was told something of which type."""
        return sorted((row.user_id, row.type) for row in self.rows())

    def mailed(self) -> list[str]:
        """The addresses that mails went to."""
        return sorted(str(mail["To"].addresses[0].addr_spec) for mail in self.inbox.received)

    def to(self, person: Person) -> EmailMessage:
        """The newest mail to somebody."""
        return self.inbox.newest(person.email)

    def waiting(self, name: str) -> list[Row[Any]]:
        """The jobs of a name that wait."""
        with self.world.app.app_context(), reading() as connection:
            columns: list[Any] = [Job.arguments, Job.run_at, Job.key]
            found = select(*columns).where(Job.name == name).order_by(Job.run_at, Job.key)
            return list(connection.execute(found).all())

    def confirm(self, *people: Person) -> None:
        """Let people have shown that their addresses are theirs."""
        ids = [person.id for person in people]
        with self.world.app.app_context(), writing() as session:
            session.execute(update(User).where(User.id.in_(ids)).values(email_confirmed_at=self.world.clock()))
            invalidate(*(tags.viewer(person) for person in ids), tags.users())
            invalidate(*(tags.profile(person) for person in ids))


def calendar_parts(mail: EmailMessage) -> list[str]:
    """The calendars in a mail: what programs act on, and the file."""
    kinds = ("text/calendar", "application/ics")
    found = [part.get_content() for part in mail.walk() if part.get_content_type() in kinds]
    return [part.decode() if isinstance(part, bytes) else part for part in found]


class ReadersCalendar:
    """A calendar program as RFC 5546 describes it: it takes what is newer, and removes what is cancelled."""

    def __init__(self) -> None:
        self.events: dict[str, tuple[int, Any]] = {}

    def take(self, mail: EmailMessage) -> None:
        inline, file = calendar_parts(mail)
        assert inline.replace("\r\n", "\n") == file.replace("\r\n", "\n")
        calendar = Calendar.from_ical(inline)
        assert [str(event.uid.value) for event in vobject.readOne(inline).vevent_list] == [
            str(event["UID"]) for event in calendar.walk("VEVENT")
        ]
        for event in calendar.walk("VEVENT"):
            self._take(event, str(calendar["METHOD"]))

    def _take(self, event: Any, method: str) -> None:
        uid, sequence = str(event["UID"]), int(event["SEQUENCE"])
        if uid in self.events and sequence < self.events[uid][0]:
            return
        gone = method == "CANCEL" or str(event["STATUS"]) == "CANCELLED"
        self.events[uid] = (sequence, None if gone else event)

    @property
    def shown(self) -> list[tuple[str, str]]:
        """When its lessons begin, and how certain they are."""
        lessons = [event for _, event in self.events.values() if event is not None]
        return sorted((f"{event['DTSTART'].dt:%a %H:%M}", str(event["STATUS"])) for event in lessons)
