"""The steps of writers: mark, COMMIT, announce, discard, wait, give up, acknowledge."""

from __future__ import annotations

from collections.abc import Iterator

from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import NO_EPOCH, Server, Stage, State, Status
from tests.caching.protocol_model.waiting import begun, over, writers_wait

Step = tuple[str, State]


def steps(state: State, rules: Rules, *, marks: bool) -> Iterator[Step]:
    """Yield what each writer can do next. One that is killed, or waits for a lost answer for ever, does nothing."""
    for number, writer in enumerate(state.writers):
        for label, after in _STEPS[writer.stage](state, rules, number, marks):
            yield f"writer {number}: {label}", after


def announced(server: Server, rules: Rules, mark: int) -> Server:
    """Remove a token, or of marks the given ones."""
    if server.marks:
        return server._replace(marks=server.marks & ~mark if rules.marks_end_one_by_one else 0)
    return server._replace(token=None)


def _begin(state: State, rules: Rules, number: int, marks: bool) -> Iterator[Step]:
    if marks:
        process = state.processes[state.writers[number].process]
        server = state.reached(process.at, process.identity, writing=True)
        if rules.marks_are_set and server:
            marked = server._replace(token=None, marks=server.marks | 1 << number)
            after = state.with_server(process.at, marked)
            yield "marks the tag", after.with_writer(number, stage=Stage.MARKED)
            return
        yield "sets no mark", state.with_writer(number, stage=Stage.MARKED)
        return
    yield from _marked(state, rules, number, marks)
    process = state.processes[state.writers[number].process]
    server = state.reached(process.at, process.identity, writing=True)
    if server:
        after = state.with_server(process.at, announced(server, rules, 1 << number))
        after = after.with_writer(number, stage=Stage.ANNOUNCED_TOO_EARLY, epoch=process.epoch)
        yield "COMMIT raises, and has not taken effect yet; it announces", after


def _marked(state: State, rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    after = _committed(state, rules, number)
    yield "COMMIT", begun(after.with_writer(number, stage=Stage.COMMITTED), writers_wait(number))


def _committed(state: State, rules: Rules, number: int) -> State:
    version = state.committed + 1
    rows = state.rows | (1 << number if rules.rows_are_written else 0)
    return state._replace(committed=version, rows=rows).with_writer(number, version=version)


def _announced_too_early(state: State, rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    """Let the COMMIT take effect. It was not confirmed, so it is never acknowledged."""
    after = _committed(state, rules, number).with_writer(number, stage=Stage.DONE)
    if not rules.unknown_commit_keeps_its_rows:
        after = after._replace(rows=after.rows & ~(1 << number))
    yield "its COMMIT takes effect after all", after


def _announce(state: State, rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    process = state.processes[state.writers[number].process]
    waiting = state.with_writer(number, stage=Stage.WAITING)
    if not rules.writer_waits_if_not_announced:
        waiting = _acknowledged(state, number)
    yield "announces, but the command is lost", waiting
    server = state.reached(process.at, process.identity, writing=True)
    if server is None or process.epoch == NO_EPOCH:
        return
    told = announced(server, rules, 1 << number)
    yield "announces, but the answer is lost", waiting.with_server(process.at, told)
    after = state.with_writer(number, stage=Stage.ANNOUNCED, epoch=process.epoch)
    yield "announces", after.with_server(process.at, told)


def _discard(state: State, rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    writer = state.writers[number]
    epoch = writer.epoch
    if not rules.discard_uses_the_epoch_that_was_announced_in:
        epoch = state.processes[writer.process].epoch
    same = epoch == state.row.epoch or not rules.discard_compares_the_epoch
    settled = state.row.status != Status.SETTLING or not rules.rows_stay_while_an_epoch_settles
    if same and settled:
        yield "deletes its row and acknowledges", _acknowledged(_without_row(state, number), number)
    elif not rules.writer_waits_if_not_announced:
        yield "acknowledges", _acknowledged(state, number)
    else:
        yield "keeps its row: the epoch is another one or settles", state.with_writer(number, stage=Stage.WAITING)


def _wait(state: State, rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    row_waits = bool(state.rows >> number & 1)
    if not row_waits:
        yield "sees that its row is gone and acknowledges", _acknowledged(state, number)
        return
    if state.row.status == Status.IDLE:
        yield "sees that the cache is idle and acknowledges", _acknowledged(state, number)
        return
    late = over(state, writers_wait(number))
    if rules.idle_is_set_only_while_rows_wait:
        yield "has waited for a lease, sets idle and acknowledges", _acknowledged(_idle(late), number)
    else:
        yield "has waited for a lease; its row is still there", late.with_writer(number, stage=Stage.GIVING_UP)


def _give_up(state: State, _rules: Rules, number: int, _marks: bool) -> Iterator[Step]:
    yield "sets idle without another look and acknowledges", _acknowledged(_idle(state), number)


def _idle(state: State) -> State:
    row = state.row._replace(status=Status.IDLE, turn=state.row.turn + 1)
    return state._replace(row=row)


def _without_row(state: State, number: int) -> State:
    return state._replace(rows=state.rows & ~(1 << number))


def _acknowledged(state: State, number: int) -> State:
    version = max(state.acknowledged, state.writers[number].version)
    return state._replace(acknowledged=version).with_writer(number, stage=Stage.DONE)


def _nothing(_state: State, _rules: Rules, _number: int, _marks: bool) -> Iterator[Step]:
    yield from ()


_STEPS = {
    Stage.NEW: _begin,
    Stage.MARKED: _marked,
    Stage.COMMITTED: _announce,
    Stage.ANNOUNCED: _discard,
    Stage.WAITING: _wait,
    Stage.GIVING_UP: _give_up,
    Stage.ANNOUNCED_TOO_EARLY: _announced_too_early,
    Stage.DONE: _nothing,
}
