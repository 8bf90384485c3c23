"""A busy time that is read from elsewhere at the moment at which a student books it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from accounts.models import Role
from bookings import service as bookings
from bookings.rules.agreement import LessonRequest
from calendars.busy import service
from calendars.busy.expansion import Found
from calendars.busy.looking import Seen
from database import writing
from jobs import steps
from server.children import wait_until
from tests.schedule.bodies import weekly
from tests.support.feed_server import FeedServer, feed, feed_server
from tests.support.races import waits_for_lock
from tests.support.world import Person, World

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
BUSY = int(NINE.timestamp()), int(NINE.timestamp()) + 3600, None


@pytest.fixture
def app(make_app: Callable[..., Flask]) -> Flask:
    return make_app(webhooks_allow_loopback=True)


class Calendar:
    """A teacher's calendar elsewhere, in which nothing takes place, and a gig of theirs."""

    def __init__(self, world: World, server: FeedServer) -> None:
        self.world = world
        self.teacher = world.teacher(time_zone="UTC", hours={"weekly": weekly("daily 08:00-12:00")})
        self.gig = world.gig(self.teacher, duration_minutes=60)
        self.student = world.student()
        server.feeds["/a.ics"] = feed()
        self.url = server.url()
        path = "/api/teachers/me/busy-calendars"
        self.id = self.teacher.put(path, {"data": [{"url": self.url, "name": "Private"}]}).json["data"][0]["id"]
        steps.drain(world.app)

    def note_nine(self) -> bool:
        """Note that something takes place at nine, in the transaction that is open, or in one of its own."""
        seen = Seen(digest="another", found=Found([BUSY]))
        return service.note_seen(self.id, self.url, "UTC", seen, now=self.world.clock())

    def sees_nine(self) -> bool:
        with self.world.app.app_context():
            return self.note_nine()

    def book(self) -> tuple[int, Any]:
        answer = self.student.post("/api/bookings", {"gig_id": self.gig["id"], "starts_at": NINE.isoformat()})
        return answer.status_code, answer.json.get("type")

    def offered(self) -> list[str]:
        query = {"gig_id": self.gig["id"], "from": "2026-11-23T00:00:00Z", "to": "2026-11-24T00:00:00Z"}
        path = f"/api/teachers/{self.teacher.id}/slots"
        return [slot["starts_at"][11:13] for slot in self.world.anyone.get(path, query_string=query).json["data"]]

    def waiting(self, pool: ThreadPoolExecutor, do: Callable[[], Any]) -> Future[Any]:
        """Begin something that has to wait for the transaction that is open."""
        future = pool.submit(do)
        assert wait_until(lambda: waits_for_lock(self.world.app), seconds=20)
        assert not future.done()
        return future


def test_who_books_while_a_busy_time_is_written_waits_and_is_refused(world: World) -> None:
    with feed_server() as server, ThreadPoolExecutor(1) as pool:
        calendar = Calendar(world, server)
        assert calendar.offered() == ["08", "09", "10", "11"]

        with world.app.app_context(), writing():
            calendar.note_nine()
            booked = calendar.waiting(pool, calendar.book)

        assert booked.result(20) == (409, "/problems/slot-unavailable")
        assert calendar.offered() == ["08", "10", "11"]


def test_a_busy_time_that_comes_while_a_lesson_is_booked_stands_beside_it(world: World) -> None:
    with feed_server() as server, ThreadPoolExecutor(1) as pool:
        calendar = Calendar(world, server)
        wanted = LessonRequest(gig_id=calendar.gig["id"], starts_at=NINE)

        with world.app.app_context(), writing():
            booking_id = bookings.create_booking(wanted, actor=_actor(calendar.student), now=world.clock())
            seen = calendar.waiting(pool, calendar.sees_nine)

        assert seen.result(20) is True
        assert calendar.student.get(f"/api/bookings/{booking_id}").json["status"] == "pending"
        assert calendar.offered() == ["08", "10", "11"]


class _Student:
    def __init__(self, id_: int) -> None:
        self.id, self.role = id_, Role.STUDENT


def _actor(person: Person) -> _Student:
    return _Student(person.id)
