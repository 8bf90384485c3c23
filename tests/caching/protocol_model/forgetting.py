"""Forget what can have no effect any more, so that states which differ only in that are one.

What is left out here can only prevent an old answer, or will never be believed again. Where a rule that this rests on
has been taken away, it is kept.
"""

from __future__ import annotations

from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import (
    NO_EPOCH,
    NO_VERSION,
    Load,
    Look,
    Mode,
    Process,
    Reader,
    Row,
    Server,
    Settle,
    State,
    Status,
    Swap,
)
from tests.caching.protocol_model.waiting import waits

_OF_A_MOVE = (Mode.GIVING, Mode.ELSEWHERE)


def over(state: State) -> bool:
    """Tell whether all changes were committed and nothing old is kept, so that nothing can go wrong any more."""
    return _last_version(state) != NO_VERSION and not state.loads and not any(server.value for server in state.servers)


def forget(state: State, rules: Rules) -> State:
    """Return a state that can break the promise if and only if `state` can."""
    live = waits(state)
    processes = tuple([_process(process, state, rules, live) for process in state.processes])
    if not rules.stamps_tell_the_age:
        return state._replace(processes=processes)
    last = _last_version(state)
    loads = tuple([load for load in state.loads if load.version != last and _connected(state, load)])
    reader = state.reader
    if reader is not None and not _may_answer(state, reader):
        reader = None
    old = {load.epoch for load in loads} | {server.value.epoch for server in state.servers if server.value}
    if rules.beliefs_end_with_leases:
        processes = tuple([_unbelieving(process, state.row, last, old) for process in processes])
    believed = {process.epoch for process in processes} | {state.row.epoch} | ({reader.epoch} if reader else set())
    keys = _Keys(state)
    servers = tuple([_server(server, last, believed, loads, keys) for server in state.servers])
    return state._replace(servers=servers, processes=processes, loads=loads, reader=reader)


def _last_version(state: State) -> int:
    """Return the version after which no other will come: what shows it never gets old."""
    return state.committed if all(writer.version for writer in state.writers) else NO_VERSION


def _connected(state: State, load: Load) -> bool:
    """Tell whether what a load stores will count: its server must still hold its token, which never comes back."""
    if state.servers[load.at].mode in _OF_A_MOVE:
        return _may_answer(state, load)
    server = state.reached(load.at, load.identity, writing=False)
    return server is not None and server.token == load.token


def _may_answer(state: State, asking: Load | Reader) -> bool:
    """Tell whether a connection can lead to an answer, at once or when the slot has come back."""
    server = state.servers[asking.at]
    if server.mode in _OF_A_MOVE:
        return server.identity == asking.identity
    return state.reached(asking.at, asking.identity, writing=False) is not None


class _Keys:
    """What can still meet: the keys of one server, or of both while they move from one to the other."""

    def __init__(self, state: State) -> None:
        self._servers = state.servers if any(server.mode in _OF_A_MOVE for server in state.servers) else ()

    def tokens_beside(self, server: Server) -> set[int | None]:
        return {server.token, *(other.token for other in self._servers)}

    def values_beside(self, server: Server) -> set[int]:
        return {other.value.token for other in self._servers if other.value and other is not server}


def _server(server: Server, last: int, believed: set[int], loads: tuple[Load, ...], keys: _Keys) -> Server:
    """Forget a value that no process will take for a hit, and a token on which nothing depends."""
    token, value = server.token, server.value
    meets = value is not None and value.token in keys.tokens_beside(server)
    if value is not None and (not meets or value.version == last or value.epoch not in believed):
        value = None
    needed = value is not None or token in keys.values_beside(server) or any(load.token == token for load in loads)
    # A node that gives the slot away refuses what is about a key that it does not have.
    if token is not None and not needed and server.mode is not Mode.GIVING:
        token = None
    return Server(server.identity, server.mode, token, server.marks, value)


def _process(process: Process, state: State, rules: Rules, live: int) -> Process:
    """Forget waits that are over, and tasks that are in vain.

    A look that finds no rows changes nothing but the lease, so it is taken for granted.
    """
    lease = None if process.lease is None else process.lease & live
    nothing_waits = not (state.rows and rules.look_announces_what_waits)
    if state.row.status == Status.IN_USE and nothing_waits and process.epoch == state.row.epoch:
        lease = live
    task = process.task
    if isinstance(task, Look):
        task = _look(task, process, state, rules, live)
    elif isinstance(task, Settle) and task.epoch != state.row.epoch:
        task = None
    elif isinstance(task, Swap):
        seen, row = task.seen, state.row
        same = seen.epoch == row.epoch and (seen.status == row.status or not rules.swap_compares_the_status)
        task = task if same else None
    return Process(process.epoch, process.at, process.identity, lease, task)


def _look(task: Look, process: Process, state: State, rules: Rules, live: int) -> Look | None:
    same = (task.turn, process.epoch) == (state.row.turn, state.row.epoch)
    if not same and rules.look_compares_the_turn and rules.look_compares_the_state_before_deleting:
        return None
    return Look(task.turn, task.rows, None if task.lease is None else task.lease & live, task.announced)


def _unbelieving(process: Process, row: Row, last: int, old: set[int]) -> Process:
    """Take the lease from a process that can only find what never gets old; without one, only the row's epoch counts.

    What such a process still tells a server it has left removes tokens, which does no harm.
    """
    lease = None if last != NO_VERSION and process.epoch not in old else process.lease
    if lease is None and process.epoch != row.epoch:
        return Process(NO_EPOCH, 0, 0, None, process.task)
    return Process(process.epoch, process.at, process.identity, lease, process.task)
