"""Subscribing to a calendar, and reading it as calendar programs do."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import icalendar
from flask import Flask
from werkzeug.test import TestResponse

from tests.support.world import Person

TOKEN = "/api/users/me/calendar-token"


def subscribe(person: Person) -> str:
    """The path of a new feed."""
    made = person.post(TOKEN)
    assert made.status_code == 201, made.text
    address = urlsplit(made.json["url"])
    return f"{address.path}?{address.query}"


def fetch(app: Flask, path: str, **headers: str) -> TestResponse:
    """Fetch a feed as a calendar program does: nobody is signed in."""
    return app.test_client(use_cookies=False).get(path, headers=headers)


def events(app: Flask, path: str) -> list[Any]:
    """The events of a feed, in order."""
    answer = fetch(app, path)
    assert answer.status_code == 200, answer.text
    return icalendar.Calendar.from_ical(answer.data).events


def event(app: Flask, path: str) -> Any:
    """The only event of a feed."""
    (found,) = events(app, path)
    return found
