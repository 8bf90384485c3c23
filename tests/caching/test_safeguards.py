"""Each safeguard of the cache is switched off in turn, and the test that stands for it has to fail.

The switches are these patches: nothing in the product turns a safeguard off.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import Any

import pytest
import redis
from flask import Flask
from sqlalchemy import select

import tags
from accounts.models import User
from caching import connections, envelope, extension, invalidation_check, lease, outbox, snapshots, state, tokens
from caching.breaker import Breaker
from caching.envelope import Answer, Stamp
from caching.families import BoundRead
from caching.kept_answers import KeptAnswers
from caching.lease import Lease
from caching.reads import LookUp
from caching.single_flight import SingleFlight
from caching.store import Store
from caching.tokens import TokenServer
from extensions import db
from support.servers import RedisServer
from tests.caching import test_epochs, test_faults, test_freshness, test_invalidation_check
from tests.caching.conftest import Probe
from tests.caching.test_crashes import kill_writer as kill_writer
from tests.support.world import World

pytestmark = [
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
    pytest.mark.leaves_old_answers,
]


@pytest.fixture
def redis_server(own_redis_server: RedisServer) -> RedisServer:
    """A server that the scenarios may mistreat."""
    return own_redis_server


@pytest.fixture
def client(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client()


def test_without_the_token_from_before_the_query_a_racing_reader_publishes_the_past(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    load = BoundRead.load

    def ask_for_the_token_afterwards(lookup: Any, store: Store, stamp: Stamp) -> Any:
        read = lookup.read
        body = load(read)
        late = stamp._replace(token=store.server.claim_token(read.tag))
        answer = Answer(body, envelope.digest(body), "MISS")
        store.publish(read, late, answer)
        return answer

    monkeypatch.setattr(LookUp, "_miss", ask_for_the_token_afterwards)

    with pytest.raises(AssertionError):
        test_freshness.test_a_reader_that_raced_with_a_writer_publishes_nothing_anyone_accepts(probe)


def test_without_a_snapshot_of_its_own_a_query_sees_the_past(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    with probe.app.app_context():
        engine = db.engine
    with engine.connect().execution_options(lectern_reading=True) as early:
        early.execute(select(User.id))
        monkeypatch.setattr("caching.families.reading", lambda: nullcontext(early))

        with pytest.raises(AssertionError):
            test_freshness.test_a_change_is_seen_by_the_next_reader(probe)


def test_without_the_stamp_in_a_flights_name_a_late_reader_joins_an_old_flight(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = SingleFlight.run
    monkeypatch.setattr(SingleFlight, "run", lambda flights, name, load: _joined(flights, name[0], load, run))

    with pytest.raises(AssertionError):
        test_freshness.test_a_read_after_a_write_does_not_join_a_flight_from_before_it(probe)


def _joined(flights: SingleFlight[Any], name: Any, load: Any, run: Any) -> Any:
    """Join whatever is under way for this key, with the old rows that its leader has in hand already."""
    if name in flights._flights:
        return Answer(b'"old"', "", "MISS"), False
    return run(flights, name, load)


def test_without_looking_at_the_root_only_a_savepoint_counts_as_a_commit(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sqlalchemy.orm.Session.in_nested_transaction", lambda _: False)

    with pytest.raises(AssertionError):
        test_freshness.test_a_released_savepoint_is_no_commit(probe, make_app)


def test_without_the_bypass_of_open_transactions_uncommitted_rows_are_published(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension, "in_write_transaction", lambda: False)

    with pytest.raises(AssertionError):
        test_freshness.test_uncommitted_changes_are_neither_read_from_nor_put_into_the_cache(probe)


def test_without_the_servers_identity_old_memory_is_believed(
    probe: Probe,
    make_app: Callable[..., Flask],
    redis_server: RedisServer,
    client: redis.Redis,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connections, "identity_in", lambda _: "the same server as ever")

    with pytest.raises(AssertionError):
        test_faults.test_a_server_that_comes_back_with_old_memory_is_a_stranger(
            Probe(make_app(), probe.user_id), make_app, redis_server, client
        )


def test_without_the_key_in_the_envelope_another_persons_answer_is_served(
    probe: Probe, client: redis.Redis, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = Stamp.header
    monkeypatch.setattr(Stamp, "header", lambda stamp: header(stamp._replace(logical_key=b"")))

    with pytest.raises(AssertionError):
        test_faults.test_another_persons_value_under_my_key_is_a_miss(probe, client, world)


def test_without_the_checksum_a_damaged_answer_is_served(
    probe: Probe, client: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(envelope, "_checksum", lambda *_: b"0" * 8)

    with pytest.raises((AssertionError, ValueError)):
        test_faults.test_a_damaged_value_is_a_miss(probe, client, "one byte changed")


def test_without_asking_for_the_token_a_kept_answer_outlives_a_change(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believe_what_is_kept(reads: Any, epoch: str, server: TokenServer, kept: KeptAnswers) -> Any:
        own = [kept.get(read.logical_key, epoch, 0) for read in reads]
        return snapshots.look(reads, epoch, server, kept) if None in own else own

    monkeypatch.setattr("caching.store.look", believe_what_is_kept)

    with pytest.raises(AssertionError):
        test_freshness.test_a_change_is_seen_by_the_next_reader(probe)


@pytest.mark.usefixtures("short_lease")
def test_without_the_epoch_of_a_kept_answer_one_from_before_a_detour_is_believed(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(KeptAnswers, "get", lambda kept, key, _epoch, _now: getattr(kept._kept.get(key), "seen", None))

    with RedisServer() as other_server, pytest.raises(AssertionError):
        test_epochs.test_what_was_cached_before_a_detour_to_another_server_counts_no_more(probe, make_app, other_server)


def test_if_tokens_were_not_random_a_new_one_would_bring_the_past_back(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def always_zero(server: TokenServer, tag: Any) -> Any:
        return server._usual.send("SET", server.prefix + tag.key, b"0", "NX", "GET") or b"0"

    monkeypatch.setattr(TokenServer, "claim_token", always_zero)

    with pytest.raises(AssertionError):
        test_faults.test_a_new_token_is_never_an_old_one_again(probe)


def test_without_marks_a_killed_writer_leaves_the_past_behind(probe: Probe, kill_writer: Callable[[str], None]) -> None:
    probe.read()

    kill_writer("after-commit-without-mark")

    assert probe.read() == "old"


@pytest.mark.usefixtures("short_lease")
def test_without_the_outbox_a_change_that_redis_missed_is_lost(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "record", lambda *_: None)

    with pytest.raises(AssertionError):
        test_faults.test_a_writer_who_cannot_reach_redis_leaves_word_for_the_others(probe, make_app)


@pytest.mark.usefixtures("short_lease")
def test_without_announcing_what_waits_a_lease_is_worth_nothing(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lease, "_announce_what_waits", lambda *_: True)

    with pytest.raises(AssertionError):
        test_faults.test_a_writer_who_cannot_reach_redis_leaves_word_for_the_others(probe, make_app)


def test_if_a_writer_ended_every_mark_it_would_end_anothers(probe: Probe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_END_MARK", "return redis.call('DEL', KEYS[1])")

    with pytest.raises(AssertionError):
        test_faults.test_one_writer_does_not_end_anothers_mark(probe)


def test_without_the_breaker_every_reader_waits_for_a_frozen_redis(
    probe: Probe, redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Breaker, "trip", lambda *_: None)

    with pytest.raises(AssertionError):
        test_faults.test_while_redis_is_known_to_fail_readers_do_not_even_try(probe, redis_server)


def test_without_the_announcement_after_a_lost_answer_the_past_stays(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Store, "mark", lambda *_: None)
    monkeypatch.setattr(Store, "announce", lambda *_: None)

    with pytest.raises(AssertionError):
        test_freshness.test_a_commit_that_failed_after_it_happened_is_announced_all_the_same(probe, monkeypatch)


@pytest.mark.usefixtures("short_lease")
def test_without_the_epoch_in_the_stamp_what_was_cached_before_a_detour_is_believed(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    header = Stamp.header
    monkeypatch.setattr(Stamp, "header", lambda stamp: header(stamp._replace(epoch="")))

    with RedisServer() as other_server, pytest.raises(AssertionError):
        test_epochs.test_what_was_cached_before_a_detour_to_another_server_counts_no_more(probe, make_app, other_server)


@pytest.mark.usefixtures("short_lease")
def test_if_leases_did_not_run_out_a_writer_would_wait_for_nothing(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "LEASE_SECONDS", 3600.0)
    # The one that it holds already runs out soon.
    probe.store.lease.drop()

    with pytest.raises(AssertionError):
        test_faults.test_a_writer_who_cannot_reach_redis_leaves_word_for_the_others(probe, make_app)


@pytest.mark.usefixtures("short_lease")
def test_without_waiting_for_the_old_leases_two_servers_are_believed_at_once(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lease, "_has_settled", lambda _: True)

    with RedisServer() as other_server, pytest.raises(AssertionError):
        test_epochs.test_nobody_reads_from_a_new_server_before_the_leases_on_the_old_one_have_run_out(
            probe, make_app, other_server
        )


@pytest.mark.usefixtures("short_lease")
def test_if_rows_were_discarded_in_any_epoch_a_new_server_would_not_hear_of_them(
    probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    discard = outbox.discard
    monkeypatch.setattr(outbox, "discard", lambda mark, _: discard(mark, state.read().epoch))

    with pytest.raises(AssertionError):
        test_epochs.test_a_change_that_was_announced_in_an_earlier_epoch_is_announced_once_more(probe, monkeypatch)


@pytest.mark.usefixtures("short_lease")
def test_without_asking_who_the_server_is_replaced_memory_goes_unnoticed(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TokenServer, "check", lambda _: None)

    with RedisServer() as other_server, pytest.raises(AssertionError):
        test_epochs.test_a_server_whose_memory_was_replaced_is_found_at_the_next_look(probe, other_server, make_app)


@pytest.mark.usefixtures("short_lease")
def test_without_rows_of_processes_that_use_no_cache_the_others_miss_their_changes(
    probe: Probe, make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "record", lambda *_: None)

    with pytest.raises(AssertionError):
        test_epochs.test_a_process_without_a_cache_leaves_word_for_those_that_have_one(probe, make_app)


def test_without_asking_for_every_kind_a_bulk_statement_may_forget_the_slots(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invalidation_check, "_require_kinds", lambda *_: None)

    with pytest.raises(pytest.fail.Exception, match="DID NOT RAISE"):
        test_invalidation_check.test_a_change_of_bookings_has_to_invalidate_lists_and_slots(
            world, tags.teacher_slots(2)
        )
