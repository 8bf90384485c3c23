"""What becomes of a mail: with a server that takes it, refuses it, is slow, away, or wants TLS and a password."""

from __future__ import annotations

import contextlib
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
import trustme
from flask import Flask

from config import MailServer, Sender
from mail import delivery, folder, smtp
from mail.letters import Letter, Recipient
from mail.models import MailState
from mail.queries import comes_back, newest_mails
from support.servers import free_port
from tests.conftest import SATURDAY
from tests.support.mail_server import PASSWORD, USERNAME, Inbox, certificate, knows, mail_server, text_of

ADA = Recipient(name="Ada Lovelace", address="ada@example.org", time_zone="Europe/Berlin", user_id=7)
LETTER = Letter(key="test 1", template="test", to=ADA, facts={"sent_at": SATURDAY})
SENDER = Sender("Lectern", "lessons@example.org")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only SQLite: what the two databases do differently, the notes about mails do not use."""
    return sqlite_url


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture
def connected(make_app: Callable[..., Flask]) -> Callable[[MailServer | None], Flask]:
    """A function that makes an application with this mail server."""
    return lambda server: make_app(mail_server=server, mail_from=SENDER, public_url="https://lessons.example.org")


def send(app: Flask, letter: Letter = LETTER) -> MailState:
    with app.app_context():
        return delivery.send(letter, now=SATURDAY)


def noted(app: Flask) -> list[tuple[str, str, str]]:
    with app.app_context():
        return [(mail.key, mail.state, mail.reason) for mail in newest_mails(10)]


def test_a_mail_arrives_and_is_noted(connected: Callable[..., Flask], inbox: Inbox) -> None:
    with mail_server(inbox) as server:
        app = connected(server)

        assert send(app) == MailState.SENT

    message = inbox.received[0]
    assert inbox.envelopes == [("lessons@example.org", ["ada@example.org"])]
    assert str(message["From"]) == "Lectern <lessons@example.org>"
    assert str(message["To"]) == "Ada Lovelace <ada@example.org>"
    assert message["Date"].datetime == SATURDAY
    assert message["Auto-Submitted"] == "auto-generated"
    assert text_of(message).startswith("Mails from Lectern arrive.\n")
    assert "Sent: Sat 21 Nov, 10:30" in text_of(message)
    assert noted(app) == [("test 1", "sent", "")]


def test_one_key_is_one_mail(connected: Callable[..., Flask], inbox: Inbox) -> None:
    with mail_server(inbox) as server:
        app = connected(server)
        send(app)

        assert send(app, replace(LETTER, facts={"sent_at": SATURDAY.replace(hour=20)})) == MailState.SENT

    assert len(inbox.received) == 1


def test_a_repetition_after_a_crash_has_the_same_name(
    connected: Callable[..., Flask], inbox: Inbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with mail_server(inbox) as server:
        app = connected(server)
        with monkeypatch.context() as patched:
            patched.setattr(delivery, "_note", killed)
            with pytest.raises(KeyboardInterrupt):
                send(app)
        send(app)
        send(app)

    assert len(inbox.received) == 2
    assert len({message["Message-ID"] for message in inbox.received}) == 1


@pytest.mark.parametrize("step", ["on_recipient", "on_data"])
def test_a_refusal_for_good_is_noted_at_the_address_and_not_tried_again(
    connected: Callable[..., Flask], inbox: Inbox, step: str
) -> None:
    setattr(inbox, step, "550 5.1.1 No such\r\n mailbox".replace("\r\n", ""))
    with mail_server(inbox) as server:
        app = connected(server)

        assert send(app) == MailState.REFUSED
        with app.app_context():
            assert comes_back("ada@example.org")
        setattr(inbox, step, "")
        assert send(app) == MailState.REFUSED
        assert inbox.received == []

        # A later mail is tried, and if it is taken, mails come back no more.
        assert send(app, replace(LETTER, key="test 2")) == MailState.SENT
    assert noted(app)[1] == ("test 1", "refused", "550 5.1.1 No such mailbox")
    with app.app_context():
        assert not comes_back("ada@example.org")


@pytest.mark.parametrize(
    ("step", "answer"),
    [
        ("on_recipient", "451 4.7.1 Greylisted, try again later"),
        ("on_data", "452 4.3.1 Out of space"),
        ("on_recipient", "530 5.7.0 Authentication required"),
        ("on_sender", "550 5.7.1 Not your address"),
        ("on_recipient", "554 5.7.1 Relay access denied"),
        ("on_data", "550 5.7.26 Unauthenticated mail is not accepted due to the DMARC policy of the domain"),
        ("on_data", "550 5.7.1 Daily sending quota exceeded"),
    ],
)
def test_what_passes_or_is_not_the_recipients_fault_is_tried_again(
    connected: Callable[..., Flask], inbox: Inbox, step: str, answer: str
) -> None:
    setattr(inbox, step, answer)
    with mail_server(inbox) as server:
        app = connected(server)
        with pytest.raises(smtp.Delayed, match=answer.partition(" ")[2]):
            send(app)
        assert noted(app) == []
        setattr(inbox, step, "")

        assert send(app) == MailState.SENT


def test_a_server_that_is_away_delays_the_mail(connected: Callable[..., Flask], inbox: Inbox) -> None:
    app = connected(MailServer(host="127.0.0.1", port=(port := free_port())))
    with pytest.raises(smtp.Delayed, match="Connection refused"):
        send(app)

    with mail_server(inbox, port):
        assert send(app) == MailState.SENT


@contextlib.contextmanager
def answering(talk: Callable[[socket.socket], None]) -> Iterator[MailServer]:
    """Run a server that does what it likes with its first client."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            client, _ = listener.accept()
            with client:
                talk(client)

        thread = threading.Thread(target=serve)
        thread.start()
        yield MailServer(host="127.0.0.1", port=listener.getsockname()[1])
        thread.join(20)


def test_a_server_that_says_nothing_is_given_up(
    connected: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "ANSWER_SECONDS", 0.2)

    def wait(client: socket.socket) -> None:
        client.recv(1000)

    with answering(wait) as server, pytest.raises(smtp.Delayed, match="in time"):
        send(connected(server))


def test_a_server_that_answers_letter_by_letter_is_given_up(
    connected: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(smtp, "WHOLE_SECONDS", 0.3)
    over = threading.Event()

    def drip(client: socket.socket) -> None:
        try:
            while not over.wait(0.02):
                client.send(b"2")
        except OSError:
            over.set()

    with answering(drip) as server, pytest.raises(smtp.Delayed):
        send(connected(server))
    assert over.is_set()


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_is_slow_to_begin_tls_and_then_answers_letter_by_letter_is_given_up(
    connected: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, authority: trustme.CA, tls: bool
) -> None:
    monkeypatch.setattr(smtp, "WHOLE_SECONDS", 0.2)
    monkeypatch.setattr(smtp, "AGAIN_SECONDS", 0.05)
    context = certificate(authority, "127.0.0.1")
    over = threading.Event()

    def drip(client: socket.socket) -> None:
        if not tls:
            for answer in (b"220 hello", b"250-hello\r\n250 STARTTLS", b"220 go on"):
                client.sendall(answer + b"\r\n")
                if not answer.startswith(b"220 go"):
                    client.recv(1000)
        # Longer than all together may take.
        over.wait(0.5)
        with contextlib.suppress(OSError), context.wrap_socket(client, server_side=True) as encrypted:
            try:
                for _ in range(200):
                    encrypted.send(b"2")
                    over.wait(0.02)
            except OSError:
                over.set()

    with answering(drip) as server, pytest.raises(smtp.Delayed):
        send(connected(replace(server, tls=tls, starttls=not tls)))
    assert over.is_set()


def test_a_server_that_turns_everybody_away_delays_the_mail(connected: Callable[..., Flask]) -> None:
    with (
        answering(lambda client: client.sendall(b"554 5.7.1 You are on a list\r\n")) as server,
        pytest.raises(smtp.Delayed, match="You are on a list"),
    ):
        send(connected(server))


@pytest.fixture
def authority(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> trustme.CA:
    """An authority that this machine trusts."""
    ca = trustme.CA()
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "ca.pem"))
    return ca


def test_a_password_is_sent_over_starttls(connected: Callable[..., Flask], inbox: Inbox, authority: trustme.CA) -> None:
    with mail_server(
        inbox, tls_context=certificate(authority, "127.0.0.1"), authenticator=knows, auth_required=True
    ) as server:
        signs_in = replace(server, starttls=True, username=USERNAME, password=PASSWORD)
        assert send(connected(signs_in)) == MailState.SENT
        with pytest.raises(smtp.Delayed, match="does not take this name and password"):
            send(connected(replace(signs_in, password="another")), replace(LETTER, key="test 2"))

    assert inbox.encrypted == [True]


def test_tls_from_the_beginning_works(connected: Callable[..., Flask], inbox: Inbox, authority: trustme.CA) -> None:
    with mail_server(inbox, ssl_context=certificate(authority, "127.0.0.1")) as server:
        assert send(connected(replace(server, tls=True))) == MailState.SENT


def test_a_certificate_for_another_name_is_not_trusted(
    connected: Callable[..., Flask], inbox: Inbox, authority: trustme.CA
) -> None:
    with (
        mail_server(inbox, tls_context=certificate(authority, "elsewhere.example")) as server,
        pytest.raises(smtp.Delayed, match=r"certificate .* is not valid"),
    ):
        send(connected(replace(server, starttls=True)))
    assert inbox.received == []


def test_a_server_without_starttls_gets_no_mail(connected: Callable[..., Flask], inbox: Inbox) -> None:
    with mail_server(inbox) as server, pytest.raises(smtp.Delayed, match="does not offer what MAIL_URL asks for"):
        send(connected(replace(server, starttls=True)))


def test_without_a_server_mails_are_private_files_of_which_the_newest_stay(
    connected: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder, "NEWEST", 3)
    app = connected(None)
    kept = Path(app.instance_path) / "mail"

    states = {send(app, replace(LETTER, key=f"test {number}")) for number in range(5)}

    assert states == {MailState.KEPT}
    assert len(list(kept.iterdir())) == 3
    assert stat.S_IMODE(kept.stat().st_mode) == 0o700
    for path in kept.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        message = message_from_bytes(path.read_bytes(), policy=default)
        assert message["To"].addresses[0].addr_spec == "ada@example.org"


def test_old_notes_are_forgotten(connected: Callable[..., Flask]) -> None:
    app = connected(None)
    send(app)

    with app.app_context():
        delivery.forget_old_mails(SATURDAY + delivery.KEPT_FOR)
        assert len(newest_mails(10)) == 1
        delivery.forget_old_mails(SATURDAY + delivery.KEPT_FOR * 2)
        assert len(newest_mails(10)) == 0


def test_old_notes_are_forgotten_however_many_there_are(
    connected: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delivery, "FORGOTTEN_AT_ONCE", 2)
    app = connected(None)
    for number in range(5):
        send(app, replace(LETTER, key=f"test {number}"))

    with app.app_context():
        delivery.forget_old_mails(SATURDAY + delivery.KEPT_FOR * 2)
        assert len(newest_mails(10)) == 0


def test_an_operator_tries_the_settings(connected: Callable[..., Flask], inbox: Inbox) -> None:
    def run(app: Flask, *arguments: str) -> tuple[int, str]:
        result = app.test_cli_runner().invoke(args=["mail", *arguments])
        return result.exit_code, result.output

    with mail_server(inbox) as server:
        app = connected(server)
        code, output = run(app, "test", "ada@example.org")
        assert code == 0
        assert inbox.received[-1]["Message-ID"] in output
        assert run(app, "test", "ada") == (1, "Error: ada is no address that mails can be sent to.\n")
        inbox.on_recipient = "550 5.1.1 No such mailbox"
        assert "refused the mail for good: 550 5.1.1 No such mailbox" in run(app, "test", "ada@example.org")[1]
        send(app)
    assert "Connection refused" in run(app, "test", "ada@example.org")[1]
    assert "is a file in" in run(connected(None), "test", "ada@example.org")[1]

    assert "2026-11-21 09:30:00Z  refused  ada@example.org  test" in run(app, "list")[1]
    assert run(app, "list", "--state", "sent") == (0, "There are no such mails.\n")
