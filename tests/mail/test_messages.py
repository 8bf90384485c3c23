"""How messages are made: whatever people are called, headers say only what they shall, and both forms say the same."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

import pytest
from flask import Flask
from hypothesis import example, given, settings
from hypothesis import strategies as st
from icalendar import Calendar
from jinja2 import ChoiceLoader, DictLoader

from app import create_app
from config import Sender, Settings
from mail.invitations import Invitation
from mail.letters import Letter, Recipient
from mail.messages import build
from mail.wording import put_into_words
from tests.conftest import SATURDAY
from tests.support.mail_server import html_of, text_of

SENDER = Sender("Lectern", "lessons@example.org")
HOME = "https://lessons.example.org"
HEADERS = {
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "Auto-Submitted",
    "X-Auto-Response-Suppress",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "MIME-Version",
    "Content-Type",
}
WORDS = """
{% block subject %}{{ title }}{% endblock %}
{% block fact %}{{ title }}{% endblock %}
{% block text %}
{{ note }}
{% endblock %}
{% block details %}
When: {{ starts_at|time_range(ends_at) }}
{% endblock %}
{% block button %}See the lesson{% endblock %}
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An application with one more template of a mail; its database is never asked."""
    folder = tmp_path_factory.mktemp("messages")
    chosen = Settings(
        instance=folder,
        database_url=f"sqlite:///{folder / 'lectern.db'}",
        redis_url="unix:///nowhere",
        secret_key="x" * 16,
        cache_type="NullCache",
    )
    app = create_app(chosen, clock=lambda: SATURDAY)
    app.jinja_env.loader = ChoiceLoader([DictLoader({"mail/example.txt": WORDS}), app.jinja_env.loader])
    return app


def letter(**changes: object) -> Letter:
    facts = {"title": "Piano", "note": "Bring the notes.", "starts_at": SATURDAY, "ends_at": SATURDAY}
    given: dict[str, object] = {
        "key": "example 1",
        "template": "example",
        "to": Recipient(name="Ada", address="ada@example.org", time_zone="Europe/Berlin"),
        "facts": facts | {name: changes.pop(name) for name in list(changes) if name in facts},
    }
    return Letter(**(given | changes))  # type: ignore[arg-type]


def built(app: Flask, letter: Letter, sender: Sender = SENDER) -> EmailMessage:
    """Build a message and read it as the other side does."""
    with app.app_context():
        raw = build(letter, sender=sender, home=HOME, now=SATURDAY).as_bytes()
    assert raw.isascii()
    assert all(len(line) <= 998 for line in raw.splitlines())
    return message_from_bytes(raw, policy=default)


# What people could type to break out of a header, and what has broken libraries.
EVIL = [
    "Ada\r\nBcc: eve@example.org",
    "Ada\nSubject: another",
    "Ada\u2028Bcc: eve@example.org",
    'Ada" <eve@example.org>, "',
    "Ada, Eve <eve@example.org>",
    "=?utf-8?q?Ada=0D=0ABcc:_eve=40example.org?=",
    "Ä" * 60 + ", <eve@example.org>",
    "(" * 40 + "ß" * 40,
    "\ud800\x00\x7f\u202e",
    "名前" * 100,
    "a" * 2000,
    "",
]
texts = st.one_of(st.sampled_from(EVIL), st.text(max_size=300), st.text(alphabet='"<>,;:@()=?_ \r\n\\ä', max_size=300))


@settings(max_examples=60)
@given(name=texts, title=texts, sender=texts)
@example(name=EVIL[0], title=EVIL[0], sender=EVIL[0])
def test_whatever_people_type_headers_say_only_what_they_shall(app: Flask, name: str, title: str, sender: str) -> None:
    to = Recipient(name=name, address="ada@example.org")
    stop = f"{HOME}/unsubscribe?token={'x' * 100}"

    message = built(app, letter(to=to, title=title, unsubscribe=stop), Sender(sender, "lessons@example.org"))

    assert set(message.keys()) == HEADERS
    assert len(message.keys()) == len(HEADERS)
    assert message["List-Unsubscribe"] == f"<{stop}>"
    assert not [part.defects for part in message.walk() if part.defects]
    assert [mailbox.addr_spec for mailbox in message["To"].addresses] == ["ada@example.org"]
    assert [mailbox.addr_spec for mailbox in message["From"].addresses] == ["lessons@example.org"]
    assert not re.search(r"[\r\n]", message["Subject"])


@pytest.mark.parametrize("name", ["Ada Lovelace", "Jürgen Groß", "Łukasz", "山田 太郎", "O'Neill", "Dr. Ada"])
def test_names_arrive_as_they_are_written(app: Flask, name: str) -> None:
    message = built(app, letter(to=Recipient(name=name, address="ada@example.org"), title=f"A lesson with {name}"))

    assert message["To"].addresses[0].display_name == name
    assert message["Subject"] == f"A lesson with {name}"


def test_a_domain_in_another_alphabet_arrives_in_plain_letters(app: Flask) -> None:
    message = built(app, letter(to=Recipient(name="Ada", address="ada@schüle.example")))

    assert message["To"].addresses[0].addr_spec == "ada@xn--schle-mva.example"


def test_both_forms_say_the_same_and_what_people_typed_is_text(app: Flask) -> None:
    note = 'See <script>alert("x")</script> & bring €5.\n\nSecond part.'

    message = built(app, letter(note=note, link=f"{HOME}/lessons/1"))

    assert text_of(message).startswith("Piano\n\n")
    assert note in text_of(message)
    assert "When: 10:30–10:30\n" in text_of(message)
    assert f"See the lesson:\n{HOME}/lessons/1\n" in text_of(message)
    assert "<script" not in html_of(message)
    shown = html.unescape(re.sub(r"<[^>]+>", "", html_of(message).partition("<body")[2]))
    for line in ("Piano", 'See <script>alert("x")</script> & bring €5.', "Second part.", "10:30–10:30"):
        assert line in shown


def test_the_html_loads_nothing_from_anywhere(app: Flask) -> None:
    text = html_of(built(app, letter(link=f"{HOME}/lessons/1", unsubscribe=f"{HOME}/stop")))

    assert set(re.findall(r'(?:src|href)="([^"]+)"', text)) == {HOME, f"{HOME}/lessons/1", f"{HOME}/stop"}
    assert not re.search(r"url\(|@import|<(img|script|link|iframe)\b", text)


def test_a_long_address_to_unsubscribe_is_neither_broken_nor_encoded(app: Flask) -> None:
    address = f"{HOME}/unsubscribe/{'WzEyMzQ1LCJsZXNzb24' * 8}.{'Qx3vK2mN-_' * 4}"

    with app.app_context():
        sent = build(letter(unsubscribe=address), sender=SENDER, home=HOME, now=SATURDAY).as_bytes()

    assert f"List-Unsubscribe: <{address}>\r\n".encode() in sent


def test_a_reminder_can_be_ended_with_one_click(app: Flask) -> None:
    message = built(app, letter(unsubscribe=f"{HOME}/unsubscribe?token=abc"))

    assert message["List-Unsubscribe"] == f"<{HOME}/unsubscribe?token=abc>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert f"{HOME}/unsubscribe?token=abc" in text_of(message)


def test_an_address_to_unsubscribe_in_another_alphabet_gets_plain_letters(app: Flask) -> None:
    message = built(app, letter(unsubscribe="https://schüle.example/schüle/unsubscribe?token=abc"))

    assert message["List-Unsubscribe"] == "<https://xn--schle-mva.example/sch%C3%BCle/unsubscribe?token=abc>"


def test_the_name_of_a_message_follows_from_what_it_is_about(app: Flask) -> None:
    first, again = built(app, letter()), built(app, letter(title="Another wording"))
    others = [
        built(app, letter(key="example 2")),
        built(app, letter(edition="a newer token")),
        built(app, letter(to=Recipient(name="Ben", address="ben@example.org"))),
    ]

    assert first["Message-ID"] == again["Message-ID"]
    assert len({first["Message-ID"], *(other["Message-ID"] for other in others)}) == 4


def test_a_fact_that_is_missing_is_an_error(app: Flask) -> None:
    with app.app_context(), pytest.raises(Exception, match="'title' is undefined"):
        put_into_words(replace(letter(), facts={}), home=HOME)


INVITATION = Invitation(
    uid="booking-1-20261121T093000Z@lectern",
    sequence=2,
    summary='Piano with "Ada",\nreally',
    starts_at=datetime(2026, 11, 27, 15, tzinfo=UTC),
    ends_at=datetime(2026, 11, 27, 15, 45, tzinfo=UTC),
    changed_at=SATURDAY,
    url=f"{HOME}/lessons/1",
    location="Room 5; 2nd floor",
)


def calendar_of(message: EmailMessage) -> tuple[str, Calendar]:
    parts = [part for part in message.walk() if part.get_content_type() == "text/calendar"]
    assert len(parts) == 1
    files = [part for part in message.iter_attachments() if part.get_filename() == "lesson.ics"]
    assert files[0].get_content().replace(b"\r\n", b"\n") == parts[0].get_content().encode().replace(b"\r\n", b"\n")
    return str(parts[0]["Content-Type"].params["method"]), Calendar.from_ical(parts[0].get_content())


def test_a_lesson_is_put_into_the_readers_calendar(app: Flask) -> None:
    method, calendar = calendar_of(built(app, letter(invitations=[INVITATION])))

    event = calendar.events[0]
    assert method == calendar["method"] == "REQUEST"
    assert (event["uid"], event["sequence"], event["status"]) == (INVITATION.uid, 2, "CONFIRMED")
    assert (event.start, event.end) == (INVITATION.starts_at, INVITATION.ends_at)
    assert event["summary"] == INVITATION.summary
    assert event["location"] == INVITATION.location
    assert event["organizer"] == "mailto:lessons@example.org"
    assert event["attendee"] == "mailto:ada@example.org"
    assert (event["attendee"].params["rsvp"], event["attendee"].params["partstat"]) == ("FALSE", "ACCEPTED")


def test_a_cancelled_lesson_is_removed_from_it(app: Flask) -> None:
    called_off = replace(INVITATION, sequence=3, cancelled=True, changed_at=SATURDAY + timedelta(hours=1))

    method, calendar = calendar_of(built(app, letter(invitations=[called_off])))

    event = calendar.events[0]
    assert method == calendar["method"] == "CANCEL"
    assert (event["uid"], event["sequence"], event["status"]) == (INVITATION.uid, 3, "CANCELLED")


@settings(max_examples=30)
@given(name=texts, summary=texts)
def test_whatever_people_type_the_calendar_has_one_event(app: Flask, name: str, summary: str) -> None:
    to = Recipient(name=name, address="ada@example.org")

    message = built(app, letter(to=to, invitations=[replace(INVITATION, summary=summary)]))

    _, calendar = calendar_of(message)
    assert [event["uid"] for event in calendar.events] == [INVITATION.uid]
    assert calendar.events[0]["attendee"] == "mailto:ada@example.org"
