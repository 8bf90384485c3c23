"""Time: all that the protocol uses of it is that a wait outlasts every lease that began before it.

A wait is named by a bit: one for each writer, from its COMMIT on, and one for each process that settles.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.caching.protocol_model.state import Look, Process, Settle, Stage, State

_WAITING_STAGES = (Stage.COMMITTED, Stage.ANNOUNCED, Stage.WAITING)


def waits(state: State) -> int:
    """Return the waits that are under way: a lease whose time begins now outlives them."""
    found = 0
    for number, writer in enumerate(state.writers):
        if writer.stage in _WAITING_STAGES:
            found |= writers_wait(number)
    for number, process in enumerate(state.processes):
        if isinstance(process.task, Settle):
            found |= settlers_wait(state, number)
    return found


def writers_wait(number: int) -> int:
    """Name the wait of a writer."""
    return 1 << number


def settlers_wait(state: State, number: int) -> int:
    """Name the wait of a process that settles."""
    return 1 << len(state.writers) + number


def begun(state: State, wait: int) -> State:
    """Begin a wait: no lease that is held or looked for began after it."""
    return _each_lease(state, lambda lease: lease & ~wait)


def over(state: State, wait: int) -> State:
    """End a wait: every lease that began before it has run out."""
    return _each_lease(state, lambda lease: lease if lease & wait else None)


def _each_lease(state: State, change: Callable[[int], int | None]) -> State:
    return state._replace(processes=tuple(_with_leases(process, change) for process in state.processes))


def _with_leases(process: Process, change: Callable[[int], int | None]) -> Process:
    task = process.task
    if isinstance(task, Look) and task.lease is not None:
        task = task._replace(lease=change(task.lease))
    lease = None if process.lease is None else change(process.lease)
    return process._replace(lease=lease, task=task)
