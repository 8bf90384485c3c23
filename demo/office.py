"""What those who run the demo school find to do, and what they have done."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial

from accounts.actors import Actor
from accounts.models import Role
from administration.audit.acts import Act
from administration.audit.recording import record
from administration.invitations.models import NewInvitation
from administration.invitations.service import invite
from database import writing
from demo.people import ADMIN, OFFICE
from demo.rows import LessonKey, Steps
from jobs.models import Job, JobState
from jsontext import dumps
from mail.models import MailState, SentMail
from notifications import digests
from reviews.moderation.service import set_hidden

HIDDEN: LessonKey = ("marta.kowalska", "drawing", -8)
REASON = "It names another student."
# Whose mails come back, and what the mail server said.
UNREACHABLE, SAID = "rafael.moreira", "550 5.1.1 The address that you tried to reach does not exist"
# Who has not answered yet.
INVITED = {"miriam.weiss@example.org": Role.TEACHER, "tom.keller@example.org": Role.STUDENT}
GIVEN_UP = "The database took too long. Please try again in a moment."


def steps(people: Mapping[str, Actor], reviews: Mapping[LessonKey, int], today: datetime) -> Steps:
    """Yield what happens yesterday, when everybody is there."""
    morning = today - timedelta(hours=14)
    yield morning - timedelta(hours=1), partial(_refuse_mail, people)
    yield morning, partial(_give_up, people)
    yield morning + timedelta(minutes=10), partial(_invite, people)
    yield morning + timedelta(minutes=20), partial(_hide, people, reviews)
    yield morning + timedelta(minutes=30), partial(_look, people)


def _refuse_mail(people: Mapping[str, Actor], now: datetime) -> None:
    key = f"reminder to {UNREACHABLE}"
    mail = SentMail(
        key=key,
        message_id=f"<{UNREACHABLE}@example.org>",
        user_id=people[UNREACHABLE].id,
        address=f"{UNREACHABLE}@example.org",
        type="notifications/reminder",
        subject="Tomorrow: your lesson",
        state=MailState.REFUSED,
        reason=SAID,
        at=now,
    )
    with writing() as session:
        session.add(mail)


def _give_up(people: Mapping[str, Actor], now: datetime) -> None:
    """Leave a digest that could not be sent.

    Tried again it finds nothing to say.
    """
    since = now - timedelta(days=1)
    arguments = {"user_id": people[OFFICE.key].id, "since": since.isoformat(), "until": now.isoformat()}
    values = {"arguments": dumps(arguments).decode(), "attempts": 20, "last_error": GIVEN_UP}
    with writing() as session:
        session.add(Job(name=digests.SEND, state=JobState.DEAD, run_at=now, created_at=since, **values))


def _invite(people: Mapping[str, Actor], now: datetime) -> None:
    for email, role in INVITED.items():
        invite(NewInvitation(email=email, role=role), actor=people[OFFICE.key], now=now)


def _hide(people: Mapping[str, Actor], reviews: Mapping[LessonKey, int], now: datetime) -> None:
    who, review_id = people[OFFICE.key], reviews[HIDDEN]
    set_hidden(review_id, who, hidden=True, reason=REASON, now=now)
    act = Act(who.id, who.role, "moderation_pages.hide", ("review", review_id))
    record(act, at=now, about=people[HIDDEN[0]].id)


def _look(people: Mapping[str, Actor], now: datetime) -> None:
    """Note that the office looked up whose mails come back, and the administrator after it."""
    about = people[UNREACHABLE].id
    for minutes, who in enumerate((people[OFFICE.key], people[ADMIN.key])):
        act = Act(who.id, who.role, "people_pages.show", ("user", about))
        record(act, at=now + timedelta(minutes=minutes), looked=True, about=about)
