"""The feed that calendar programs subscribe to: what stands in it, for whom, and how fresh it is."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import icalendar
import pytest
import vobject
from flask import Flask
from sqlalchemy import select

from calendars.models import CalendarToken
from database import reading
from support.queries import count_queries
from support.servers import RedisServer
from tests.bookings.rows import insert_booking
from tests.calendars.feeds import TOKEN, event, events, fetch, subscribe
from tests.conftest import FakeClock
from tests.support.world import PASSWORD, World

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def test_a_feed_shows_a_lesson_to_both_of_its_people(world: World) -> None:
    student, teacher = world.student(name="Ada King"), world.teacher(name="Grace Hopper")
    gig = world.gig(teacher, title="Piano; four hands, one heart", location="Room 7")
    booking = world.accepted(student, teacher, gig, starts_at="2026-12-01T16:00:00Z", note="Line one\nline, two")

    mine, theirs = (event(world.app, subscribe(person)) for person in (student, teacher))

    assert mine["summary"] == "Piano; four hands, one heart with Grace Hopper"
    assert theirs["summary"] == "Piano; four hands, one heart with Ada King"
    assert mine["uid"] == theirs["uid"] == f"booking-{booking['id']}-20261121T093000Z@lectern"
    assert (mine["status"], mine["location"], mine["description"]) == ("CONFIRMED", "Room 7", "Line one\nline, two")
    assert mine["dtstart"].to_ical() == b"20261201T170000"
    assert mine["dtstart"].params["TZID"] == "Europe/Berlin"
    assert mine["dtend"].dt - mine["dtstart"].dt == timedelta(minutes=45)
    assert mine["url"] == f"http://localhost/lessons/{booking['id']}"


def test_nobodys_address_and_nobody_elses_lesson_stands_in_it(world: World) -> None:
    student, other, teacher = world.student(), world.student(name="Somebody Else"), world.teacher()
    gig = world.gig(teacher)
    world.booking(student, gig)
    world.booking(other, gig, starts_at=world.at(days=2))

    file = fetch(world.app, subscribe(student)).text

    assert file.count("BEGIN:VEVENT") == 1
    assert "Somebody Else" not in file
    assert not any(part in file for part in ("@example.org", "ORGANIZER", "ATTENDEE", "METHOD"))


def test_state_and_sequence_follow_each_change_and_the_uid_stays(world: World, clock: FakeClock) -> None:
    student, teacher = world.student(), world.teacher()
    booking = world.booking(student, world.gig(teacher, location="Room 7"))
    feed, path = subscribe(student), f"/api/bookings/{booking['id']}"
    seen = [event(world.app, feed)]
    for person, change in (
        (teacher, {"status": "accepted"}),
        (teacher, {"starts_at": world.at(days=3)}),
        (student, {"starts_at": world.at(days=4)}),
        (student, {"status": "cancelled"}),
    ):
        clock.advance(minutes=1)

        assert person.patch(path, change).status_code == 200
        seen.append(event(world.app, feed))

    # What is only asked for changes nothing in a calendar.
    assert [it["sequence"] for it in seen] == [0, 1, 2, 2, 3]
    assert [it["status"] for it in seen] == ["TENTATIVE", "CONFIRMED", "CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert ["location" in it for it in seen] == [False, True, True, True, False]
    assert len({it["uid"] for it in seen}) == 1
    assert [it["dtstart"].dt.day for it in seen] == [22, 22, 24, 24, 24]
    assert [it["last-modified"].dt.minute for it in seen] == [30, 31, 32, 33, 34]
    assert [it["dtstamp"].dt for it in seen] == [it["last-modified"].dt for it in seen]


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("completed", ("CONFIRMED", "OPAQUE", "Piano")),
        ("no_show", ("CONFIRMED", "OPAQUE", "No-show: Piano")),
        ("rejected", ("CANCELLED", "TRANSPARENT", "Declined: Piano")),
        ("cancelled", ("CANCELLED", "TRANSPARENT", "Cancelled: Piano")),
        ("expired", ("CANCELLED", "TRANSPARENT", "Expired: Piano")),
        ("pending", ("TENTATIVE", "OPAQUE", "Not yet accepted: Piano")),
    ],
)
@on_sqlite
def test_a_lesson_says_how_it_stands(world: World, status: str, expected: tuple[str, ...]) -> None:
    student, teacher = world.student(), world.teacher(name="Grace")
    world.past_lesson(student, world.gig(teacher, title="Piano"), status=status)

    shown = event(world.app, subscribe(student))

    assert (shown["status"], shown["transp"], shown["summary"].removesuffix(" with Grace")) == expected


def test_every_change_that_it_shows_is_in_the_next_answer(world: World, make_app: Callable[..., Flask]) -> None:
    student, teacher, other_app = world.student(), world.teacher(name="Grace"), make_app()
    gig = world.gig(teacher, location="Room 7")
    feed = subscribe(student)
    assert events(world.app, feed) == events(other_app, feed) == []
    world.accepted(student, teacher, gig)
    assert [it["location"] for app in (world.app, other_app) for it in events(app, feed)] == ["Room 7"] * 2

    teacher.patch(f"/api/gigs/{gig['id']}", {"location": "Room 8"})
    moved = [event(app, feed)["location"] for app in (world.app, other_app)]
    teacher.patch("/api/users/me", {"name": "Grace Hopper"})
    renamed = [event(app, feed)["summary"] for app in (world.app, other_app)]
    student.patch("/api/users/me", {"time_zone": "Asia/Kathmandu"})
    zones = [event(app, feed)["dtstart"].params["TZID"] for app in (world.app, other_app)]

    assert moved == ["Room 8"] * 2
    assert renamed == ["Piano for beginners with Grace Hopper"] * 2
    assert zones == ["Asia/Kathmandu"] * 2


def test_it_is_private_and_need_not_be_sent_twice(world: World) -> None:
    student = world.student()
    feed = subscribe(student)

    first, second = fetch(world.app, feed), fetch(world.app, feed)
    third = fetch(world.app, feed, **{"If-None-Match": first.headers["ETag"]})
    world.booking(student, world.gig(world.teacher()))
    fourth = fetch(world.app, feed, **{"If-None-Match": first.headers["ETag"]})

    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert [it.headers["X-Cache"] for it in (first, second, third, fourth)] == ["MISS", "HIT", "HIT", "MISS"]
    assert [it.status_code for it in (first, second, third, fourth)] == [200, 200, 304, 200]
    assert third.data == b""
    assert {it.headers["Cache-Control"] for it in (first, second, third)} == {"private, no-cache"}
    assert "Set-Cookie" not in first.headers


def test_it_begins_ninety_days_ago(world: World) -> None:
    student, teacher = world.student(), world.teacher()
    gig, now = world.gig(teacher), world.clock()
    for days in (89, 90, 91):
        insert_booking(world.app, student, gig, now - timedelta(days=days), status="completed")

    starts = [it["dtstart"].dt for it in events(world.app, subscribe(student))]

    assert starts == [now - timedelta(days=90), now - timedelta(days=89)]


def test_a_new_address_makes_the_one_before_void_and_none_makes_both_void(world: World) -> None:
    student = world.student()
    first = subscribe(student)
    statuses = [fetch(world.app, first).status_code]

    second = subscribe(student)
    statuses += [fetch(world.app, feed).status_code for feed in (first, second)]
    stopped = student.delete(TOKEN)
    statuses += [fetch(world.app, feed).status_code for feed in (first, second)]

    assert (stopped.status_code, student.delete(TOKEN).status_code) == (204, 204)
    assert statuses == [200, 404, 200, 404, 404]


def test_whoever_has_left_has_no_feed_in_any_process(world: World, make_app: Callable[..., Flask]) -> None:
    student, other_app = world.student(), make_app()
    feed = subscribe(student)
    assert {fetch(app, feed).status_code for app in (world.app, other_app)} == {200}

    world.operator("accounts", "deactivate", student.email)

    assert {fetch(app, feed).status_code for app in (world.app, other_app)} == {404}


@on_sqlite
def test_what_is_no_token_is_not_found(world: World) -> None:
    student, other = world.student(), world.student()
    token = subscribe(student).partition("=")[2]
    number, _, secret = token.partition(".")
    wrong = [f"{other.id}.{secret}", secret, number, f"{number}.", f"0{token}", f"{token}x", token[:-1], "💥", "\0", ""]
    wrong += [f"{2**63}.{secret}", f"{'9' * 19}.{secret}", f"{number}.{secret.swapcase()}", f" {token}", f"{token}\n"]

    answers = [world.anyone.get("/api/calendar.ics", query_string={"token": it}) for it in wrong]

    assert {answer.status_code for answer in answers} == {404}
    assert {answer.mimetype for answer in answers} == {"application/problem+json"}
    assert {answer.headers["Cache-Control"] for answer in answers} == {"no-store"}
    assert world.anyone.get("/api/calendar.ics").status_code == 422
    assert fetch(world.app, f"/api/calendar.ics?token={token}").status_code == 200


def test_the_database_has_a_hash_alone(world: World) -> None:
    student = world.student()
    token = subscribe(student).partition("=")[2]

    with world.app.app_context(), reading() as connection:
        (row,) = connection.execute(select(CalendarToken.__table__)).all()

    assert row.user_id == student.id
    assert len(token.partition(".")[2]) == 32
    assert token.partition(".")[2] not in str(tuple(row))


@on_sqlite
def test_a_token_gets_into_no_log(world: World, caplog: pytest.LogCaptureFixture) -> None:
    feed = subscribe(world.student())
    secret = feed.partition("=")[2].partition(".")[2]

    with caplog.at_level(logging.DEBUG):
        statuses = [fetch(world.app, path).status_code for path in (feed, feed, f"{feed}x", f"{feed}&colour=green")]

    assert statuses == [200, 200, 404, 422]
    assert any("family=calendar " in record.getMessage() for record in caplog.records)
    assert not [record for record in caplog.records if secret in record.getMessage()]


@on_sqlite
def test_only_guessing_is_limited(world: World, make_app: Callable[..., Flask]) -> None:
    app, feed = make_app(ratelimit_enabled=True), subscribe(world.student())

    known = [fetch(app, feed).status_code for _ in range(35)]
    guesses = [fetch(app, f"{feed}x").status_code for _ in range(31)]

    assert set(known) == {200}
    assert guesses == [404] * 30 + [429]
    assert fetch(app, feed).status_code == 200, "others at the same address may have guessed"


@on_sqlite
def test_guessing_asks_the_database_nothing_twice_and_fills_no_cache(world: World, redis_server: RedisServer) -> None:
    feed = subscribe(world.student())
    owner = feed.partition("token=")[2].partition(".")[0]
    guesses = [f"/api/calendar.ics?token={owner}.{number:032}" for number in range(5)]
    fetch(world.app, guesses[0])
    with redis_server.client() as redis:
        before = redis.dbsize()

    with count_queries() as statements:
        assert {fetch(world.app, guess).status_code for guess in guesses} == {404}

    with redis_server.client() as redis:
        assert redis.dbsize() == before
    assert statements == []


@on_sqlite
@pytest.mark.parametrize("by", ["owner", "operator"])
def test_a_new_password_ends_the_feed_in_every_process(world: World, make_app: Callable[..., Flask], by: str) -> None:
    student, other = world.student(), make_app()
    feed, unconcerned = subscribe(student), subscribe(world.student())
    assert fetch(other, feed).status_code == 200

    if by == "owner":
        student.patch("/api/users/me", {"current_password": PASSWORD, "password": "a wholly different one"})
    else:
        world.operator("accounts", "set-password", student.email, "--password", "a wholly different one")

    assert fetch(other, feed).status_code == fetch(world.app, feed).status_code == 404
    assert fetch(other, unconcerned).status_code == 200


@on_sqlite
def test_texts_come_out_as_they_were_entered_for_every_reader(world: World) -> None:
    student, teacher = world.student(), world.teacher(name="Zoë; Müller, \\ PhD")
    title, note = "日本語 🎹 " * 12, "BEGIN:VEVENT\r\nEND:VCALENDAR\n\n;,:\\n\"'" + "ü" * 300
    world.booking(student, world.gig(teacher, title=title.strip()), note=note)

    file = fetch(world.app, subscribe(student)).data
    read, other = _event(file), vobject.readOne(file.decode()).vevent

    assert read["summary"] == f"Not yet accepted: {title.strip()} with Zoë; Müller, \\ PhD"
    assert read["description"] == note.replace("\r\n", "\n")
    assert other.summary.value == read["summary"]
    assert other.description.value == read["description"]
    assert max(len(line) for line in file.split(b"\r\n")) <= 75
    assert b"\n" not in file.replace(b"\r\n", b"")


@on_sqlite
@pytest.mark.parametrize("character", ["\r", "\v", "\x07", "\x85", "\u2028", "\x1c"])
def test_strange_characters_do_not_break_a_line(world: World, character: str) -> None:
    student = world.student()
    world.booking(student, world.gig(world.teacher()), note=f"before{character}X-INJECTED:after")

    file = fetch(world.app, subscribe(student)).data

    assert character.encode() not in file.replace(b"\r\n", b"")
    assert "X-INJECTED" not in _event(file)


def _event(file: bytes) -> Any:
    (found,) = icalendar.Calendar.from_ical(file).events
    return found
