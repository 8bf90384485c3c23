"""The steps of everything around the processes: servers that fail, move, forget or remember."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from tests.caching.protocol_model.names import fresh_epoch
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import Mode, Server, State, Status

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


class Event(NamedTuple):
    """Something that happens once, at any moment after the events before it; a copy need not happen."""

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
        if event.what is not What.REPLICATED:
            break
    if evictions:
        for number, server in enumerate(state.servers):
            if server.token is not None and server.mode is not Mode.AWAY:
                yield f"server {number} evicts the token", state.with_server(number, server._replace(token=None))
    if unread and state.row.status == Status.IDLE and state.rows:
        turn = state.row.turn + 1
        row = state.row._replace(epoch=fresh_epoch(state), turn=turn)
        yield "rows that no process reads are deleted, in a new epoch", state._replace(row=row, rows=0)


def _happened(state: State, rules: Rules, event: Event, identity: int) -> State:
    server = state.servers[event.server]
    other = state.servers[1 - event.server]
    memory: dict[str, Any] = {"token": other.token, "marks": other.marks, "value": other.value}
    match event.what:
        case What.REPLICATED:
            server = server._replace(**memory)
        case What.DEMOTED:
            server = server._replace(mode=Mode.AWAY, **memory)
        case What.PROMOTED:
            server = server._replace(mode=Mode.PRIMARY)
            if rules.identity_changes_with_promotion:
                server = server._replace(identity=identity)
        case What.RESTARTED:
            server = Server(identity, Mode.PRIMARY, **memory)
        case What.LOST | What.HUNG:
            server = server._replace(mode=Mode.AWAY)
        case What.THAWED:
            server = server._replace(mode=Mode.PRIMARY)
        case What.REFUSING:
            server = server._replace(mode=Mode.REFUSING_WRITES)
    return state.with_server(event.server, server)
