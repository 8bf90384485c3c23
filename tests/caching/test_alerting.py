"""Who is told of alerts: administrators by mail, a program by a request, each of each change once."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from flask import Flask

from caching.operations.alerts import Alert
from caching.operations.raised import judge
from config.alerts import AlertWays
from database import writing
from extensions import db
from jobs import steps
from jsontext import loads
from mail.models import SentMail
from operators.cache import alerting
from tests.conftest import FakeClock
from tests.support.world import World


@pytest.fixture
def database_url(sqlite_url: str) -> str:
    """The rows behind it are asked for on both databases by the pages' tests."""
    return sqlite_url


@pytest.fixture
def receiver() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A program that takes requests: its address, and what came."""
    came: list[dict[str, Any]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            came.append(loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Handler)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/hook", came
    server.shutdown()
    server.server_close()


def happen(app: Flask, clock: FakeClock, *values: float) -> None:
    """Let the rule about memory see a value a minute, twice each time, as two machines would."""
    for value in values:
        clock.advance(minutes=1)
        for _ in range(2):
            with app.app_context(), writing() as session:
                for alert in judge(session, [Alert("memory", "Full.", value, 0.8, value > 0.8)], clock()):
                    alerting.tell(session, alert, clock())
    steps.drain(app)


def subjects(app: Flask) -> list[tuple[str, str]]:
    with app.app_context():
        return [(mail.address, mail.subject) for mail in db.session.query(SentMail).order_by(SentMail.id)]


def test_each_administrator_is_mailed_once_when_it_begins_and_once_when_it_ends(
    world: World, make_app: Callable[..., Flask], clock: FakeClock
) -> None:
    admin = world.admin()
    world.office(), world.teacher()
    app = make_app(alerts=AlertWays(mail=True))

    happen(app, clock, 0.9, 0.9, 0.9, 0.9, 0.95)
    raised = subjects(app)
    happen(app, clock, 0.1, 0.1, 0.1, 0.1)

    assert raised == [(admin.email, "Alert: Redis is nearly full and forgets.")]
    assert subjects(app)[1:] == [(admin.email, "Over: Redis is nearly full and forgets.")]


def test_a_program_is_told_what_it_is_and_how_it_stands(
    world: World,
    make_app: Callable[..., Flask],
    clock: FakeClock,
    receiver: tuple[str, list[dict[str, Any]]],
) -> None:
    url, came = receiver
    app = make_app(webhooks_allow_loopback=True, alerts=AlertWays(webhook=url))

    happen(app, clock, 0.9, 0.9, 0.9, 0.9)

    (told,) = came
    assert (told["type"], told["alert"], told["raised"], told["value"]) == ("cache.alert", "memory", True, 0.9)
    assert told["text"] == "Lectern: Redis is nearly full and forgets. It is raised."
    assert subjects(app) == []


def test_without_the_settings_nobody_is_told(world: World, app: Flask, clock: FakeClock) -> None:
    world.admin()

    happen(app, clock, 0.9, 0.9, 0.9)

    assert subjects(app) == []
