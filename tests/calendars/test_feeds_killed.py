"""Feeds that are processes of their own: killed between two looks or in the midst of one, and back with other news."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from jobs import steps
from tests.calendars.elsewhere import ALL, BUSY, HOURS, NINE, book, look, offered, put
from tests.pages.visitor import Visitor
from tests.support.feed_process import FeedProcess
from tests.support.feed_server import busy, feed
from tests.support.server_process import started
from tests.support.world import Person, World

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

TAKEN = (409, "/problems/slot-unavailable")
# Twice as much, so that half of it has a whole event in it.
TEN = busy("20261123T100000Z", "20261123T110000Z", uid="2@elsewhere")


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(webhooks_allow_loopback=True)


@pytest.fixture
def ada(world: World) -> Person:
    return world.teacher(name="Ada Marlowe", time_zone="UTC", hours=HOURS)


@pytest.fixture
def gig(world: World, ada: Person) -> dict[str, Any]:
    return world.gig(ada, duration_minutes=60)


@pytest.fixture
def elsewhere(world: World, ada: Person, tmp_path: Path) -> Iterator[FeedProcess]:
    """A running feed with something at nine, which has been read."""
    with started(FeedProcess(tmp_path / "feed.ics")) as process:
        process.file.write_bytes(feed(NINE))
        put(ada, process.url)
        steps.drain(world.app)
        yield process


def problem(world: World, teacher: Person) -> str | None:
    """What its teacher is told of the calendar; the page says the same as the API."""
    (row,) = world.sign_in(teacher).get(BUSY).json["data"]
    page = Visitor(world.app).sign_in(teacher).open("/availability/calendars").text
    assert ("It has not been readable since" in page) == bool(row["problem"])
    return str(row["problem"]) if row["problem"] else None


def test_a_feed_killed_between_two_looks_keeps_its_times_until_it_is_back_with_others(
    world: World, ada: Person, gig: dict[str, Any], elsewhere: FeedProcess
) -> None:
    elsewhere.kill()
    look(world)
    meanwhile = offered(world, gig), book(world, gig, "09:00"), problem(world, ada)

    elsewhere.file.write_bytes(feed(TEN))
    elsewhere.start()
    look(world)

    assert meanwhile == (["08:00", "10:00", "11:00"], TAKEN, "No connection could be made: Connection refused.")
    assert problem(world, ada) is None
    assert offered(world, gig) == ["08:00", "09:00", "11:00"]
    assert book(world, gig, "10:00") == TAKEN
    assert book(world, gig, "09:00")[0] == 201


CUT_OFF = "The connection was ended, or what came back is no answer over HTTP."
NO_CALENDAR = "What came back is no calendar that can be read."


@pytest.mark.parametrize(("dies", "told"), [("asked", CUT_OFF), ("body", CUT_OFF), ("body-of-no-length", NO_CALENDAR)])
def test_a_feed_that_dies_in_the_midst_of_a_look_is_not_half_believed(
    world: World, ada: Person, gig: dict[str, Any], elsewhere: FeedProcess, dies: str, told: str
) -> None:
    elsewhere.kill()
    # Its first half is a whole event at ten, and what takes place at nine is in neither half.
    elsewhere.file.write_bytes(feed(TEN, TEN.replace("2@", "3@"), TEN.replace("2@", "4@")))
    elsewhere.start(dies=dies)
    look(world)
    elsewhere.wait()
    meanwhile = offered(world, gig), book(world, gig, "09:00"), problem(world, ada)

    elsewhere.file.write_bytes(feed())
    elsewhere.start()
    look(world)

    assert meanwhile == (["08:00", "10:00", "11:00"], TAKEN, told)
    assert problem(world, ada) is None
    assert offered(world, gig) == ALL
    assert book(world, gig, "09:00")[0] == 201
