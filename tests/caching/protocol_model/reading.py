"""The steps of readers: those that miss, and one that asks Redis late. A hit changes nothing, so it is no step."""

from __future__ import annotations

from collections.abc import Iterator

from tests.caching.protocol_model.names import fresh_token
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import Load, Mode, Process, Reader, State, Value

Step = tuple[str, State]


def steps(state: State, rules: Rules, *, loads: int, floor: int | None) -> Iterator[Step]:
    """Yield what readers can do next; at most `loads` load at the same time, and one that begins must see `floor`."""
    for number, load in enumerate(state.loads):
        others = (*state.loads[:number], *state.loads[number + 1 :])
        for label, after in _store(state, rules, load, others):
            yield f"load in process {load.process}: {label}", after
    if len(state.loads) < loads:
        yield from _begin_loads(state, rules)
    if floor and state.reader is None:
        yield from _begin_readers(state, rules, floor)


def _begin_loads(state: State, rules: Rules) -> Iterator[Step]:
    """See or claim a token, then query. A later query could only find a newer version, so both are one step."""
    for number, process in enumerate(state.processes):
        server = state.reached(process.at, process.identity, writing=False)
        if process.lease is None or server is None or server.marks:
            continue
        load = Load(number, process.epoch, process.at, process.identity, 0, state.committed)
        if not rules.token_is_seen_before_the_query:
            label = f"load in process {number}: sees version {state.committed}"
            yield label, state._replace(loads=(*state.loads, load))
        elif server.token is not None or server.mode == Mode.PRIMARY:
            token = server.token or fresh_token(state)
            after = state.with_server(process.at, server._replace(token=token))
            label = f"load in process {number}: sees a token, then version {state.committed}"
            yield label, after._replace(loads=(*state.loads, load._replace(token=token)))


def _store(state: State, rules: Rules, load: Load, others: tuple[Load, ...]) -> Iterator[Step]:
    without = state._replace(loads=others)
    yield "does not store it", without
    server = state.reached(load.at, load.identity, writing=True, value=True)
    if server is None:
        return
    token = load.token
    if not rules.token_is_seen_before_the_query:
        token = server.token or fresh_token(state)
        server = server._replace(token=token)
    value = Value(stamp_of(rules, load), token, load.version)
    yield f"stores version {load.version}", without.with_server(load.at, server._replace(value=value))


def _begin_readers(state: State, rules: Rules, floor: int) -> Iterator[Step]:
    for number, process in enumerate(state.processes):
        if may_hit(process, rules):
            reader = Reader(number, process.epoch, process.at, process.identity, floor)
            yield f"reader in process {number}: begins, and holds a lease", state._replace(reader=reader)


def stamp_of(rules: Rules, asking: Load | Process | Reader) -> int:
    """Return what stamps carry beside the token."""
    return asking.epoch if rules.stamps_name_the_epoch else asking.identity


def may_hit(process: Process, rules: Rules) -> bool:
    """Tell whether a request that begins now may believe what Redis says."""
    return process.lease is not None or (process.epoch >= 0 and not rules.hits_need_a_lease)


def answers(state: State, rules: Rules, asking: Process | Reader, number: int) -> Iterator[tuple[str, int]]:
    """Yield how a request in process `number` is answered if it asks Redis now, and with which version."""
    server = state.reached(asking.at, asking.identity, writing=False)
    if server is None or server.token is None or server.marks:
        return
    stamp, value = stamp_of(rules, asking), server.value
    if value is not None and (value.epoch, value.token) == (stamp, server.token):
        yield "a hit", value.version
    for load in state.loads:
        same = (stamp_of(rules, load), load.token) == (stamp, server.token)
        if load.process == number and (same or not rules.flights_are_named_by_stamp):
            yield "joining a load", load.version
