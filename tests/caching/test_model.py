"""The main property: whatever people, operators and Redis do, the cached answer equals the database's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import update

import tags
from accounts.models import User
from bookings.queries import BookingsQuery, bookings_page
from caching import invalidate
from caching.store import current_store
from database import writing
from extensions import db
from support.servers import RedisServer
from tests.conftest import FakeClock
from tests.support.world import Person, World

FILTERS = [BookingsQuery(), BookingsQuery(statuses=("pending",)), BookingsQuery(limit=1, order="starts_at")]


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that may be emptied and restarted."""
    return own_redis_server


class CacheAndDatabase(RuleBasedStateMachine):
    """Two processes, two students and a teacher; after every step all of their lists are compared with the database."""

    applications: list[Flask]
    redis_server: RedisServer
    clock: FakeClock
    examples = 0
    slot = 0

    bookings = Bundle("bookings")

    @initialize()
    def people(self) -> None:
        world = World(self.applications[0], self.clock)
        type(self).examples += 1
        suffix = f"{type(self).examples}@example.org"
        self.teacher = world.teacher(email=f"t{suffix}")
        self.students = [world.student(email=f"s{number}-{suffix}") for number in range(2)]
        self.gig = world.gig(self.teacher)
        self.world = world

    @rule(target=bookings, student=st.integers(0, 1))
    def book(self, student: int) -> dict[str, Any]:
        type(self).slot += 1
        return self.world.booking(self.students[student], self.gig, starts_at=self.world.at(hours=2 * type(self).slot))

    @rule(booking=bookings, to=st.sampled_from(["accepted", "rejected", "cancelled"]), process=st.integers(0, 1))
    def decide(self, booking: dict[str, Any], to: str, process: int) -> None:
        client = self.applications[process].test_client(use_cookies=False)
        answer = client.patch(f"/api/bookings/{booking['id']}", json={"status": to}, headers=self.teacher.headers)
        assert answer.status_code in (200, 403, 409), answer.text

    @rule(name=st.sampled_from(["Ada", "Grace", "Emmy"]))
    def rename(self, name: str) -> None:
        assert self.teacher.patch("/api/users/me", {"name": name}).status_code == 200

    @rule(title=st.sampled_from(["Piano", "Violin", "Chess"]))
    def retitle(self, title: str) -> None:
        assert self.teacher.patch(f"/api/gigs/{self.gig['id']}", {"title": title}).status_code == 200

    @rule()
    def roll_back(self) -> None:
        with self.applications[0].app_context(), writing() as session:
            session.execute(update(User).where(User.id == self.teacher.id).values(name="Nobody"))
            invalidate(tags.users(), tags.user_bookings(self.teacher.id))
            session.flush()
            session.rollback()

    @rule(what=st.sampled_from(["lectern:*:tag:*", "lectern:*:val:*"]))
    def evict(self, what: str) -> None:
        with self.redis_server.client() as client:
            for key in sorted(client.scan_iter(match=what))[::2]:
                client.delete(key)

    @rule()
    def clear(self) -> None:
        result = self.applications[0].test_cli_runner().invoke(args=["cache", "clear"])
        assert result.exit_code == 0, result.output

    @rule()
    def empty_redis(self) -> None:
        self.redis_server.flush()

    @rule()
    def restart_redis(self) -> None:
        with self.redis_server.client() as client:
            client.save()
        self.redis_server.kill()
        self.redis_server.start()

    @invariant()
    def everybody_sees_the_database(self) -> None:
        for app in self.applications:
            for person in [self.teacher, *self.students]:
                for query in FILTERS:
                    assert cached(app, person, query) == uncached(app, person, query)


def cached(app: Flask, person: Person, query: BookingsQuery) -> Any:
    with app.app_context():
        return bookings_page(person.id, person.role, query).json()


def uncached(app: Flask, person: Person, query: BookingsQuery) -> Any:
    """The same read inside a write transaction, which never meets the cache."""
    with app.app_context(), writing() as session:
        session.connection()
        answer = bookings_page(person.id, person.role, query)
        session.rollback()
    assert answer.state == "BYPASS"
    return answer.json()


@pytest.fixture
def machine(
    make_app: Callable[..., Flask], redis_server: RedisServer, clock: FakeClock
) -> Iterator[type[CacheAndDatabase]]:
    class Machine(CacheAndDatabase):
        applications = [make_app(), make_app()]

    Machine.redis_server = redis_server
    Machine.clock = clock
    yield Machine
    for app in Machine.applications:
        with app.app_context():
            db.session.remove()
            assert current_store() is not None


def test_the_cache_always_equals_the_database(machine: type[CacheAndDatabase]) -> None:
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
