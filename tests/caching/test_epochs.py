"""The state that all processes agree on, the lease on it, and what happens when processes use different servers."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from caching import lease, outbox, state, writes
from caching.lease import Lease, TwoServers
from caching.state import Status
from database import writing
from extensions import db
from support.servers import RedisServer
from tests.caching.conftest import Probe

PATIENCE = 20

pytestmark = pytest.mark.usefixtures("short_lease")


@pytest.fixture
def other_server() -> Iterator[RedisServer]:
    """A second Redis server."""
    with RedisServer() as server:
        yield server


def seen(probe: Probe) -> state.State:
    with probe.app.app_context():
        return state.read()


def set_state(probe: Probe, **changes: object) -> None:
    with probe.app.app_context():
        assert state.swap(state.read(), **changes)


def waiting(probe: Probe) -> int:
    with probe.app.app_context():
        return outbox.depth()


def after_choosing(probe: Probe, make_app: Callable[..., Flask], server: RedisServer) -> Probe:
    """Start a process that uses `server`, and let it make that the one in use."""
    process = probe.at_other(make_app(redis_url=server.url))
    process.read()
    assert process.store.breaker.wait_until_closed(PATIENCE)
    return process


def test_keys_carry_the_installations_own_id(probe: Probe, redis_server: RedisServer) -> None:
    probe.read()

    with redis_server.client() as client:
        keys = list(client.scan_iter("*"))

    prefix = f"lectern:{seen(probe).installation}:".encode()
    assert keys
    assert all(key.startswith(prefix) for key in keys)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_installations_on_one_redis_keep_apart(
    probe: Probe, make_app: Callable[..., Flask], redis_server: RedisServer
) -> None:
    probe.read()
    mine = seen(probe).installation

    # The same database with another id stands for another school's database with the same people's ids.
    set_state(probe, installation="another", epoch=state.new_epoch())
    other = probe.at_other(make_app())

    assert other.answer().state == "MISS"
    with redis_server.client() as client:
        assert list(client.scan_iter(f"lectern:{mine}:val:*"))
        assert list(client.scan_iter("lectern:another:val:*"))


def test_another_redis_server_begins_a_new_epoch(
    probe: Probe, make_app: Callable[..., Flask], other_server: RedisServer
) -> None:
    probe.read()
    before = seen(probe)

    after_choosing(probe, make_app, other_server)

    after = seen(probe)
    assert after.epoch != before.epoch
    assert (after.previous, after.status) == (before.server, Status.IN_USE)


def test_what_was_cached_before_a_detour_to_another_server_counts_no_more(
    probe: Probe, make_app: Callable[..., Flask], other_server: RedisServer
) -> None:
    probe.read()
    elsewhere = after_choosing(probe, make_app, other_server)
    elsewhere.write("new")
    elsewhere.store.breaker.retire()
    # The detour was longer ago than two processes would take turns.
    set_state(probe, changed_at=seen(probe).changed_at - timedelta(minutes=1))

    # One process has begun anew, the other still keeps its answer from before.
    for back in (probe.at_other(make_app()), probe):
        assert back.read() == "new"
        assert back.store.breaker.wait_until_closed(PATIENCE)
        assert back.read() == "new"


def test_a_server_that_was_left_a_moment_ago_is_not_taken_back(
    probe: Probe, make_app: Callable[..., Flask], other_server: RedisServer
) -> None:
    probe.read()
    elsewhere = after_choosing(probe, make_app, other_server)
    chosen = seen(probe)

    with probe.app.app_context(), pytest.raises(TwoServers):
        probe.store.lease.renew()

    assert seen(probe) == chosen
    elsewhere.write("new")
    assert probe.read() == "new"


def test_nobody_reads_from_a_new_server_before_the_leases_on_the_old_one_have_run_out(
    probe: Probe, make_app: Callable[..., Flask], other_server: RedisServer
) -> None:
    probe.read()
    elsewhere = probe.at_other(make_app(redis_url=other_server.url))
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        assert seen(probe).status == Status.SETTLING
        assert elsewhere.store.lease._held == lease.NONE

    with elsewhere.app.app_context():
        elsewhere.store.lease.renew(wait=wait)

    assert waited == [lease.WAIT_SECONDS]
    assert seen(probe).status == Status.IN_USE


def test_a_process_that_joins_while_another_server_settles_waits_as_well(
    probe: Probe, make_app: Callable[..., Flask]
) -> None:
    set_state(probe, status=Status.SETTLING)
    joining = probe.at_other(make_app())
    waited: list[float] = []

    with joining.app.app_context():
        joining.store.lease.renew(wait=waited.append)

    assert waited == [lease.WAIT_SECONDS]
    assert seen(probe).status == Status.IN_USE


def test_a_lease_that_has_run_out_costs_a_look(probe: Probe, make_app: Callable[..., Flask]) -> None:
    probe.read()
    writer = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))

    writer.write("new")

    # The writer has waited until this process had looked or could not believe what it had.
    assert probe.answer().json() == "new"


def test_a_writer_that_redis_did_not_hear_waits_for_the_others_and_then_no_more(
    probe: Probe, make_app: Callable[..., Flask]
) -> None:
    writer = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))
    probe.read()

    writer.write("first")
    status_after_first = seen(probe).status
    asked = count_questions(writer, lambda: writer.write("second"))

    assert status_after_first == Status.IDLE
    # Nobody believes the cache: one question tells so.
    assert asked == 1
    assert waiting(probe) == 2
    assert probe.read() == "second"
    assert (waiting(probe), seen(probe).status) == (0, Status.IN_USE)


def test_a_writer_goes_on_as_soon_as_the_others_have_announced_its_change(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "WAIT_SECONDS", 600.0)
    writer = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))
    probe.read()
    written = threading.Event()
    thread = threading.Thread(target=lambda: (writer.write("new"), written.set()))
    thread.start()

    while not written.wait(0.02):
        with probe.app.app_context():
            probe.store.drain()
    thread.join()

    assert probe.read() == "new"


def test_a_change_that_was_announced_in_an_earlier_epoch_is_announced_once_more(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As during a failover: the old server confirms, and the new one must be told as well."""
    probe.read()
    announce = Lease.announce

    def another_epoch_begins(self: Lease, *args: object, **kwargs: bool) -> None:
        announce(self, *args, **kwargs)  # type: ignore[arg-type]
        monkeypatch.setattr(Lease, "announce", announce)
        set_state(probe, epoch=state.new_epoch())

    monkeypatch.setattr(Lease, "announce", another_epoch_begins)
    awaited: list[str] = []
    monkeypatch.setattr("caching.writes.wait_for_others", lambda mark, _: awaited.append(mark))

    probe.write("new")

    assert len(awaited) == 1
    assert waiting(probe) == 1
    with probe.app.app_context():
        assert probe.store.drain() == 1
    assert probe.read() == "new"


@pytest.mark.leaves_old_answers
def test_a_change_stays_in_the_outbox_while_an_epoch_settles(
    probe: Probe, make_app: Callable[..., Flask], other_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process may still believe the server before, which hears nothing of the change."""
    probe.read()
    elsewhere = probe.at_other(make_app(redis_url=other_server.url))
    writer = probe.at_other(make_app(redis_url=other_server.url))
    awaited: list[str] = []
    left: list[int] = []
    monkeypatch.setattr("caching.writes.wait_for_others", lambda mark, _: awaited.append(mark))

    def write_meanwhile(_seconds: float) -> None:
        writer.write("new")
        left.append(waiting(probe))

    with elsewhere.app.app_context():
        elsewhere.store.lease.renew(wait=write_meanwhile)

    assert (left, len(awaited)) == ([1], 1)


def test_a_look_begins_again_if_the_cache_was_idle_meanwhile(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A writer that finds it idle waits for nobody, so what it left has to be looked for once more."""
    probe.read()
    writer = probe.at_other(make_app(redis_url="unix:///nowhere/redis.sock"))
    monkeypatch.setattr("caching.writes.wait_for_others", lambda *_: None)
    writer.write("first")
    announce = Lease.announce

    def idle_for_a_moment(self: Lease, *args: object, **kwargs: bool) -> None:
        monkeypatch.setattr(Lease, "announce", announce)
        announce(self, *args, **kwargs)  # type: ignore[arg-type]
        set_state(probe, status=Status.IDLE)
        writer.write("second")
        set_state(probe, status=Status.IN_USE)

    monkeypatch.setattr(Lease, "announce", idle_for_a_moment)

    with probe.app.app_context():
        probe.store.drain()

    assert waiting(probe) == 0
    assert probe.read() == "second"


def test_a_commit_that_was_not_confirmed_keeps_its_rows(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    """It could take effect only after the announcement; the next look announces it in any case."""
    probe.write_without_answer("new", monkeypatch)

    assert waiting(probe) == 1


def test_a_process_without_a_cache_leaves_word_for_those_that_have_one(
    probe: Probe, make_app: Callable[..., Flask]
) -> None:
    probe.read()

    probe.at_other(make_app(cache_type="NullCache")).write("new")

    assert probe.read() == "new"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_process_without_a_cache_says_when_others_have_one(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(lease, "WAIT_SECONDS", 600.0)
    writes._warn_of_others.cache_clear()
    alone = probe.at_other(make_app(cache_type="NullCache"))
    probe.read()
    asked = outbox.is_awaited

    def drained_meanwhile(mark: str) -> bool:
        probe.store.drain()
        return asked(mark)

    monkeypatch.setattr(outbox, "is_awaited", drained_meanwhile)

    alone.write("first")
    alone.write("second")

    assert caplog.text.count("set the same CACHE_TYPE for all") == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_look_holds_no_lock_while_it_waits_for_redis(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    probe.read()

    with look_that_waits_for_redis(probe, monkeypatch), probe.app.app_context(), db.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA busy_timeout = 0")
        connection.exec_driver_sql("UPDATE users SET name = 'Another'")
        connection.rollback()


def test_nothing_is_believed_while_a_look_waits_for_redis(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database answers, so changes may be committed that Redis has not heard of."""
    probe.read()
    monkeypatch.setattr(lease, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(lease, "ANSWER_SECONDS", 0.0)

    with look_that_waits_for_redis(probe, monkeypatch):
        let_lease_run_out(probe)
        answer = probe.answer()

    assert answer.state == "BYPASS"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_is_believed_while_the_outbox_cannot_be_written(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    """As when another process writes for longer than SQLite lets the others wait: reading goes on meanwhile."""
    probe.read()
    leave_over(probe)

    def fail(*_: object) -> bool:
        raise OperationalError("DELETE", {}, Exception("database is locked"))

    monkeypatch.setattr(outbox, "settle", fail)
    let_lease_run_out(probe)

    assert [probe.answer().state, probe.answer().state] == ["BYPASS", "BYPASS"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_hits_go_on_while_a_look_of_another_thread_waits_for_the_database(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe.read()
    monkeypatch.setattr(lease, "PATIENCE_SECONDS", 0.01)
    monkeypatch.setattr(lease, "ANSWER_SECONDS", 0.0)
    look = outbox.look
    waits, goes_on = threading.Event(), threading.Event()
    monkeypatch.setattr(outbox, "look", lambda: (waits.set(), goes_on.wait(PATIENCE), look())[-1])

    with in_background(probe.store.lease.renew, waits, goes_on):
        let_lease_run_out(probe)
        assert probe.answer().state == "HIT"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_server_that_takes_no_writes_any_more_is_left_by_a_reader(
    probe: Probe, own_redis_server: RedisServer, make_app: Callable[..., Flask]
) -> None:
    """As an old primary with `min-replicas-to-write 1`, which nobody told that there is a new one."""
    reader = after_choosing(probe, make_app, own_redis_server)
    own_redis_server.config_set("min-replicas-to-write", 1)

    reader.read()

    assert not reader.store.breaker.closed


def test_rows_that_nobody_reads_end_with_a_new_epoch(probe: Probe, make_app: Callable[..., Flask]) -> None:
    probe.read()
    alone = probe.at_other(make_app(cache_type="NullCache"))
    alone.write("new")
    epoch = seen(probe).epoch

    with alone.app.app_context():
        kept = outbox.forget_unread(most=1)
        forgotten = outbox.forget_unread(most=0)

    assert (kept, forgotten) == (0, 1)
    assert seen(probe).epoch != epoch
    assert waiting(probe) == 0
    assert probe.read() == "new"


def test_rows_are_not_forgotten_as_long_as_somebody_may_read_them(probe: Probe) -> None:
    leave_over(probe)

    with probe.app.app_context():
        assert outbox.forget_unread(most=0) == 0
        assert outbox.depth() == 1


def test_hits_go_on_while_the_database_is_away(probe: Probe) -> None:
    probe.read()

    with database_away(probe):
        let_lease_run_out(probe)
        assert probe.answer().state == "HIT"
        assert probe.answer().state == "HIT"


def test_without_the_database_hits_end_after_some_minutes(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    probe.read()
    monkeypatch.setattr(lease, "WITHOUT_DATABASE_SECONDS", 0.0)

    with database_away(probe):
        let_lease_run_out(probe)
        with pytest.raises(OperationalError):
            probe.read()


def test_a_server_whose_memory_was_replaced_is_found_at_the_next_look(
    probe: Probe, own_redis_server: RedisServer, make_app: Callable[..., Flask]
) -> None:
    """An operator makes a primary a replica and a primary again, and no connection is cut."""
    other = after_choosing(probe, make_app, own_redis_server)
    epoch = seen(other).epoch
    with own_redis_server.client() as client:
        client.replicaof("127.0.0.1", 1)
        client.replicaof("NO", "ONE")

    with other.app.app_context():
        other.store.drain()
    assert other.store.breaker.wait_until_closed(PATIENCE)
    other.read()

    assert seen(other).epoch != epoch


def test_a_mark_that_is_left_over_ends_although_others_go_on_writing(
    probe: Probe, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe.read()
    monkeypatch.setattr("caching.tokens.MARK_SECONDS", 1)
    probe.store.server.mark([probe.tag], "left-over")
    monkeypatch.setattr("caching.tokens.MARK_SECONDS", 60)
    with redis_server.client() as client:
        marked_at = client.time()[0]
        while client.time()[0] <= marked_at + 1:
            pass

        probe.store.server.mark([probe.tag], "other")

        assert b"left-over" not in client.get(probe.token_key)


def let_lease_run_out(probe: Probe) -> None:
    probe.store.lease._held = probe.store.lease._held._replace(until=0)


def leave_over(probe: Probe) -> None:
    """Write a row that nobody has announced, as a writer that was killed leaves it."""
    with probe.app.app_context(), writing() as session:
        outbox.record(session, [probe.tag], "left over")


@contextmanager
def look_that_waits_for_redis(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let another thread's look find something to announce, and Redis not confirm it during the block."""
    waits, goes_on = threading.Event(), threading.Event()
    announce = Lease.announce

    def wait(self: Lease, *args: object, **kwargs: bool) -> None:
        waits.set()
        assert goes_on.wait(PATIENCE)
        announce(self, *args, **kwargs)  # type: ignore[arg-type]

    leave_over(probe)
    with monkeypatch.context() as patch:
        patch.setattr(Lease, "announce", wait)
        with in_background(probe.store.lease.renew, waits, goes_on):
            yield


@contextmanager
def in_background(act: Callable[[], object], waits: threading.Event, goes_on: threading.Event) -> Iterator[None]:
    """Run the block while `act` waits: it tells so with `waits`, and ends with `goes_on`."""
    thread = threading.Thread(target=act)
    thread.start()
    assert waits.wait(PATIENCE)
    try:
        yield
    finally:
        goes_on.set()
        thread.join()


def count_questions(probe: Probe, act: Callable[[], None]) -> int:
    """Count how often the outbox is asked whether a row still waits."""
    asked: list[str] = []
    with probe.app.app_context():
        engine = db.engine

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        if "cache_state.status" in statement and "FOR UPDATE" not in statement and "cache_outbox" not in statement:
            asked.append(statement)

    event.listen(engine, "before_cursor_execute", note)
    act()
    event.remove(engine, "before_cursor_execute", note)
    return len(asked)


@contextmanager
def database_away(probe: Probe) -> Iterator[None]:
    """Let every statement fail during the block, as if the database did not answer."""

    def fail(*_: object) -> None:
        raise OperationalError("SELECT", {}, Exception("the database is away"))

    with probe.app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", fail)
    yield
    event.remove(engine, "before_cursor_execute", fail)
