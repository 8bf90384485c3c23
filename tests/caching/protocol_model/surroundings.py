"""The steps of everything around the processes: servers that fail, move, forget or remember."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

from tests.caching.protocol_model.names import fresh_epoch
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import Mode, State, Status

Step = tuple[str, State]


class What(StrEnum):
    """What happens to a server. `other` is the one that it copies its memory from."""

    REPLICATED = "gets a copy of the other one's memory"
    PROMOTED = "becomes a primary, with the memory that it has"
    DEMOTED = "becomes a replica and copies the other one's memory; its connections are cut"
    LOST = "is lost"
    HUNG = "hangs"
    THAWED = "goes on as if nothing had happened"
    REFUSING = "refuses writes from now on"
    RESTARTED = "is restarted with the memory that was saved"
    # Of a Cluster's nodes. A key is on one of them at a time.
    GIVES = "begins to give the slot away, and refuses what it does not have"
    GETS_TOKEN = "gets the tag's key from the other one"
    GETS_VALUE = "gets the answer's key from the other one"
    TAKES = "owns the slot from now on"
    GAVE = "hears that it has the slot no more"


# What need not happen.
_OPTIONAL = (What.REPLICATED, What.GETS_TOKEN, What.GETS_VALUE)


class Event(NamedTuple):
    """Something that happens once, at any moment after the events before it; copies and moves need not happen."""

    what: What
    server: int


def steps(state: State, rules: Rules, script: tuple[Event, ...], *, evictions: bool, unread: bool) -> Iterator[Step]:
    """Yield what can happen to servers and to rows that no process reads."""
    for number in range(state.events, len(script)):
        event = script[number]
        yield (
            f"server {event.server} {event.what}",
            _happened(state, rules, event, len(state.servers) + number)._replace(events=number + 1),
        )
        if event.what not in _OPTIONAL:
            break
    if evictions:
        for number, server in enumerate(state.servers):
            if server.token is not None and server.mode not in (Mode.AWAY, Mode.ELSEWHERE):
                yield f"server {number} evicts the token", state.with_server(number, server._replace(token=None))
    if unread and state.row.status == Status.IDLE and state.rows:
        turn = state.row.turn + 1
        row = state.row._replace(epoch=fresh_epoch(state), turn=turn)
        yield "rows that no process reads are deleted, in a new epoch", state._replace(row=row, rows=0)


# What commands meet at a server to which that has happened.
_MODES = {
    What.DEMOTED: Mode.AWAY,
    What.PROMOTED: Mode.PRIMARY,
    What.RESTARTED: Mode.PRIMARY,
    What.LOST: Mode.AWAY,
    What.HUNG: Mode.AWAY,
    What.THAWED: Mode.PRIMARY,
    What.REFUSING: Mode.REFUSING_WRITES,
    What.GIVES: Mode.GIVING,
    What.GAVE: Mode.ELSEWHERE,
    What.TAKES: Mode.PRIMARY,
}
_COPIES = (What.REPLICATED, What.DEMOTED, What.RESTARTED)


def _happened(state: State, rules: Rules, event: Event, identity: int) -> State:
    if event.what in (What.GETS_TOKEN, What.GETS_VALUE):
        return _moved(state, event)
    server = state.servers[event.server]
    other = state.servers[1 - event.server]
    server = server._replace(mode=_MODES.get(event.what, server.mode))
    if event.what in _COPIES:
        server = server._replace(token=other.token, marks=other.marks, value=other.value)
    if event.what is What.RESTARTED or (event.what is What.PROMOTED and rules.identity_changes_with_promotion):
        server = server._replace(identity=identity)
    if event.what is What.TAKES and not rules.identity_is_that_of_the_slots_owner:
        server = server._replace(identity=other.identity)
    return state.with_server(event.server, server)


def _moved(state: State, event: Event) -> State:
    """Move a key, in place of what the taker has of that name."""
    taker, giver = state.servers[event.server], state.servers[1 - event.server]
    if event.what is What.GETS_TOKEN and giver.has_tag:
        taker = taker._replace(token=giver.token, marks=giver.marks)
        giver = giver._replace(token=None, marks=0)
    elif event.what is What.GETS_VALUE and giver.value is not None:
        taker, giver = taker._replace(value=giver.value), giver._replace(value=None)
    return state.with_server(event.server, taker).with_server(1 - event.server, giver)
