"""Hand a message to the mail server.

Three things can come of it: the server takes it, it refuses it for good, or it does not take it now. Only what it says
about the recipient or the message is for good. What it says about us, when connecting or signing in, is a matter of
settings, which an operator can mend, so that the mail is tried again.
"""

from __future__ import annotations

import contextlib
import re
import smtplib
import socket
import ssl
from collections.abc import Iterator
from email.message import EmailMessage
from threading import Event, Thread
from typing import Any

from config import MailServer

# How long the server may take for one answer, and for all of them together.
ANSWER_SECONDS = 20.0
WHOLE_SECONDS = 60.0
# The same for somebody who waits in front of a terminal.
GREETING_SECONDS = 5.0
AGAIN_SECONDS = 0.5
LONGEST_REASON = 300

# Answers of the kind "for good" that are about signing in or about how we speak: not the recipient's fault.
_ABOUT_US = frozenset({500, 502, 503, 504, 530, 534, 535, 538})
# The same in the words of RFC 3463, whatever the code: who may send, from where, how often, with which records.
_SECURITY = re.compile(r"\d+ 5\.7\.\d")


class Refused(Exception):
    """The server will not take this message for this recipient, however often it is asked."""


class Delayed(Exception):
    """The server has not taken the message this time: it is away, slow, busy, or does not let us in."""


def send(server: MailServer, message: EmailMessage, *, sender: str, to: str) -> None:
    """Hand over one message.

    Raises Refused or Delayed, with a sentence that says why.
    """
    with _connected(server, sender.rpartition("@")[2]) as client:
        try:
            client.send_message(message, sender, [to])
        except smtplib.SMTPRecipientsRefused as error:
            raise _outcome(*error.recipients[to]) from error
        except smtplib.SMTPDataError as error:
            raise _outcome(error.smtp_code, error.smtp_error) from error
        except smtplib.SMTPSenderRefused as error:
            raise Delayed(
                f"It does not take mails from {sender}: {_said(error.smtp_code, error.smtp_error)}"
            ) from error


def sign_in(server: MailServer, sender: str) -> None:
    """Greet the server and sign in, without a mail, and wait for less long than for one.

    Raises Delayed, with a sentence that says why.
    """
    with _connected(server, sender.rpartition("@")[2], answer_seconds=GREETING_SECONDS):
        pass


def _outcome(code: int, words: bytes | str) -> Refused | Delayed:
    said = _said(code, words)
    about_us = code in _ABOUT_US or _SECURITY.match(said)
    return Refused(said) if code >= 500 and not about_us else Delayed(said)


@contextlib.contextmanager
def _connected(server: MailServer, our_name: str, *, answer_seconds: float | None = None) -> Iterator[smtplib.SMTP]:
    """Connect, begin TLS and sign in, and say good-bye at the end."""
    with contextlib.ExitStack() as stack:
        try:
            client = _connect(server, our_name, ANSWER_SECONDS if answer_seconds is None else answer_seconds)
            stack.callback(_leave, client)
            if server.starttls:
                client.starttls(context=ssl.create_default_context())
            if server.username is not None:
                client.login(server.username, server.password or "")
            yield client
        except (smtplib.SMTPException, OSError) as error:
            raise Delayed(_explain(server, error)) from error


def _connect(server: MailServer, our_name: str, answer_seconds: float) -> smtplib.SMTP:
    if server.tls:
        tls = ssl.create_default_context()
        return _ClientOverTls(server.host, server.port, our_name, timeout=answer_seconds, context=tls)
    return _Client(server.host, server.port, our_name, timeout=answer_seconds)


def _leave(client: smtplib.SMTP) -> None:
    """Say good-bye.

    What becomes of that changes nothing any more.
    """
    with contextlib.suppress(smtplib.SMTPException, OSError):
        client.quit()
    client.close()


class _Bounded(smtplib.SMTP):
    """A client that gives up after a while, also on a server that answers letter by letter."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._over = Event()
        Thread(target=self._watch, daemon=True).start()
        try:
            super().__init__(*args, **kwargs)
        except BaseException:
            self._over.set()
            raise

    def close(self) -> None:
        self._over.set()
        super().close()

    def _watch(self) -> None:
        """End the connection when its time is over.

        While it is made, and while TLS begins, there is no socket to end, so that it is tried again until all is over.
        """
        pause = WHOLE_SECONDS
        while not self._over.wait(pause):
            pause = AGAIN_SECONDS
            connection = getattr(self, "sock", None)
            if connection is not None:
                with contextlib.suppress(OSError):
                    # Whoever reads from the socket then finds its end; TLS has nothing to say about that.
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)


class _Client(_Bounded):
    pass


class _ClientOverTls(_Bounded, smtplib.SMTP_SSL):
    pass


def _explain(server: MailServer, error: Exception) -> str:
    """Say in one sentence why the server has not taken the message."""
    match error:
        case smtplib.SMTPAuthenticationError():
            return f"{server} does not take this name and password: {_said(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPResponseException():
            return f"{server} does not let us in: {_said(error.smtp_code, error.smtp_error)}"
        case smtplib.SMTPNotSupportedError() | smtplib.SMTPHeloError():
            return f"{server} does not offer what MAIL_URL asks for: {error}"
        case ssl.SSLCertVerificationError():
            return f"The certificate of {server} is not valid: {error.verify_message}."
        case ssl.SSLError():
            return f"TLS with {server} did not work, so port and scheme may not fit: {error.reason or error}."
        case socket.gaierror():
            return f"There is no host {server.host}: {error.strerror}."
        case _ if isinstance(error, TimeoutError) or isinstance(error.__context__, TimeoutError):
            return f"{server} does not answer in time."
        case OSError() if error.strerror:
            return f"{server} cannot be reached: {error.strerror}."
        case _:
            return f"{server} ended the connection: {error}"


def _said(code: int, words: bytes | str) -> str:
    text = words.decode("utf-8", "replace") if isinstance(words, bytes) else words
    return f"{code} {' '.join(text.split())}"[:LONGEST_REASON]
