"""The school's name and logo in mails: they come along, and nothing is loaded from anywhere."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import pytest
from flask import Flask
from PIL import Image

from administration.school.service import change, remove_logo, set_logo
from config import Sender
from mail import delivery
from mail.letters import Letter, Recipient
from school.models import SchoolSettings
from tests.conftest import SATURDAY
from tests.support.mail_server import Inbox, html_of, mail_server, text_of

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
LETTER = Letter(
    key="test 1",
    template="test",
    to=Recipient(name="Ada Lovelace", address="ada@example.org"),
    facts={"sent_at": SATURDAY},
)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_the_schools_logo_comes_along_with_the_mail_and_goes_again(make_app: Callable[..., Flask], form: str) -> None:
    inbox, drawn = Inbox(), BytesIO()
    Image.new("RGB", (900, 300), "teal").save(drawn, form)
    with mail_server(inbox) as server:
        sender = Sender("Lectern", "lessons@example.org")
        with make_app(mail_server=server, mail_from=sender, public_url="https://lessons.example.org").app_context():
            change(SchoolSettings(name="Harbour School", accent_colour="#7a3b00"), now=SATURDAY)
            set_logo(drawn.getvalue(), now=SATURDAY)
            delivery.send(LETTER, now=SATURDAY)
            remove_logo()
            delivery.send(replace(LETTER, key="another"), now=SATURDAY)

    with_logo, without = inbox.received
    (picture,) = [part for part in with_logo.walk() if part.get_content_maintype() == "image"]
    html = html_of(with_logo)
    assert Image.open(BytesIO(picture.get_content())).size == (336, 112)
    assert (picture.get_content_type(), picture.get_content_disposition()) == ("image/png", "inline")
    assert re.findall(r'src="([^"]*)"', html) == [f"cid:{picture['Content-ID'].strip('<>')}"]
    assert "Harbour School" in html
    assert "Harbour School" in text_of(with_logo)
    assert "image" not in [part.get_content_maintype() for part in without.walk()]
    assert "src=" not in html_of(without)
