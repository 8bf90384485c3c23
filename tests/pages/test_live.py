"""Open pages find out that something is new: any change by the other side, at the cost of one command."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from redis import RedisError
from werkzeug.test import TestResponse

from caching.store import EXTENSION, Store
from support.monitor import monitor
from support.queries import count_queries
from support.servers import RedisServer
from tests.pages.visitor import Visitor
from tests.support.world import Person, World

Visit = Callable[..., Visitor]
CHANGES = "/api/users/me/changes"


class Lesson:
    """A lesson that is agreed on, on Monday, and its two people."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.teacher, self.student = world.teacher(), world.student()
        self.gig = world.gig(self.teacher)
        self.id = world.accepted(self.student, self.teacher, self.gig, starts_at="2026-11-23T10:00:00Z")["id"]

    def move(self) -> TestResponse:
        return self.student.patch(f"/api/bookings/{self.id}", {"starts_at": "2026-11-23T12:00:00Z"})

    def cancel(self) -> TestResponse:
        return self.student.patch(f"/api/bookings/{self.id}", {"status": "cancelled"})

    def write(self) -> TestResponse:
        return self.student.post(f"/api/bookings/{self.id}/messages", {"text": "May I bring my sister?"})

    def block(self) -> TestResponse:
        stretch = {"starts_at": "2026-11-24T10:00:00Z", "ends_at": "2026-11-24T11:00:00Z"}
        return self.teacher.post("/api/teachers/me/blocks", stretch)

    def set_session(self) -> TestResponse:
        choir = self.world.gig(self.teacher, capacity=3, times="timetable")
        return self.teacher.post(f"/api/gigs/{choir['id']}/sessions", {"starts_at": "2026-11-24T10:00:00Z"})

    def close_school(self) -> TestResponse:
        days = {"name": "Long weekend", "first_day": "2026-12-04", "last_day": "2026-12-05"}
        return self.world.admin().post("/api/admin/holidays", days)

    def rename(self) -> TestResponse:
        return self.student.patch("/api/users/me", {"name": "Ada King"})


@pytest.fixture
def lesson(world: World) -> Lesson:
    return Lesson(world)


@pytest.fixture
def teacher(lesson: Lesson) -> Person:
    return lesson.teacher


def version(person: Person) -> str:
    found: str = person.get(CHANGES).json["version"]
    return found


def version_of_page(visitor: Visitor, path: str) -> str:
    found = re.search(r'data-live="([^"]*)"', visitor.open(path).answer.text)
    assert found
    return found[1]


def test_that_nothing_is_new_costs_one_command_and_no_sql_with_a_cookie_too(
    visit: Visit, teacher: Person, redis_server: RedisServer
) -> None:
    etag = teacher.get(CHANGES).headers["ETag"]
    browser = visit(teacher)
    asked = {"If-None-Match": etag}

    for ask in (lambda: teacher.get(CHANGES, headers=asked), lambda: browser.client.get(CHANGES, headers=asked)):
        with count_queries() as statements, monitor(redis_server) as commands:
            answer = ask()

        assert (answer.status_code, answer.data, statements) == (304, b"", [])
        assert [command.split()[0] for command in commands] == ["MGET"]


@pytest.mark.parametrize("what", ["move", "cancel", "write", "block", "set_session", "close_school", "rename"])
def test_whatever_changes_is_another_version(lesson: Lesson, teacher: Person, what: str) -> None:
    before, same = version(teacher), version(teacher)

    answer = getattr(lesson, what)()

    assert answer.status_code in (200, 201), answer.text
    assert before == same != version(teacher)


def test_a_hundred_other_lessons_hide_no_change(world: World, lesson: Lesson, teacher: Person) -> None:
    for _ in range(101):
        world.past_lesson(lesson.student, lesson.gig)
    before = version(teacher)

    lesson.cancel()

    assert version(teacher) != before


COURSES = ["/courses", "/applications", "/tasks"]


@pytest.mark.parametrize(
    "path", ["/", "/lessons", "/schedule", "/schedule/day", "/calendar", "/students", "/reviews", *COURSES]
)
def test_a_page_has_the_version_of_what_it_shows(visit: Visit, lesson: Lesson, teacher: Person, path: str) -> None:
    visitor = visit(teacher)
    lesson.move()

    shown = version_of_page(visitor, path)

    assert shown == version(teacher)


class Gig:
    """A gig that a student looks at, and what others may do meanwhile."""

    def __init__(self, world: World) -> None:
        self.world, self.teacher, self.student = world, world.teacher(), world.student()
        self.shown = world.gig(self.teacher, capacity=2)
        self.page = f"/gigs/{self.shown['id']}"
        self.changes = f"{CHANGES}?gig={self.shown['id']}&teacher={self.teacher.id}"

    def book(self) -> TestResponse:
        body = {"gig_id": self.shown["id"], "starts_at": "2026-11-24T10:00:00Z"}
        return self.world.student().post("/api/bookings", body)

    def reword(self) -> TestResponse:
        return self.teacher.patch(self.shown_in_api, {"title": "Scales and songs"})

    def set_hours(self) -> TestResponse:
        return self.teacher.put("/api/teachers/me/availability", {"weekly": []})

    def set_session(self) -> TestResponse:
        timetable = self.teacher.patch(self.shown_in_api, {"times": "timetable"})
        assert timetable.status_code == 200, timetable.text
        return self.teacher.post(f"{self.shown_in_api}/sessions", {"starts_at": "2026-11-24T10:00:00Z"})

    @property
    def shown_in_api(self) -> str:
        return f"/api{self.page}"


@pytest.mark.parametrize("what", ["book", "reword", "set_hours", "set_session"])
def test_a_gigs_page_has_another_version_after_what_others_do_there(visit: Visit, world: World, what: str) -> None:
    gig = Gig(world)
    visitor = visit(gig.student)
    before = version_of_page(visitor, gig.page)
    same = gig.student.get(gig.changes).json["version"]

    answer = getattr(gig, what)()

    assert answer.status_code in (200, 201), answer.text
    after = gig.student.get(gig.changes).json["version"]
    assert before == same != after == version_of_page(visitor, gig.page)


def test_that_nothing_is_new_on_a_gigs_page_costs_one_command_and_no_sql(
    visit: Visit, world: World, redis_server: RedisServer
) -> None:
    gig = Gig(world)
    browser = visit(gig.student)
    asked = {"If-None-Match": f'W/"{version_of_page(browser, gig.page)}"'}

    with count_queries() as statements, monitor(redis_server) as commands:
        answer = browser.client.get(gig.changes, headers=asked)

    assert (answer.status_code, answer.data, statements) == (304, b"", [])
    assert [command.split()[0] for command in commands] == ["MGET"]


@pytest.mark.parametrize("query", ["gig=1", "teacher=1", "gig=0&teacher=1", "gig=one&teacher=1", "page=1"])
def test_half_a_gig_is_refused(world: World, query: str) -> None:
    assert world.student().get(f"{CHANGES}?{query}").status_code == 422


def test_what_a_page_marks_as_seen_is_nothing_new_to_it(visit: Visit, lesson: Lesson, teacher: Person) -> None:
    lesson.write()
    lesson.move()

    shown = version_of_page(visit(teacher), f"/lessons/{lesson.id}")

    assert shown == version(teacher)


def test_strangers_learn_of_nothing(world: World, lesson: Lesson) -> None:
    stranger = world.student()
    before = version(stranger)

    lesson.cancel()

    assert version(stranger) == before


def test_without_redis_it_says_that_it_cannot_tell(visit: Visit, world: World, teacher: Person) -> None:
    visitor = visit(teacher)
    store: Store = world.app.extensions[EXTENSION]
    store.breaker.trip(RedisError("away"))

    answer = teacher.get(CHANGES)
    shown = version_of_page(visitor, "/lessons")
    store.breaker.retire()

    assert (answer.status_code, answer.json, shown) == (200, {"version": None}, "unknown")
    assert "ETag" not in answer.headers
