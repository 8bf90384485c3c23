"""An application with handlers that write down what they did, and shorthands for its jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from database import reading, writing
from jobs import queue, steps
from jobs.models import Job
from jobs.registry import Handler, registry_of
from jsontext import JsonObject


class Work:
    """Jobs of one application. `done` is what its handler `test.note` was called with."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.done: list[JsonObject] = []
        self.handle(Handler(name="test.note", run=lambda arguments, _now: self.done.append(arguments)))

    def handle(self, *handlers: Handler) -> None:
        registry_of(self.app).add(*handlers)

    def fails(self, name: str = "test.fail", **changes: Any) -> list[datetime]:
        """Add a handler that fails, and return when it is called, as it is called."""
        called: list[datetime] = []

        def fail(_arguments: JsonObject, now: datetime) -> None:
            called.append(now)
            raise RuntimeError("the mail server is away")

        self.handle(replace(Handler(name=name, run=fail), **changes))
        return called

    @contextmanager
    def change(self) -> Iterator[Session]:
        """A change, in whose transaction jobs are written."""
        with self.app.app_context(), writing() as session:
            yield session

    def enqueue(
        self, name: str = "test.note", *, run_at: datetime | None = None, key: str | None = None, **arguments: Any
    ) -> None:
        with self.change() as session:
            queue.enqueue(session, name, arguments, run_at=run_at, key=key)

    def cancel(self, key: str) -> None:
        with self.change() as session:
            queue.cancel(session, key)

    def drain(self) -> int:
        return steps.drain(self.app)

    def rows(self, *columns: Any) -> Sequence[Row[Any]]:
        """All jobs, in the order in which they were written."""
        with self.app.app_context(), reading() as connection:
            return connection.execute(select(*(columns or Job.__table__.columns)).order_by(Job.id)).all()

    def states(self) -> list[str]:
        return [row.state.value for row in self.rows()]


@pytest.fixture
def work(app: Flask) -> Work:
    return Work(app)


@pytest.fixture
def make_work(make_app: Callable[..., Flask]) -> Callable[[], Work]:
    """A function that makes one more process, as it were, over the same database."""
    return lambda: Work(make_app())
