"""Fresh names, and the same names for states that differ in nothing else.

Epochs, tokens and turns are random or grow for ever, but only whether two of them are equal matters. So they are named
in the order in which they stand in a state. That makes the number of states finite although looks, loads, hits and
choices of servers are not counted.
"""

from __future__ import annotations

from tests.caching.protocol_model.state import (
    NO_EPOCH,
    Load,
    Look,
    Process,
    Row,
    Server,
    Settle,
    Stage,
    State,
    Swap,
    Value,
    Writer,
)

Names = dict[int, int]

_GONE = -2


def fresh_epoch(state: State) -> int:
    """Return an epoch that is nowhere."""
    epochs = [state.row.epoch, *(process.epoch for process in state.processes), *(load.epoch for load in state.loads)]
    epochs += [server.value.epoch for server in state.servers if server.value]
    epochs += [state.reader.epoch] if state.reader else []
    return max(epochs) + 1


def fresh_token(state: State) -> int:
    """Return a token that is nowhere."""
    tokens = [server.token or 0 for server in state.servers]
    tokens += [server.value.token for server in state.servers if server.value]
    tokens += [load.token for load in state.loads]
    return max(tokens) + 1


def named(state: State, *, stamps_name_the_epoch: bool) -> State:
    """Name epochs, tokens and turns by their places."""
    row = state.row
    epochs: Names = {NO_EPOCH: NO_EPOCH, row.epoch: 0}
    tokens: Names = {0: 0}
    processes = tuple([_process(process, row, epochs) for process in state.processes])
    reader = state.reader
    if reader is not None:
        reader = reader._replace(epoch=_name(epochs, reader.epoch))
    servers = tuple([_server(server, epochs if stamps_name_the_epoch else None, tokens) for server in state.servers])
    loads = sorted([_load(load, epochs, tokens) for load in state.loads]) if state.loads else ()
    return State(
        state.committed,
        state.acknowledged,
        state.rows,
        Row(0, 0, row.server, row.status),
        servers,
        processes,
        tuple([_writer(writer, row) for writer in state.writers]),
        tuple(loads),
        reader,
        state.events,
    )


def _name(names: Names, name: int) -> int:
    return names.setdefault(name, len(names))


def _process(process: Process, row: Row, epochs: Names) -> Process:
    task = process.task
    if isinstance(task, Look):
        task = Look(0 if task.turn == row.turn else _GONE, task.rows, task.lease, task.announced)
    elif isinstance(task, Settle):
        task = Settle(0 if task.epoch == row.epoch else _GONE)
    elif isinstance(task, Swap):
        task = Swap(Row(0, 0, task.seen.server, task.seen.status), task.at, task.identity)
    return Process(_name(epochs, process.epoch), process.at, process.identity, process.lease, task)


def _server(server: Server, epochs: Names | None, tokens: Names) -> Server:
    token = None if server.token is None else _name(tokens, server.token)
    value = server.value
    if value is not None:
        epoch = value.epoch if epochs is None else _name(epochs, value.epoch)
        value = Value(epoch, _name(tokens, value.token), value.version)
    return Server(server.identity, server.mode, token, server.marks, value)


def _writer(writer: Writer, row: Row) -> Writer:
    """Keep of a writer's epoch only whether it is the row's, which is all that it will be asked."""
    epoch = 0
    if writer.stage == Stage.ANNOUNCED and writer.epoch != row.epoch:
        epoch = _GONE
    return Writer(writer.process, writer.stage, writer.version, epoch)


def _load(load: Load, epochs: Names, tokens: Names) -> Load:
    epoch, token = _name(epochs, load.epoch), _name(tokens, load.token)
    return Load(load.process, epoch, load.at, load.identity, token, load.version)
