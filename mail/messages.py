"""Make a message of a letter, as mail servers take it.

What people typed reaches headers only as one line without the signs that have a meaning there.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from datetime import datetime
from email.headerregistry import Address, BaseHeader, HeaderRegistry, UnstructuredHeader
from email.message import EmailMessage
from email.policy import SMTP, Policy

from werkzeug.urls import iri_to_uri

from config import Sender, ascii_address
from mail import invitations
from mail.invitations import Invitation
from mail.letters import Letter
from mail.wording import put_into_words
from school.head import PLAIN, Head

# What would have to be quoted in a name, or ends it. Without it nothing depends on how a library quotes and folds.
_SPECIAL = re.compile(r'["\\<>()\[\]:;,@]')
LONGEST_NAME, LONGEST_SUBJECT = 80, 200


class _Whole(UnstructuredHeader, BaseHeader):
    """A header that stays one line: an address in it that was broken or encoded would lead nowhere."""

    def fold(self, *, policy: Policy) -> str:
        """Write the header as it is, which mail servers take up to 998 characters."""
        return f"{self.name}: {self}{policy.linesep}"


_HEADERS = HeaderRegistry()
_HEADERS.map_to_type("list-unsubscribe", _Whole)
_POLICY = SMTP.clone(header_factory=_HEADERS)


def build(letter: Letter, *, sender: Sender, home: str, now: datetime, head: Head = PLAIN) -> EmailMessage:
    """Build the message of a letter.

    Raises ValueError if the recipient's address is none.
    """
    address = ascii_address(letter.to.address)
    logo = _content_id(head.logo, sender) if head.logo else None
    worded = put_into_words(letter, home=home, school=head.school, accent=head.accent, logo=logo)
    message = EmailMessage(policy=_POLICY)
    message["From"] = _mailbox(sender.name, sender.address)
    message["To"] = _mailbox(letter.to.name, address)
    message["Subject"] = one_line(worded.subject, LONGEST_SUBJECT)
    message["Date"] = now
    message["Message-ID"] = message_id(letter, sender)
    # So that no answering machine answers.
    message["Auto-Submitted"] = "auto-generated"
    message["X-Auto-Response-Suppress"] = "All"
    if letter.unsubscribe:
        message["List-Unsubscribe"] = f"<{iri_to_uri(letter.unsubscribe)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(worded.text, cte="quoted-printable")
    message.add_alternative(worded.html, subtype="html", cte="quoted-printable")
    if head.logo:
        _add_logo(message, head.logo, f"<{logo}>")
    if letter.invitations:
        _add_calendar(message, letter.invitations, organizer=sender, attendee=(letter.to.name, address))
    return message


def message_id(letter: Letter, sender: Sender) -> str:
    """Name a message after what it is about, so that mailboxes can tell that a repetition is one."""
    about = "\0".join((letter.key, letter.to.address, letter.edition))
    domain = sender.address.rpartition("@")[2]
    return f"<{hashlib.sha256(about.encode()).hexdigest()[:32]}@{domain}>"


def one_line(text: str, at_most: int) -> str:
    """Make of any text one line that a header can have."""
    # A name that looks like an encoded word would be decoded by its reader.
    text = text.encode("utf-8", "replace").decode().replace("=?", "= ?")
    shown = "".join(" " if unicodedata.category(character) in ("Cc", "Zl", "Zp") else character for character in text)
    return " ".join(shown.split())[:at_most].strip()


def _mailbox(name: str, address: str) -> Address:
    return Address(display_name=one_line(_SPECIAL.sub(" ", name), LONGEST_NAME), addr_spec=address)


def _content_id(content: bytes, sender: Sender) -> str:
    """Name a picture within a message, so that its HTML can show it."""
    return f"logo.{hashlib.sha256(content).hexdigest()[:16]}@{sender.address.rpartition('@')[2]}"


def _add_logo(message: EmailMessage, content: bytes, content_id: str) -> None:
    """Put the logo beside the HTML: it comes along with the mail, and nothing is loaded from anywhere."""
    html = message.get_body(("html",))
    assert isinstance(html, EmailMessage)
    html.add_related(
        content, maintype="image", subtype="png", cid=content_id, disposition="inline", filename="logo.png"
    )


def _add_calendar(
    message: EmailMessage, invited: Sequence[Invitation], *, organizer: Sender, attendee: tuple[str, str]
) -> None:
    """Add the calendar twice: for programs that act on it, and as a file for those that only open files."""
    calendar = invitations.write(invited, organizer=(organizer.name, organizer.address), attendee=attendee)
    message.add_alternative(
        calendar,
        subtype="calendar",
        cte="quoted-printable",
        params={"method": invitations.method(invited), "charset": "utf-8"},
    )
    message.add_attachment(calendar.encode(), maintype="application", subtype="ics", filename="lesson.ics")
