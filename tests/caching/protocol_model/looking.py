"""The steps of a process's helper: look and hold a lease, choose a server, settle."""

from __future__ import annotations

from collections.abc import Iterator

from tests.caching.protocol_model.names import fresh_epoch
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.state import Look, Mode, Process, Row, Settle, State, Status, Swap
from tests.caching.protocol_model.waiting import begun, over, settlers_wait, waits
from tests.caching.protocol_model.writing import announced

Step = tuple[str, State]


def steps(state: State, rules: Rules, *, slow_swaps: bool) -> Iterator[Step]:
    """Yield what each process's helper can do next.

    A compare-and-swap that succeeds has the effect of one that looked a moment before. So other steps come between its
    look and itself only with `slow_swaps`.
    """
    for number, process in enumerate(state.processes):
        if process.task is None:
            found = [*_look(state, rules, number), *_connect(state, rules, number, slow_swaps)]
        else:
            found = [*_TASKS[type(process.task)](state, rules, number), _gives_up(state, number)]
        for label, after in found:
            yield f"process {number}: {label}", after


def _gives_up(state: State, number: int) -> Step:
    """Let a command fail, or the process be killed and started again."""
    return "fails at that", state.with_process(number, task=None)


def _look(state: State, rules: Rules, number: int) -> Iterator[Step]:
    """Read the row and the outbox in one statement."""
    process, row = state.processes[number], state.row
    # One that finds no rows changes nothing but the lease; see `forgetting`.
    if (row.epoch, row.status) == (process.epoch, Status.IN_USE) and state.rows and rules.look_announces_what_waits:
        task = Look(row.turn, state.rows, waits(state), announced=False)
        yield "looks, and finds rows", state.with_process(number, task=task)


def _go_on_looking(state: State, rules: Rules, number: int) -> Iterator[Step]:
    process = state.processes[number]
    task = process.task
    assert isinstance(task, Look)
    if task.announced:
        yield _delete(state, rules, number, task)
        return
    server = state.reached(process.at, process.identity, writing=True)
    if server is not None:
        after = state.with_server(process.at, announced(server, rules, task.rows))
        yield "announces the rows", after.with_process(number, task=task._replace(announced=True))


def _delete(state: State, rules: Rules, number: int, task: Look) -> Step:
    """Lock the row, compare, delete what was announced."""
    process, row = state.processes[number], state.row
    same = (row.epoch, row.status) == (process.epoch, Status.IN_USE)
    if rules.look_compares_the_turn:
        same = same and row.turn == task.turn
    if not same and rules.look_compares_the_state_before_deleting:
        return "keeps the rows: the state was changed meanwhile", state.with_process(number, task=None)
    lease = task.lease if rules.lease_counts_from_before_the_look else waits(state)
    after = state._replace(rows=state.rows & ~task.rows)
    return "deletes the rows, and holds a lease", after.with_process(number, task=None, lease=lease)


def _connect(state: State, rules: Rules, number: int, slow_swaps: bool) -> Iterator[Step]:
    """Connect anew, which may lead to any primary, and read the row."""
    process, row = state.processes[number], state.row
    for at, server in enumerate(state.servers):
        if server.mode in (Mode.AWAY, Mode.ELSEWHERE):
            continue
        label = f"connects to server {at}, and sees "
        if row.server != server.identity or row.status == Status.IDLE:
            label += "it idle" if row.server == server.identity else "another one in the row"
            after = state.with_process(number, task=Swap(row, at, server.identity))
            if slow_swaps:
                yield label, after
            else:
                yield from ((f"{label}; it {rest}", last) for rest, last in _swap(after, rules, number))
        elif row.status == Status.SETTLING:
            yield label + "it settling", _settling(state, number, Process(row.epoch, at, row.server, None, None))
        elif process.epoch != row.epoch or process.at != at:
            yield label + "it in use", _believing(state, number, row, at)


def _settling(state: State, number: int, process: Process) -> State:
    """Let a process wait. Its writers already announce to the new server, in the new epoch."""
    belief = {"epoch": process.epoch, "at": process.at, "identity": process.identity, "lease": None}
    after = state.with_process(number, task=Settle(process.epoch), **belief)
    return begun(after, settlers_wait(state, number))


def _believing(state: State, number: int, row: Row, at: int) -> State:
    return state.with_process(number, epoch=row.epoch, at=at, identity=row.server, lease=None, task=None)


def _swap(state: State, rules: Rules, number: int) -> Iterator[Step]:
    """Change the row by compare-and-swap; one that is lost begins again."""
    task = state.processes[number].task
    assert isinstance(task, Swap)
    row, seen = state.row, task.seen
    if row.epoch != seen.epoch or (row.status != seen.status and rules.swap_compares_the_status):
        return
    turn = row.turn + 1
    if seen.server == task.identity:
        row = row._replace(status=Status.IN_USE, turn=turn)
        yield "puts it in use", _believing(state._replace(row=row), number, row, task.at)
        return
    waits_for_leases = seen.status != Status.IDLE and rules.another_server_waits_for_leases
    epoch = fresh_epoch(state)
    row = Row(epoch, turn, task.identity, Status.SETTLING if waits_for_leases else Status.IN_USE)
    after = state._replace(row=row)
    if waits_for_leases:
        yield "begins an epoch that settles", _settling(after, number, Process(epoch, task.at, row.server, None, None))
    else:
        yield "begins an epoch that is in use at once", _believing(after, number, row, task.at)


def _settle(state: State, _rules: Rules, number: int) -> Iterator[Step]:
    task = state.processes[number].task
    assert isinstance(task, Settle)
    after = over(state, settlers_wait(state, number)).with_process(number, task=None)
    row = state.row
    if (row.epoch, row.status) == (task.epoch, Status.SETTLING):
        row = row._replace(status=Status.IN_USE, turn=row.turn + 1)
    yield "has waited for a lease: the epoch is in use", after._replace(row=row)


_TASKS = {Look: _go_on_looking, Swap: _swap, Settle: _settle}
