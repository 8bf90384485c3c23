"""Events on the exchange of a real RabbitMQ, and another service that keeps its own cache fresh by them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import pytest
from flask import Flask

from events.exchange import publishing
from jobs import periodic
from jobs.registry import registry_of
from support.rabbitmq_server import START_SECONDS, RabbitServer
from tests.conftest import FakeClock
from tests.support.fixtures import running
from tests.support.follower import Follower
from tests.support.world import Person, World

pytestmark = [
    pytest.mark.middleware_not_compared,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]


@pytest.fixture(scope="module")
def rabbit() -> Iterator[RabbitServer]:
    for server in running(RabbitServer):
        server.start()
        yield server


@pytest.fixture
def world(make_app: Callable[..., Flask], rabbit: RabbitServer, clock: FakeClock) -> World:
    """An application that publishes, from now on."""
    world = World(make_app(events_url=rabbit.url), clock)
    registry = registry_of(world.app)
    registry.periodic = {"events.publish": registry.periodic["events.publish"]}
    with world.app.app_context():
        periodic.declare(registry)
    publish(world)
    return world


def publish(world: World) -> int:
    """Do what a runner does a second later, and return how often there was something to publish."""
    registry, number = registry_of(world.app), 0
    cast("FakeClock", world.clock).advance(seconds=1)
    with world.app.app_context():
        while run := periodic.claim(registry, "runner"):
            number += 1
            periodic.perform(run, registry)
            periodic.finish(run, registry)
    return number


def logged(admin: Person) -> list[str]:
    return [event["id"] for event in admin.get("/api/events?limit=100").json["data"]]


def test_another_service_keeps_its_own_cache_fresh(world: World, rabbit: RabbitServer) -> None:
    ada, ben, teacher = world.student(), world.student(), world.teacher()
    gig = world.gig(teacher)
    publish(world)
    people = {f"user:{person.id} bookings": person for person in (ada, ben)}
    hers, his = people

    def ask(tag: str) -> Any:
        return people[tag].get("/api/bookings").json["data"]

    with Follower(rabbit.url, "cache", ask) as follower:
        assert (follower.get(hers), follower.get(his)) == ([], [])
        booking = world.booking(ada, gig)
        publish(world)
        follower.wait_for(1)
        assert [shown["status"] for shown in follower.get(hers)] == ["pending"]
        teacher.patch(f"/api/bookings/{booking['id']}", {"status": "accepted"})
        publish(world)
        follower.wait_for(2)

        assert follower.get(hers) == ask(hers)
        assert [shown["status"] for shown in follower.get(hers)] == ["accepted"]
        assert follower.get(his) == []
    assert follower.loads == [hers, his, hers, hers]


def test_what_happens_while_the_broker_is_away_is_published_when_it_is_back(
    world: World, rabbit: RabbitServer, caplog: pytest.LogCaptureFixture
) -> None:
    admin = world.admin()
    publish(world)
    known = len(logged(admin))
    with Follower(rabbit.url, "away"):
        pass
    rabbit.kill(grace=START_SECONDS)
    student, gig = world.student(), world.gig(world.teacher())
    for hours in (24, 48, 72):
        world.booking(student, gig, starts_at=world.at(hours=hours))
        assert publish(world) == 1

    rabbit.start()
    publish(world)
    with Follower(rabbit.url, "away") as follower:
        follower.wait_for(len(logged(admin)) - known)

    assert follower.heard == logged(admin)[known:]
    assert publish(world) == 0
    told = [record.message for record in caplog.records if record.name == publishing.__name__]
    assert [message.partition(";")[0] for message in told] == [
        "The exchange for events cannot be used",
        "The exchange for events is back",
    ]


def test_what_was_confirmed_and_not_noted_comes_again_with_the_same_id(
    world: World, rabbit: RabbitServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Follower(rabbit.url, "twice") as follower:
        world.student()
        with monkeypatch.context() as forgetful:
            forgetful.setattr(publishing, "_note", lambda *_: None)
            publish(world)
        publish(world)
        follower.wait_for(2)

    first, second = follower.heard
    assert first == second


def test_without_an_address_nothing_is_asked_for(world: World, make_app: Callable[..., Flask]) -> None:
    elsewhere = World(make_app(), world.clock)
    elsewhere.student()
    registry = registry_of(elsewhere.app)

    with elsewhere.app.app_context():
        wanted = periodic.claim(registry, "runner")

    assert wanted is None
