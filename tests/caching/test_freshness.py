"""Readers and writers that meet at the worst moment: nobody sees the past afterwards."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from sqlalchemy import Connection, select, update

from accounts.models import User
from caching import invalidate, single_flight
from caching.extension import LecternCache
from database import writing
from extensions import db
from tests.caching.conftest import PROBE, Probe
from tests.support.world import World


def test_a_second_read_is_a_hit(probe: Probe) -> None:
    probe.read()

    assert probe.answer().state == "HIT"
    assert probe.loads == 1


def test_a_change_is_seen_by_the_next_reader(probe: Probe) -> None:
    probe.read()

    probe.write("new")

    assert probe.read() == "new"


def test_a_change_is_seen_in_another_process(probe: Probe, make_app: Callable[..., Flask]) -> None:
    other = probe.at_other(make_app())
    other.read()

    probe.write("new")

    assert other.read() == "new"


def test_a_reader_that_raced_with_a_writer_publishes_nothing_anyone_accepts(probe: Probe) -> None:
    probe.after_select = lambda: probe.write("new")
    assert probe.read() == "old"  # It began before the write, so it may.

    assert probe.read() == "new"
    assert probe.answer().state == "HIT"


def test_a_read_after_a_write_does_not_join_a_flight_from_before_it(probe: Probe) -> None:
    selected, released = threading.Event(), threading.Event()

    def hold() -> None:
        selected.set()
        released.wait(10)

    probe.after_select = hold
    with ThreadPoolExecutor(1) as pool:
        early = pool.submit(probe.read)
        try:
            selected.wait(10)
            probe.write("new")

            assert probe.read() == "new"
        finally:
            released.set()
        assert early.result() == "old"
    assert probe.read() == "new"


def test_fifty_readers_of_a_cold_answer_ask_the_database_once(probe: Probe) -> None:
    start = threading.Barrier(50)
    followers_wait = threading.Event()
    probe.after_select = lambda: followers_wait.wait(0.3)

    def read() -> str:
        start.wait(10)
        return probe.read()

    with ThreadPoolExecutor(50) as pool:
        answers = [future.result() for future in [pool.submit(read) for _ in range(50)]]

    assert set(answers) == {"old"}
    assert probe.loads == 1


def test_a_leaders_failure_is_not_everyones(probe: Probe) -> None:
    selected, released = threading.Event(), threading.Event()

    def fail() -> None:
        selected.set()
        released.wait(10)
        raise RuntimeError("the leader stumbles")

    probe.after_select = fail
    with ThreadPoolExecutor(2) as pool:
        leader = pool.submit(probe.read)
        selected.wait(10)
        follower = pool.submit(probe.read)
        released.set()

        assert follower.result() == "old"
        with pytest.raises(RuntimeError):
            leader.result()


def test_of_those_who_wait_for_a_leader_that_fails_one_asks_again(probe: Probe) -> None:
    followers = 10
    selected, released = threading.Event(), threading.Event()

    def fail() -> None:
        selected.set()
        released.wait(10)
        # The next one takes its time, too.
        probe.after_select = lambda: threading.Event().wait(0.3)
        raise RuntimeError("the leader stumbles")

    probe.after_select = fail
    with ThreadPoolExecutor(1 + followers) as pool:
        leader = pool.submit(probe.read)
        selected.wait(10)
        waiting = [pool.submit(probe.read) for _ in range(followers)]
        threading.Timer(0.3, released.set).start()

        assert {follower.result() for follower in waiting} == {"old"}
        assert leader.exception() is not None
    assert probe.loads == 2


def test_who_has_waited_for_long_asks_the_database(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(single_flight, "FOLLOWER_SECONDS", 0.1)
    selected, released = threading.Event(), threading.Event()

    def hang() -> None:
        selected.set()
        released.wait(20)

    probe.after_select = hang
    with ThreadPoolExecutor(1) as pool:
        leader = pool.submit(probe.read)
        try:
            selected.wait(10)
            assert probe.read() == "old"
            assert not leader.done()
        finally:
            released.set()


def test_a_released_savepoint_is_no_commit(probe: Probe, make_app: Callable[..., Flask]) -> None:
    other = probe.at_other(make_app())
    other.read()

    with probe.app.app_context(), writing() as session:
        with session.begin_nested():
            session.execute(update(User).where(User.id == probe.user_id).values(password_hash="new"))
            invalidate(probe.tag)
        assert other.answer().state == "HIT"

    assert other.read() == "new"


def test_a_rolled_back_change_leaves_the_old_answer_and_no_mark(probe: Probe) -> None:
    probe.read()

    with probe.app.app_context(), writing() as session:
        session.execute(update(User).where(User.id == probe.user_id).values(password_hash="new"))
        invalidate(probe.tag)
        session.flush()
        session.rollback()

    assert probe.answer().state == "HIT"
    assert probe.read() == "old"


def test_uncommitted_changes_are_neither_read_from_nor_put_into_the_cache(probe: Probe) -> None:
    probe.read()

    with probe.app.app_context(), writing() as session:
        session.execute(update(User).where(User.id == probe.user_id).values(password_hash="new"))
        invalidate(probe.tag)
        inside = probe.stamped(probe.user_id)
        session.rollback()

    assert (inside.state, inside.json()) == ("BYPASS", "new")
    assert probe.read() == "old"


# On SQLite the session's transaction is the one writer, so nobody changes anything meanwhile.
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_session_with_an_old_snapshot_publishes_nothing(probe: Probe) -> None:
    with probe.app.app_context():
        session = db.session()
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        session.execute(select(User.name))
        with ThreadPoolExecutor(1) as pool:
            pool.submit(probe.write, "new").result()

        assert probe.stamped(probe.user_id).state == "BYPASS"
        session.rollback()

    assert probe.read() == "new"


def test_a_commit_that_failed_after_it_happened_is_announced_all_the_same(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    probe.read()
    probe.write_without_answer("new", monkeypatch)

    assert probe.read() == "new"


def test_invalidate_outside_a_transaction_is_a_mistake(probe: Probe) -> None:
    with probe.app.app_context(), pytest.raises(RuntimeError):
        invalidate(probe.tag)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_two_reads_of_one_family_tag_and_signature_stay_apart(app: Flask, world: World) -> None:
    user_id = world.student().id
    cache = LecternCache()

    @cache.stamped("twins", ttl=60, tag=PROBE, by="user_id")
    def a_number(connection: Connection, user_id: int) -> int:
        return 1

    @cache.stamped("twins", ttl=60, tag=PROBE, by="user_id")
    def a_list(connection: Connection, user_id: int) -> list[int]:
        return [1]

    with app.app_context():
        answers = [(read(user_id).state, read(user_id).json()) for read in (a_number, a_list, a_number)]

    assert answers == [("MISS", 1), ("MISS", [1]), ("HIT", 1)]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_that_there_is_nothing_is_kept_as_well(app: Flask, world: World) -> None:
    user_id = world.student().id

    @LecternCache().stamped("nothing", ttl=60, tag=PROBE, by="user_id")
    def nothing(connection: Connection, user_id: int) -> None:
        return None

    with app.app_context():
        states = [nothing(user_id).state for _ in range(2)]

    assert states == ["MISS", "HIT"]
