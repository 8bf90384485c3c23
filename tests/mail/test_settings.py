"""What operators may write about mail, and what they are told if it cannot be used."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from config import ConfigError, MailServer, Settings, ascii_address, load_settings

SENDER = {"MAIL_FROM": "Lectern <lessons@example.org>"}


def load(tmp_path: Path, **given: str) -> Settings:
    return load_settings({"LECTERN_INSTANCE": str(tmp_path)} | given, root=tmp_path)


def test_without_settings_no_mail_leaves_this_machine_and_links_lead_to_the_server(tmp_path: Path) -> None:
    settings = load(tmp_path, HOST="::1", PORT="8123")

    assert settings.mail_server is None
    assert settings.public_url == "http://[::1]:8123"


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("smtp://mail.example.org", {"port": 25}),
        ("smtp://mail.example.org:2525", {"port": 2525}),
        ("smtp://a%40b:p%2Fw@mail.example.org?starttls=1", {"port": 587, "starttls": True, "username": "a@b"}),
        ("smtps://a:b@mail.example.org", {"port": 465, "tls": True, "username": "a"}),
    ],
)
def test_the_address_of_a_mail_server_is_read(tmp_path: Path, url: str, server: dict[str, Any]) -> None:
    found = load(tmp_path, MAIL_URL=url, **SENDER).mail_server

    assert found is not None
    assert found.host == "mail.example.org"
    assert {name: getattr(found, name) for name in server} == server


def test_a_password_is_decoded_and_never_shown() -> None:
    server = MailServer(host="mail.example.org", port=25, username="a", password="secret word")

    assert "secret" not in f"{server} {server!r}"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"MAIL_URL": "http://mail.example.org"}, "smtp://user:password@"),
        ({"MAIL_URL": "smtp://"}, "smtp://user:password@"),
        ({"MAIL_URL": "smtp://mail.example.org:many"}, "port"),
        ({"MAIL_URL": "smtp://mail.example.org?tls=1"}, "starttls=1"),
        ({"MAIL_URL": "smtps://mail.example.org?starttls=1"}, "leave starttls=1 out"),
        ({"MAIL_URL": "smtp://user@mail.example.org?starttls=1"}, "user:password"),
        ({"MAIL_URL": "smtp://user:password@mail.example.org"}, "in the clear"),
        ({"MAIL_URL": "smtp://mail.example.org", "MAIL_FROM": ""}, "MAIL_FROM must be set"),
        ({"MAIL_FROM": "Lectern"}, "MAIL_FROM"),
        ({"MAIL_FROM": "Lectern <a@b\nBcc: c@d>"}, "MAIL_FROM"),
        ({"PUBLIC_URL": "lessons.example.org"}, "PUBLIC_URL"),
        ({"MAIL_URL": "smtp://mail.example.org", "HOST": "0.0.0.0", "SECRET_KEY": "x" * 16}, "PUBLIC_URL must be set"),
        ({"MAIL_URL": "smtp://mail.example.org", "HOST": "::", "SECRET_KEY": "x" * 16}, "PUBLIC_URL must be set"),
        ({"PUBLIC_URL": "https://user@lessons.example.org"}, "PUBLIC_URL"),
    ],
)
def test_what_cannot_be_used_is_refused_with_what_to_write(tmp_path: Path, given: dict[str, str], words: str) -> None:
    with pytest.raises(ConfigError, match=words):
        load(tmp_path, **(SENDER | given))


def test_a_password_may_be_sent_in_the_clear_to_this_machine(tmp_path: Path) -> None:
    assert load(tmp_path, MAIL_URL="smtp://user:password@127.0.0.1:2525", **SENDER).mail_server


def test_a_server_on_all_addresses_sends_mails_whose_links_lead_to_the_public_one(tmp_path: Path) -> None:
    everywhere = {"HOST": "0.0.0.0", "SECRET_KEY": "x" * 16, "MAIL_URL": "smtp://mail.example.org"}

    settings = load(tmp_path, PUBLIC_URL="https://lessons.example.org", **everywhere, **SENDER)

    assert settings.public_url == "https://lessons.example.org"


def test_the_host_of_the_links_in_mails_is_answered(tmp_path: Path) -> None:
    settings = load(tmp_path, PUBLIC_URL="https://lessons.example.org/school/")

    assert settings.public_url == "https://lessons.example.org/school"
    assert "lessons.example.org" in settings.trusted_hosts


def test_a_domain_in_another_alphabet_gets_the_letters_that_mail_servers_know() -> None:
    assert ascii_address("buero@example.org") == "buero@example.org"
    assert ascii_address("office@schüle.example") == "office@xn--schle-mva.example"


@pytest.mark.parametrize("address", ["", "ada", "@example.org", "ada@", "äda@example.org", "a b@example.org", "a@b>c"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        ascii_address(address)
