"""The promise of the cache, searched for a way to break it, with all safeguards and with each one taken away.

`make test T=tests/caching/test_protocol_model.py FULL=1` also searches what takes minutes.
"""

from __future__ import annotations

import os
from dataclasses import fields, replace

import pytest

from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.runs import A_SLOT_MOVES, LARGE_RUNS, PLANNED_FAILOVER, RUNS, TWO_SERVERS, Run
from tests.caching.protocol_model.search import search
from tests.caching.protocol_model.surroundings import Event, What

# Where the search finds what goes wrong without a safeguard.
WITHOUT: dict[str, Run] = {
    "stamps_name_the_epoch": replace(PLANNED_FAILOVER, script=(Event(What.PROMOTED, 1),)),
    "identity_changes_with_promotion": LARGE_RUNS["a failover and back"],
    "token_is_seen_before_the_query": RUNS["one server"],
    "flights_are_named_by_stamp": RUNS["one server"],
    "rows_are_written": RUNS["one server"],
    "writer_waits_if_not_announced": RUNS["one server"],
    "discard_compares_the_epoch": PLANNED_FAILOVER,
    "discard_uses_the_epoch_that_was_announced_in": PLANNED_FAILOVER,
    "rows_stay_while_an_epoch_settles": PLANNED_FAILOVER,
    "unknown_commit_keeps_its_rows": RUNS["one server"],
    "idle_is_set_only_while_rows_wait": RUNS["two writers in two processes"],
    "hits_need_a_lease": RUNS["one server"],
    "lease_counts_from_before_the_look": RUNS["two writers in two processes"],
    "look_announces_what_waits": RUNS["one server"],
    "look_compares_the_state_before_deleting": RUNS["two writers in two processes"],
    "look_compares_the_turn": RUNS["two writers in two processes"],
    "another_server_waits_for_leases": PLANNED_FAILOVER,
    "identity_is_that_of_the_slots_owner": A_SLOT_MOVES,
    "swap_compares_the_status": replace(TWO_SERVERS, script=(Event(What.PROMOTED, 1),), idle=True, slow_swaps=True),
    "marks_are_set": RUNS["writers that are killed after they have set marks"],
    "marks_end_one_by_one": RUNS["writers that are killed after they have set marks"],
}


SEARCHED = {**RUNS, **LARGE_RUNS} if os.environ.get("FULL") else RUNS


@pytest.mark.parametrize("name", SEARCHED)
def test_no_order_of_steps_breaks_the_promise(name: str) -> None:
    found = search(SEARCHED[name], Rules())

    assert not found.steps, str(found)
    assert found.complete


@pytest.mark.parametrize("safeguard", [field.name for field in fields(Rules)])
def test_without_a_safeguard_the_search_finds_what_goes_wrong(safeguard: str) -> None:
    found = search(WITHOUT[safeguard], replace(Rules(), **{safeguard: False}))

    assert found.steps, f"{found.states} states, and nothing is wrong in any of them"


def test_what_was_found_reads_as_steps() -> None:
    found = search(RUNS["one server"], replace(Rules(), unknown_commit_keeps_its_rows=False))

    assert str(found).splitlines()[1:] == [
        "  1 writer 0: COMMIT raises, and has not taken effect yet; it announces",
        "  2 load in process 0: sees a token, then version 0",
        "  3 writer 0: its COMMIT takes effect after all",
        "  4 load in process 0: stores version 0",
        "  5 process 0 answers with version 0 by a hit: 0 is acknowledged, 1 committed",
    ]
