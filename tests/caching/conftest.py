"""A cached read of one value, with hooks, so that tests can put a writer exactly where it hurts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from accounts.models import User
from caching import Answer, Tag, TagKind, invalidate
from caching.extension import LecternCache
from caching.store import Store, current_store
from database import writing
from extensions import db
from support.servers import RedisServer
from tests.support.world import World

PROBE = TagKind("probe", "name")
BACKEND = "caching.backend.StampedRedisCache"


class Probe:
    """One value, cached: `read` it, `write` it, and hook into the query between SELECT and publishing.

    The value is a column that no list of the product shows, so that only the probe's own tag depends on it.
    """

    def __init__(self, app: Flask, user_id: int) -> None:
        self.app = app
        self.user_id = user_id
        self.loads = 0
        self.after_select: Callable[[], object] = lambda: None
        # Declared on a cache of its own: the product's table of families is not the tests' to change.
        self.stamped = LecternCache().stamped("probe", ttl=60, tag=PROBE, by="user_id")(self._load)

    @property
    def tag(self) -> Tag:
        return PROBE(self.user_id)

    @property
    def token_key(self) -> str:
        """Where Redis has the tag's token."""
        return self._prefix + self.tag.key

    @property
    def value_key(self) -> str:
        """Where Redis has the answer."""
        return self._prefix + self.stamped.at(self.user_id).key

    @property
    def _prefix(self) -> str:
        with self.app.app_context():
            return self.store.prefix

    @property
    def store(self) -> Store:
        with self.app.app_context():
            store = current_store()
        assert store is not None
        return store

    def answer(self) -> Answer:
        with self.app.app_context():
            return self.stamped(self.user_id)

    def read(self) -> str:
        return str(self.answer().json())

    def write(self, name: str) -> None:
        with self.app.app_context(), writing() as session:
            session.execute(update(User).where(User.id == self.user_id).values(password_hash=name))
            invalidate(self.tag)

    def write_without_answer(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Write, and lose the connection after COMMIT took effect and before its answer came."""
        with self.app.app_context():
            dialect = db.engine.dialect
        commit = dialect.do_commit

        def lose_the_answer(connection: Any) -> None:
            monkeypatch.setattr(dialect, "do_commit", commit)
            commit(connection)
            raise ConnectionError("the answer to COMMIT was lost")

        monkeypatch.setattr(dialect, "do_commit", lose_the_answer)
        with pytest.raises(ConnectionError):
            self.write(name)

    def at_other(self, app: Flask) -> Probe:
        """The same value as another process sees it: another application with its own connections."""
        return Probe(app, self.user_id)

    def _load(self, connection: Connection, user_id: int) -> str:
        self.loads += 1
        name = connection.execute(select(User.password_hash).where(User.id == user_id)).scalar_one()
        hook, self.after_select = self.after_select, lambda: None
        hook()
        return name


@pytest.fixture
def probe(app: Flask, world: World) -> Probe:
    """A probe whose value is `old`."""
    probe = Probe(app, world.student().id)
    probe.write("old")
    return probe


def in_context(app: Flask, work: Callable[[], object]) -> None:
    """Do something with an application's context and give its session back."""
    with app.app_context():
        work()
        db.session.remove()


@pytest.fixture
def redis_settings(redis_server: RedisServer) -> dict[str, Any]:
    """What a program of its own would configure to use our backend, on a server that is empty."""
    redis_server.flush()
    return {"CACHE_TYPE": BACKEND, "CACHE_REDIS_URL": redis_server.url}


def program(**settings: Any) -> tuple[Flask, LecternCache]:
    """A program that knows nothing of Lectern but the class of its cache."""
    app = Flask("program")
    app.config.update(settings)
    return app, LecternCache(app)
