"""Send a letter: once, and with a note of what became of it.

Mails are sent by jobs, never by requests. Between sending a mail and noting it a process can be killed; then the mail
comes once more, under the same Message-ID. Before that and after it nothing is lost and nothing comes twice.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from email.message import EmailMessage

from sqlalchemy import delete, select
from sqlalchemy.exc import IntegrityError

from config import Settings
from database import changed_rows, reading, writing
from mail import smtp
from mail.folder import folder_of, keep
from mail.letters import Letter
from mail.messages import build
from mail.models import MailState, SentMail
from school.head import present_head
from web.settings import chosen

logger = logging.getLogger(__name__)

# How often a job tries to send one. A mail server may be away for a weekend.
PATIENT_ATTEMPTS = 60
# A mail's row is kept so long: a job that failed is tried again for hours at the most.
KEPT_FOR = timedelta(days=90)
# In portions, so that other writers need not wait for long.
FORGOTTEN_AT_ONCE = 1000


def reaches_people() -> bool:
    """Tell whether mails leave this machine."""
    return chosen().mail_server is not None


def send(letter: Letter, *, now: datetime) -> MailState:
    """Send a letter, unless one with its key is done with, and note what became of it.

    Raises Delayed if the mail server does not take it now; then nothing is noted, and it is to be tried again.
    """
    if done := outcome_of(letter.key):
        return done
    settings, reason = chosen(), ""
    message = build(letter, sender=settings.mail_from, home=settings.public_url, now=now, head=present_head())
    try:
        state = hand_over(message, settings, now)
    except smtp.Refused as error:
        state, reason = MailState.REFUSED, str(error)
        logger.info("A mail (%s) was refused for good: %s", letter.type, reason)
    _note(letter, message, state, reason, now)
    return state


def hand_over(message: EmailMessage, settings: Settings, now: datetime) -> MailState:
    """Give a message to the mail server, or keep it as a file.

    Raises Refused or Delayed.
    """
    if settings.mail_server is None:
        keep(folder_of(settings), message, now)
        return MailState.KEPT
    smtp.send(settings.mail_server, message, sender=settings.mail_from.address, to=message["To"].addresses[0].addr_spec)
    return MailState.SENT


def outcome_of(key: str) -> MailState | None:
    """Return what became of the mail with this key, None if it is not done with."""
    with reading() as connection:
        return connection.scalar(select(SentMail.state).where(SentMail.key == key))


def forget_old_mails(now: datetime) -> None:
    """Delete the notes about mails that nobody asks about any more."""
    old = select(SentMail.id).where(SentMail.at < now - KEPT_FOR).limit(FORGOTTEN_AT_ONCE)
    forgotten = FORGOTTEN_AT_ONCE
    while forgotten == FORGOTTEN_AT_ONCE:
        with writing() as session:
            forgotten = changed_rows(session, delete(SentMail).where(SentMail.id.in_(old)))


def _note(letter: Letter, message: EmailMessage, state: MailState, reason: str, now: datetime) -> None:
    mail = SentMail(
        key=letter.key,
        message_id=message["Message-ID"],
        user_id=letter.to.user_id,
        address=letter.to.address,
        type=letter.type,
        subject=message["Subject"],
        state=state,
        reason=reason[: smtp.LONGEST_REASON],
        at=now,
    )
    try:
        with writing() as session:
            session.add(mail)
    except IntegrityError:
        # Two runners had the same job: one of them has noted it.
        logger.info("A mail (%s) was sent twice at once.", letter.type)
