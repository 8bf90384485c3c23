"""What must never happen."""

from __future__ import annotations

from tests.caching.protocol_model.reading import answers, may_hit
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.runs import Run
from tests.caching.protocol_model.state import State


def broken(state: State, rules: Rules, run: Run) -> str | None:
    """Say how a state breaks the promise, if it does.

    A request that began after a version was acknowledged is not answered with an older one. A version that was
    committed but not acknowledged may be missed only as long as its row waits in the outbox; with marks never, so that
    no request shows less than another one has shown.
    """
    reader = state.reader
    if reader is not None:
        for how, version in answers(state, rules, reader, reader.process):
            if version < reader.floor:
                return f"the reader is answered with version {version} by {how}: it began after {reader.floor}"
    for number, process in enumerate(state.processes):
        if not may_hit(process, rules):
            continue
        for how, version in answers(state, rules, process, number):
            if version < floor(state, run) or (how == "a hit" and _is_old_for_ever(state, version)):
                return (
                    f"process {number} answers with version {version} by {how}: "
                    f"{state.acknowledged} is acknowledged, {state.committed} committed"
                )
    return None


def floor(state: State, run: Run) -> int:
    """Return the version that a request must see that begins now."""
    return state.committed if run.marks else state.acknowledged


def _is_old_for_ever(state: State, version: int) -> bool:
    """Tell whether no row waits that will make a version old, although a newer one was committed."""
    waiting = [writer.version for number, writer in enumerate(state.writers) if state.rows >> number & 1]
    return version < state.committed and all(newer <= version for newer in waiting)
