"""A real mail server on a port of this machine, which a test tells what to answer."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session

from config import MailServer
from support.servers import free_port

USERNAME, PASSWORD = "lectern", "p@ss/word"


class Inbox:
    """Takes mails, or answers what it was told to."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        # What the envelope said: sender and recipients.
        self.envelopes: list[tuple[str, list[str]]] = []
        self.on_recipient = ""
        self.on_data = ""
        self.on_sender = ""
        self.encrypted: list[bool] = []

    async def handle_MAIL(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if not self.on_sender:
            envelope.mail_from = address
        return self.on_sender or "250 OK"

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.on_recipient:
            return self.on_recipient
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.on_data:
            return self.on_data
        content = envelope.content
        assert isinstance(content, bytes)
        self.received.append(message_from_bytes(content, policy=default))
        self.envelopes.append((envelope.mail_from or "", list(envelope.rcpt_tos)))
        self.encrypted.append(session.ssl is not None)
        return "250 Taken"

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.received]

    def newest(self, to: str) -> EmailMessage:
        """The last mail to this address."""
        return next(mail for mail in reversed(self.received) if mail["To"].addresses[0].addr_spec == to)


@contextmanager
def mail_server(inbox: Inbox, port: int | None = None, **options: Any) -> Iterator[MailServer]:
    """Run a server; the options are those of `aiosmtpd`."""
    port = port or free_port()
    controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    try:
        yield MailServer(host="127.0.0.1", port=port)
    finally:
        controller.stop()


def knows(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    """Let in who has the one name and password."""
    known = (data.login, data.password) == (USERNAME.encode(), PASSWORD.encode())
    # With `handled`, the library leaves the answer to the refusal to us, and would send none.
    return AuthResult(success=known, handled=False)


def text_of(message: EmailMessage) -> str:
    """The plain text of a mail."""
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(message: EmailMessage) -> str:
    part = message.get_body(("html",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def certificate(ca: Any, *names: str) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate of this authority."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ca.issue_cert(*names).configure_cert(context)
    return context
