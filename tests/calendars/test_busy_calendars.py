"""Calendars from elsewhere: what takes place in them is not offered, whatever else they do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from calendars.busy import expansion, looking, looks
from jobs import steps
from support.queries import count_queries
from tests.calendars.elsewhere import ALL, BUSY, HOURS, NINE, book, look, offered, put
from tests.conftest import FakeClock
from tests.pages.visitor import Visitor
from tests.support.feed_server import FeedServer, busy, event, feed, feed_server
from tests.support.world import Person, World

on_both_databases = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(params=["sqlite"])
def database_url(request: pytest.FixtureRequest) -> str:
    """SQLite, unless a test is about what the other database does."""
    return str(request.getfixturevalue({"sqlite": "sqlite_url", "postgresql": "postgres_url"}[request.param]))


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(webhooks_allow_loopback=True)


@pytest.fixture
def server() -> Iterator[FeedServer]:
    with feed_server() as running:
        yield running


@pytest.fixture
def ada(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", time_zone="UTC", hours=HOURS)


@pytest.fixture
def gig(world: World, ada: Person) -> dict[str, Any]:
    return world.gig(ada, duration_minutes=60)


@on_both_databases
def test_what_takes_place_elsewhere_is_neither_offered_nor_bookable_until_it_does_not(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any]
) -> None:
    server.feeds["/a.ics"] = feed(NINE)
    assert offered(world, gig) == ALL

    put(ada, server.url())
    steps.drain(world.app)
    refused = book(world, gig, "09:00")
    with_busy = offered(world, gig)
    server.feeds["/a.ics"] = feed(busy("20261123T104500Z", "20261123T110000Z"))
    look(world)
    moved = offered(world, gig)
    put(ada)

    assert refused == (409, "/problems/slot-unavailable")
    assert with_busy == ["08:00", "10:00", "11:00"]
    assert moved == ["08:00", "09:00", "11:00"]
    assert offered(world, gig) == ALL
    assert book(world, gig, "10:00")[0] == 201


KINDS = [
    ("a weekly one", event("DTSTART:20261102T090000Z", "DTEND:20261102T100000Z", "RRULE:FREQ=WEEKLY"), "09:00"),
    ("without an end", event("DTSTART:20261123T090000Z", "DURATION:PT1H"), "09:00"),
    (
        "in a zone",
        event("DTSTART;TZID=Europe/Berlin:20261123T100000", "DTEND;TZID=Europe/Berlin:20261123T110000"),
        "09:00",
    ),
    (
        "in a zone by its name in Windows",
        event(
            "DTSTART;TZID=W. Europe Standard Time:20261123T100000", "DTEND;TZID=W. Europe Standard Time:20261123T110000"
        ),
        "09:00",
    ),
    ("without a zone", event("DTSTART:20261123T090000", "DTEND:20261123T100000"), "09:00"),
    ("in a zone nobody knows", event("DTSTART;TZID=Mars:20261123T090000", "DTEND;TZID=Mars:20261123T100000"), "09:00"),
    (
        "in a zone that cannot be read",
        "BEGIN:VTIMEZONE\r\nTZID:Mars\r\nBEGIN:STANDARD\r\nDTSTART:x\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
        + event("DTSTART;TZID=Mars:20261123T090000", "DTEND;TZID=Mars:20261123T100000"),
        "09:00",
    ),
    ("a whole day", event("DTSTART;VALUE=DATE:20261123"), "08:00 09:00 10:00 11:00"),
    ("free", busy("20261123T090000Z", "20261123T100000Z", "TRANSP:TRANSPARENT"), ""),
    ("cancelled", busy("20261123T090000Z", "20261123T100000Z", "STATUS:CANCELLED"), ""),
    ("tentative", busy("20261123T090000Z", "20261123T100000Z", "STATUS:TENTATIVE"), "09:00"),
    (
        "a date left out",
        event("DTSTART:20261116T090000Z", "DTEND:20261116T100000Z", "RRULE:FREQ=WEEKLY", "EXDATE:20261123T090000Z"),
        "",
    ),
    (
        "a date moved",
        event("DTSTART:20261116T090000Z", "DTEND:20261116T100000Z", "RRULE:FREQ=WEEKLY")
        + event("RECURRENCE-ID:20261123T090000Z", "DTSTART:20261123T110000Z", "DTEND:20261123T120000Z"),
        "11:00",
    ),
    ("of no length", busy("20261123T090000Z", "20261123T090000Z"), ""),
    ("broken beside a sound one", event("DTSTART:nonsense", uid="2@elsewhere") + NINE, "09:00"),
]


def test_each_kind_of_event_takes_the_time_it_takes(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any]
) -> None:
    # One teacher and one database; what a process computes for each is what is tried.
    wrong = {}
    for kind, text, taken in KINDS:
        server.feeds["/a.ics"] = feed(text)
        look(world) if kind != KINDS[0][0] else (put(ada, server.url()), steps.drain(world.app))
        free = offered(world, gig)
        if free != [at for at in ALL if at not in taken.split()]:
            wrong[kind] = free

    assert wrong == {}


def test_an_unchanged_feed_is_not_computed_again_and_makes_nothing_old(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    server.feeds["/a.ics"] = feed(NINE)
    put(ada, server.url())
    steps.drain(world.app)
    offered(world, gig)
    computed: list[object] = []
    compute = looking.compute
    monkeypatch.setattr(looking, "compute", lambda *given: computed.append(given) or compute(*given))

    look(world)
    server.tags = False
    server.feeds["/a.ics"] = feed(NINE).replace(b"DTSTAMP:20261101", b"DTSTAMP:20261121")
    look(world)
    with count_queries() as queries:
        offered(world, gig)

    assert server.heard[1][1]["if-none-match"]
    assert (computed, queries) == ([], [])

    world.clock.advance(days=1)  # type: ignore[attr-defined]
    look(world)

    assert len(computed) == 1


def test_a_server_that_is_killed_and_comes_back_changes_nothing_meanwhile(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any], clock: FakeClock
) -> None:
    server.feeds["/a.ics"] = feed(NINE)
    put(ada, server.url())
    steps.drain(world.app)

    server.kill()
    look(world)
    down, calendar = offered(world, gig), ada.get(BUSY).json["data"][0]
    server.feeds["/a.ics"] = feed()
    server.start()
    look(world)

    assert down == ["08:00", "10:00", "11:00"]
    assert calendar["problem"] == "No connection could be made: Connection refused."
    assert calendar["read_at"] < calendar["failing_since"] == calendar["looked_at"]
    assert world.sign_in(ada).get(BUSY).json["data"][0]["problem"] is None
    assert offered(world, gig) == ALL


HOSTILE: dict[str, bytes | int | str] = {
    "/endless.ics": feed(busy("19700101T090000Z", "19700101T090001Z", "RRULE:FREQ=SECONDLY")),
    "/large.ics": feed(busy("20261123T080000Z", "20261123T120000Z", f"DESCRIPTION:{'x' * 10_000_000}")),
    "/page.ics": b"<html>Sign in</html>",
    "/gone.ics": 410,
    "/loop.ics": "/loop.ics",
    "/inside.ics": "http://10.0.0.1/secret",
}


def test_feeds_that_hang_or_ask_for_too_much_are_reported_and_harm_no_other(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "FETCH_SECONDS", 1.0)
    monkeypatch.setattr(looking, "COMPUTE_SECONDS", 2.0)
    server.feeds |= HOSTILE | {"/a.ics": feed(NINE)}
    server.hanging.add("/hangs.ics")
    other = world.teacher(time_zone="UTC", hours=HOURS)

    put(ada, *(server.url(path) for path in ("/hangs.ics", "/endless.ics", "/large.ics", "/page.ics", "/a.ics")))
    put(other, *(server.url(path) for path in ("/gone.ics", "/loop.ics", "/inside.ics")))
    look(world)

    problems = [row["problem"] for teacher in (ada, other) for row in teacher.get(BUSY).json["data"]]
    assert problems == [
        "There was no whole answer within 1 second.",
        "Its events take too long to work out. Does one of them repeat every second?",
        "It is larger than 5 MB.",
        "What came back is no calendar that can be read.",
        None,
        "The other server answered with 410.",
        "The other server leads from one address to the next.",
        "Give an address that begins with https://.",
    ]
    assert offered(world, gig) == ["08:00", "10:00", "11:00"]


def many(number: int, *more: str) -> bytes:
    """A feed of so many weekly events that began in 2010, on Wednesdays."""
    start, rule = "DTSTART:20100106T{:02}{:02}00Z", "RRULE:FREQ=WEEKLY"
    events = (event(start.format(8 + n % 4, n % 60), "DURATION:PT5M", rule, uid=f"{n}@old") for n in range(number))
    return feed(*events, *more)


def test_a_calendar_with_a_hundred_events_that_recur_since_years_is_worked_out(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any]
) -> None:
    server.feeds["/a.ics"] = many(100, NINE)

    put(ada, server.url())
    steps.drain(world.app)

    (calendar,) = ada.get(BUSY).json["data"]
    assert (calendar["problem"], calendar["covers_until"]) == (None, None)
    assert offered(world, gig) == ["08:00", "10:00", "11:00"]
    assert offered(world, gig, "2026-11-25") == []


def test_ten_thousand_recurring_events_are_reported_and_harm_no_other_calendar(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(looking, "COMPUTE_SECONDS", 2.0)
    server.feeds |= {"/many.ics": many(10_000), "/a.ics": feed(NINE)}

    put(ada, server.url("/many.ics"), server.url())
    steps.drain(world.app)

    assert len(server.feeds["/many.ics"]) < looking.MOST_BYTES  # type: ignore[arg-type]
    problems = [row["problem"] for row in ada.get(BUSY).json["data"]]
    assert problems == ["Its events take too long to work out. Does one of them repeat every second?", None]
    assert offered(world, gig) == ["08:00", "10:00", "11:00"]


def test_of_a_calendar_with_too_much_in_it_the_nearest_times_are_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(expansion, "MOST_OCCURRENCES", 10)
    start = int(datetime(2026, 11, 21, tzinfo=UTC).timestamp())
    wanted = expansion.Wanted(start=start, end=start + 365 * 86400, zone="UTC")

    found = expansion.expand(feed(event("DTSTART:20200101T090000Z", "DURATION:PT1H", "RRULE:FREQ=DAILY")), wanted)

    days = [(begin - start) // 86400 for begin, _, _ in found.times]
    assert (days, found.until) == ([*range(10)], found.times[-1][0] + 86400)


def test_ones_own_lessons_in_the_products_own_feed_or_mails_do_not_make_busy(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any]
) -> None:
    student = world.student()
    choir = world.gig(ada, times="timetable", capacity=3)
    ada.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": "2026-11-23T10:00:00Z"})
    lesson = world.accepted(student, ada, gig, starts_at="2026-11-23T09:00:00Z")
    token = ada.post("/api/users/me/calendar-token").json["token"]
    own = world.anyone.get(f"/api/calendar.ics?token={token}").data
    # Another Lectern gives its lessons the same kind of name.
    server.feeds["/a.ics"] = own.replace(
        b"END:VCALENDAR",
        busy("20261123T080000Z", "20261123T090000Z", uid=f"booking-{lesson['id']}-20200101T000000Z@lectern").encode()
        + b"END:VCALENDAR",
    )

    put(ada, server.url())
    steps.drain(world.app)
    student.patch(f"/api/bookings/{lesson['id']}", {"status": "cancelled"})

    assert b"session-" in own
    assert offered(world, gig) == ["09:00", "11:00"]


def test_addresses_are_refused_as_everywhere_and_bounded(world: World, ada: Person) -> None:
    def errors(*urls: str) -> Any:
        return put(ada, *urls, status=422)["errors"]

    assert errors("https://10.0.0.1/a.ics")["data"]
    assert errors("ftp://example.org/a.ics")["data"] == ["Give an address that begins with https://."]
    assert errors(*(f"https://93.184.216.34/{number}.ics" for number in range(6)))["data"]
    assert errors("https://93.184.216.34/a.ics", "webcal://93.184.216.34/a.ics")["data"]
    assert ada.get(BUSY).json == {"data": []}
    assert put(ada, "webcal://93.184.216.34/a.ics")["data"][0]["url"] == "https://93.184.216.34/a.ics"


def test_only_its_teacher_sees_the_calendar_and_the_week_shows_it_beside_lessons(
    world: World, server: FeedServer, ada: Person, gig: dict[str, Any]
) -> None:
    lesson = world.accepted(world.student(name="Mia Lindqvist"), ada, gig, starts_at="2026-11-23T09:00:00Z")
    server.feeds["/a.ics"] = feed(busy("20261123T090000Z", "20261123T100000Z", "SUMMARY:At the dentist's"))

    put(ada, server.url())
    steps.drain(world.app)
    client = world.app.test_client()
    page = _signed_in(client, ada).get("/schedule?date=2026-11-23").text

    assert "Busy (Calendar 1)" in page
    assert "Mia Lindqvist" in page
    assert "dentist" not in page
    assert ada.get(f"/api/bookings/{lesson['id']}").json["status"] == "accepted"
    for path in (f"/gigs/{gig['id']}", f"/teachers/{ada.id}", f"/embed/gigs/{gig['id']}"):
        assert "Calendar 1" not in world.anyone.get(path).text
    assert world.teacher().get(BUSY).json == {"data": []}


def test_a_teacher_adds_and_removes_calendars_on_a_page(world: World, server: FeedServer, ada: Person) -> None:
    visitor = Visitor(world.app).sign_in(ada).open("/availability/calendars")

    refused = visitor.send(url="http://10.0.0.1/a.ics").text
    server.feeds["/a.ics"] = feed(NINE)
    added = visitor.send(url=server.url(), name="Private").text
    steps.drain(world.app)
    read = visitor.open("/availability/calendars").text
    removed = visitor.send("/availability/calendars/1/remove").text

    assert "Give an address that begins with https://." in refused
    assert "“Private” is added." in added
    assert "Not read yet" in added
    assert "Last read" in read
    assert "The calendar is removed." in removed
    assert ada.get(BUSY).json == {"data": []}


def test_looks_are_taken_up_again_every_ten_minutes(
    world: World, server: FeedServer, ada: Person, clock: FakeClock
) -> None:
    server.feeds["/a.ics"] = feed(NINE)
    put(ada, server.url())
    steps.drain(world.app)

    for _ in range(3):
        look(world)
    with world.app.app_context():
        looks.look_at_some(clock() + timedelta(minutes=1))

    assert len(server.heard) == 4


def _signed_in(client: Any, person: Person) -> Any:
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {person.token}"
    return client
