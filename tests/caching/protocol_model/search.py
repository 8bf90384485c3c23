"""A breadth-first search: the first broken promise that it finds took the fewest steps."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from tests.caching.protocol_model import looking, reading, surroundings, writing
from tests.caching.protocol_model.forgetting import forget, over
from tests.caching.protocol_model.names import named
from tests.caching.protocol_model.promise import broken, floor
from tests.caching.protocol_model.rules import Rules
from tests.caching.protocol_model.runs import Run
from tests.caching.protocol_model.state import State

_Parents = dict[State, tuple[State, str] | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: how many states there are, and the steps that break the promise, if any do."""

    states: int
    complete: bool
    steps: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Print the steps, one a line."""
        lines = [f"{number:3} {step}" for number, step in enumerate(self.steps, 1)]
        return "\n".join([f"{self.states:,} states", *lines])


def search(run: Run, rules: Rules, *, most: int = 10_000_000) -> Found:
    """Visit every state that `run` can reach, at most `most` of them; stop where the promise is broken."""
    first = canonical(run.first(), rules)
    parents: _Parents = {first: None}
    waiting = deque([first])
    # Most steps lead to where another order of steps has led already.
    met = set()
    while waiting:
        state = waiting.popleft()
        for label, after in steps(state, rules, run):
            if after in met:
                continue
            met.add(after)
            known = canonical(after, rules)
            if known in parents:
                continue
            parents[known] = (state, label)
            if (said := broken(known, rules, run)) is not None:
                return Found(len(parents), complete=False, steps=(*_path(parents, known), said))
            if len(parents) >= most:
                return Found(len(parents), complete=False)
            if not over(known):
                waiting.append(known)
    return Found(len(parents), complete=True)


def steps(state: State, rules: Rules, run: Run) -> Iterator[tuple[str, State]]:
    """Yield everything that can happen next."""
    yield from writing.steps(state, rules, marks=run.marks)
    yield from looking.steps(state, rules, slow_swaps=run.slow_swaps)
    yield from reading.steps(state, rules, loads=run.loads, floor=floor(state, run) if run.late_readers else None)
    yield from surroundings.steps(state, rules, run.script, evictions=run.evictions, unread=run.unread)


def canonical(state: State, rules: Rules) -> State:
    """Return the one state that stands for all those that behave like this one."""
    return named(forget(state, rules), stamps_name_the_epoch=rules.stamps_name_the_epoch)


def _path(parents: _Parents, state: State) -> list[str]:
    path = []
    while (step := parents[state]) is not None:
        state, label = step
        path.append(label)
    return path[::-1]
