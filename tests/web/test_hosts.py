"""Lectern answers under its own names alone, in the list middleware as well."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from config import LOOPBACK_NAMES, load_settings
from tests.support.world import World
from web.hosts import Hosts

OURS = ("lessons.example.org", ".school.example", "[2001:db8::1]")


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """Only SQLite: names have nothing to do with the database."""
    return sqlite_url


def asked_as(app: Flask, host: str, path: str = "/api/gigs", **headers: str) -> int:
    client = app.test_client(use_cookies=False)
    return client.get(path, base_url="http://localhost", headers={"Host": host} | headers).status_code


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("lessons.example.org", 200),
        ("Lessons.Example.org:8443", 200),
        ("a.school.example", 200),
        ("[2001:db8::1]:8000", 200),
        ("localhost", 400),
        ("school.example", 400),
        ("example.org", 400),
        ("lessons.example.org.evil.example", 400),
        ("evil-school.example", 400),
        ("[2001:db8::2]", 400),
        ("", 400),
        ("lessons.example.org evil.example", 400),
    ],
)
def test_a_name_is_ours_whatever_its_port_and_capitals(host: str, status: int) -> None:
    assert Hosts(OURS).know(host) == (status == 200)


@pytest.mark.parametrize("host", ["evil.example", "", "lessons.example.org evil.example"])
def test_any_other_name_is_a_bad_request(make_app: Callable[..., Flask], host: str) -> None:
    app = make_app(trusted_hosts=OURS)

    for path in ("/api/gigs", "/sign-in", "/nowhere", "/static/lectern.css"):
        assert asked_as(app, host, path) == 400


def test_a_page_says_who_can_help(make_app: Callable[..., Flask]) -> None:
    answer = make_app(trusted_hosts=OURS).test_client().get("/sign-in", headers={"Host": "evil.example"})

    assert "add the name that stands in the address to the setting TRUSTED_HOSTS." in answer.text
    assert "evil.example" not in answer.text


def test_load_balancers_ask_for_the_health_by_any_address(make_app: Callable[..., Flask]) -> None:
    assert asked_as(make_app(trusted_hosts=OURS), "10.0.0.7:8000", "/health") == 200


def test_a_hit_is_for_those_who_ask_under_a_name_of_ours(
    make_app: Callable[..., Flask], world: World, answered_by_middleware: list[str]
) -> None:
    app, person = make_app(trusted_hosts=OURS), world.student()
    for _ in range(2):
        assert asked_as(app, OURS[0], **person.headers) == 200
    assert len(answered_by_middleware) == 1

    assert asked_as(app, "evil.example", **person.headers) == 400


@pytest.mark.parametrize(
    ("forwarded", "status"),
    [("lessons.example.org", 200), ("evil.example, lessons.example.org", 200), ("evil.example", 400), ("", 400)],
)
def test_behind_a_proxy_its_word_about_the_name_counts(
    make_app: Callable[..., Flask], world: World, forwarded: str, status: int
) -> None:
    app, person = make_app(trusted_hosts=OURS, trusted_proxies=1), world.student()
    asked_as(app, OURS[0], **person.headers)

    headers = {"X-Forwarded-Host": forwarded} if forwarded else {}

    assert asked_as(app, "127.0.0.1:8000", **headers, **person.headers) == status


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({}, LOOPBACK_NAMES),
        ({"HOST": "::1"}, LOOPBACK_NAMES),
        ({"HOST": "127.0.0.2"}, (*LOOPBACK_NAMES, "127.0.0.2")),
        ({"TRUSTED_PROXIES": "1"}, ("*",)),
        ({"HOST": "0.0.0.0", "SECRET_KEY": "x" * 16}, ("*",)),
        ({"TRUSTED_HOSTS": "A.example, ::1 ,"}, ("a.example", "[::1]")),
    ],
)
def test_without_names_a_server_on_loopback_has_those_of_loopback_and_others_have_any(
    tmp_path: object, given: dict[str, str], names: tuple[str, ...]
) -> None:
    settings = load_settings({"LECTERN_INSTANCE": str(tmp_path)} | given)

    assert settings.trusted_hosts == names


@pytest.mark.parametrize("names", [("*",), ("localhost",)])
def test_that_any_name_will_do_is_said_at_the_start(
    make_app: Callable[..., Flask], caplog: pytest.LogCaptureFixture, names: tuple[str, ...]
) -> None:
    make_app(trusted_hosts=names)

    assert ("name your own in TRUSTED_HOSTS" in caplog.text) == (names == ("*",))


def test_a_path_begins_with_one_slash(app: Flask) -> None:
    client = app.test_client()

    assert client.get("/metrics").status_code == 200
    assert client.get("/x", environ_overrides={"PATH_INFO": "//metrics"}).status_code == 404
