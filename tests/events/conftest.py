"""A school with a webhook, and its receiver."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

import events
from database import writing
from events import EventType
from jobs import steps
from tests.conftest import FakeClock
from tests.events.receiver import Receiver, receiver
from tests.support.world import Person, World


@dataclass
class Post:
    """An administrator with a webhook, and what arrives there."""

    world: World
    clock: FakeClock
    admin: Person
    receiver: Receiver

    def webhook(self, url: str | None = None, **more: Any) -> dict[str, Any]:
        made = self.admin.post("/api/webhooks", {"url": url or self.receiver.url} | more)
        assert made.status_code == 201, made.text
        return dict(made.json)

    def happen(self, *numbers: int, type_: EventType = EventType.GIG_CHANGED) -> None:
        """Let something happen, each in a transaction of its own."""
        for number in numbers:
            with self.world.app.app_context(), writing() as session:
                session.connection()
                events.record(session, type_, at=self.clock(), actor_id=self.admin.id, gig_id=number)

    def work(self, **later: float) -> None:
        """Do all that is due, after a while."""
        self.clock.advance(**later)
        steps.drain(self.world.app)

    def numbers(self) -> list[int]:
        """What has arrived, in order."""
        return [message.said["data"]["gig_id"] for message in self.receiver.messages]

    def state(self, webhook: dict[str, Any]) -> dict[str, Any]:
        self.admin = self.world.sign_in(self.admin)
        return dict(self.admin.get(f"/api/webhooks/{webhook['id']}").json)

    def change(self, webhook: dict[str, Any], **changes: Any) -> dict[str, Any]:
        self.admin = self.world.sign_in(self.admin)
        changed = self.admin.patch(f"/api/webhooks/{webhook['id']}", changes)
        assert changed.status_code == 200, changed.text
        return dict(changed.json)

    def deliveries(self, webhook: dict[str, Any], query: str = "") -> list[dict[str, Any]]:
        self.admin = self.world.sign_in(self.admin)
        return list(self.admin.get(f"/api/webhooks/{webhook['id']}/deliveries{query}").json["data"])


@pytest.fixture
def post(make_app: Callable[..., Flask], clock: FakeClock) -> Iterator[Post]:
    # The specification's library compares with the true time.
    clock.instant = datetime.now(UTC)
    world = World(make_app(webhooks_allow_loopback=True), clock)
    with receiver() as found:
        yield Post(world, clock, world.admin(), found)
