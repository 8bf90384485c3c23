"""What people ask for, as the requests whose costs are measured."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from benchmarks.school import NOW, TEACHERS, School
from benchmarks.stand import bearer

STUDENT = TEACHERS + 1
WORDS = ("piano", "beginners", "group", "music", "one hand", "pian", "begin", "bginners")
PASSWORD = "a long password of somebody"


@dataclass(frozen=True)
class Kind:
    """One kind of request: how often it is measured, and what is sent the n-th time.

    `ask` is given the number and returns method, path, headers and body.
    """

    title: str
    times: int
    ask: Callable[[int], tuple[str, str, dict[str, str], str | None]]
    expected: int = 200


def kinds(school: School, address: str) -> Iterator[Kind]:
    student = bearer(school.token(STUDENT))
    cookie = {"Cookie": school.cookie(STUDENT)}
    version = _version_of_changes(address, student)
    yield Kind("an open page asks for changes: 304", 2000, _get("/api/users/me/changes", student | version), 304)
    yield Kind("one's own list, from the cache", 2000, _get("/api/bookings", student))
    yield Kind('the page "My lessons", from the cache', 300, _get("/lessons", cookie))
    yield Kind("a gig's page, from the cache", 300, _get("/gigs/1", cookie))
    yield Kind("the page of gigs, from the cache", 300, _get("/gigs", cookie))
    yield Kind("one's own list, read anew", 500, _anew("/api/bookings?to=", student))
    yield Kind("a search that nobody made before", 200, _searching(student))
    yield Kind("free times of a week, read anew", 200, _free_times(student))
    yield Kind("signing in", 100, _signing_in(address), 200)
    yield Kind("booking a lesson", 200, _booking(school), 201)
    yield Kind("changing a lesson's status", 150, _accepting(school, address, 200))


def _get(path: str, headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    return lambda _number: ("GET", path, headers, None)


def _version_of_changes(address: str, headers: dict[str, str]) -> dict[str, str]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("GET", "/api/users/me/changes", headers=headers)
    answer = connection.getresponse()
    answer.read()
    return {"If-None-Match": answer.headers["ETag"]}


def _anew(path: str, headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Ask with a moment that nobody has asked for before."""
    first = NOW + timedelta(days=400)
    return lambda number: ("GET", f"{path}{first + timedelta(seconds=number):%Y-%m-%dT%H:%M:%SZ}", headers, None)


def _searching(headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Search for a word below a price that nobody has named before."""
    return lambda number: (
        "GET",
        f"/api/gigs?q={WORDS[number % len(WORDS)].replace(' ', '+')}&max_price={5000 + number}",
        headers,
        None,
    )


def _free_times(headers: dict[str, str]) -> Callable[[int], tuple[str, str, dict[str, str], None]]:
    """Ask for a week that begins a minute after the one that was asked for last."""

    def ask(number: int) -> tuple[str, str, dict[str, str], None]:
        start = NOW + timedelta(days=10, minutes=number)
        span = f"from={start:%Y-%m-%dT%H:%M:%SZ}&to={start + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
        return "GET", f"/api/teachers/1/slots?gig_id=1&{span}", headers, None

    return ask


def _signing_in(address: str) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Sign somebody in who has registered for it."""
    person = {"name": "Ada", "email": "ada@example.org", "password": PASSWORD, "role": "student", "time_zone": "UTC"}
    _post(address, "/api/auth/register", person)
    body = json.dumps({"email": person["email"], "password": PASSWORD})
    return lambda _number: ("POST", "/api/auth/login", {"Content-Type": "application/json"}, body)


def _booking(school: School) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Let one student after the other ask one teacher after the other for a lesson."""

    def ask(number: int) -> tuple[str, str, dict[str, str], str]:
        place = number + 100
        headers = bearer(school.token(TEACHERS + 1 + place % (school.users - TEACHERS)))
        starts_at = _lesson_time(place)
        body = {"gig_id": place % TEACHERS + 1, "starts_at": f"{starts_at:%Y-%m-%dT%H:%M:%SZ}"}
        return "POST", "/api/bookings", headers | {"Content-Type": "application/json"}, json.dumps(body)

    return ask


def _lesson_time(place: int) -> datetime:
    """Return a time at which teachers teach: ten lessons on each working day from next month on."""
    day, lesson = divmod(place // TEACHERS, 10)
    first = (NOW + timedelta(days=30)).replace(hour=9)
    monday = first - timedelta(days=first.weekday())
    weeks, weekday = divmod(day, 5)
    return monday + timedelta(weeks=weeks, days=weekday, minutes=45 * lesson)


def _accepting(school: School, address: str, times: int) -> Callable[[int], tuple[str, str, dict[str, str], str]]:
    """Let teachers accept what was asked for before it is measured."""
    ask_for, made = _booking(school), []
    for number in range(1000, 1000 + times):
        _, path, headers, body = ask_for(number)
        made.append(_post(address, path, json.loads(body), headers))

    def ask(number: int) -> tuple[str, str, dict[str, str], str]:
        booking = made[number]
        headers = bearer(school.token(booking["teacher"]["id"])) | {"Content-Type": "application/json"}
        return "PATCH", f"/api/bookings/{booking['id']}", headers, json.dumps({"status": "accepted"})

    return ask


def _post(address: str, path: str, body: dict[str, str], headers: dict[str, str] | None = None) -> dict[str, Any]:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"} | (headers or {}))
    answer = connection.getresponse()
    made: dict[str, Any] = json.loads(answer.read())
    assert answer.status == 201, made
    return made
