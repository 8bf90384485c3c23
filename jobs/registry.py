"""Declare which handler does the jobs of which name, and what is done periodically.

Each feature declares its own in a room `jobs.py`, and `app.py` puts them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import ModuleType
from typing import NoReturn, cast

from flask import Flask, current_app
from sqlalchemy import Connection

from jobs.models import LONGEST_NAME
from jsontext import JsonObject

Clock = Callable[[], datetime]

_KEY = "lectern-jobs"


class CannotSucceed(Exception):
    """Trying this job again would be of no use, so it is dead at once.

    The message says why.
    """


@dataclass(frozen=True, kw_only=True, slots=True)
class Handler:
    """What does the jobs of one name.

    `run` gets the arguments and the time, inside an app context, and opens its own transactions. It may be called again
    after it has succeeded, so each handler says how a second call does no harm.
    """

    name: str
    run: Callable[[JsonObject, datetime], object]
    # How often it is tried. Pauses double from 15 seconds to an hour: ten attempts take some two hours.
    attempts: int = 10
    # A run that takes longer counts as failed, and the process that it hangs in is replaced.
    limit: timedelta = timedelta(minutes=5)
    # Its jobs wait for servers of other people. They have a thread of each runner to themselves, one at a time, so that
    # no mail waits for them, however few threads there are.
    apart: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Periodic:
    """Work that is done every so often, once for all machines.

    A run that fails is logged; the next one is its repetition. With `when` it is also done, at most once a second, as
    soon as that says that there is something to do: it asks one short question with an index.
    """

    name: str
    every: timedelta
    run: Callable[[datetime], object]
    limit: timedelta = timedelta(minutes=5)
    when: Callable[[Connection], bool] | None = None


class Registry:
    """All handlers and all periodic work of an application, by name, and its clock."""

    def __init__(self, clock: Clock) -> None:
        """Begin without any."""
        self._clock = clock
        self.handlers: dict[str, Handler] = {}
        self.periodic: dict[str, Periodic] = {}

    def add(self, *declared: Handler | Periodic) -> None:
        """Add declarations.

        Raises ValueError for a name that is there already, or too long.
        """
        for one in declared:
            if one.name in self.handlers or one.name in self.periodic:
                raise ValueError(f"Two jobs are called {one.name}.")
            if not 0 < len(one.name) <= LONGEST_NAME:
                raise ValueError(f"The name of a job has 1 to {LONGEST_NAME} characters: {one.name}")
            if isinstance(one, Handler):
                self.handlers[one.name] = one
            else:
                self.periodic[one.name] = one

    def now(self) -> datetime:
        """Return the present instant in UTC."""
        return self._clock().astimezone(UTC)

    def apart(self) -> list[str]:
        """Name the handlers whose jobs have a thread of their own."""
        return sorted(handler.name for handler in self.handlers.values() if handler.apart)

    def handler(self, name: str) -> Handler:
        """Return what does the jobs of a name.

        If there is none it is one that fails: another machine may have a newer Lectern already, and its jobs are tried
        again until this one has it, too.
        """
        return self.handlers.get(name) or Handler(name=name, run=_unknown)


def _unknown(_arguments: JsonObject, _now: datetime) -> NoReturn:
    raise LookupError("No feature of this Lectern has a handler for jobs of this name.")


def init_app(app: Flask, clock: Clock, rooms: Iterable[ModuleType]) -> None:
    """Give `app` what its features declare: `HANDLERS` and `PERIODIC` of their rooms.

    Raises ValueError if two have the same name.
    """
    registry = app.extensions[_KEY] = Registry(clock)
    for room in rooms:
        registry.add(*getattr(room, "HANDLERS", ()), *getattr(room, "PERIODIC", ()))


def registry_of(app: Flask) -> Registry:
    """Return what an application's features declare."""
    return cast("Registry", app.extensions[_KEY])


def current_registry() -> Registry:
    """Return what the running application's features declare."""
    return registry_of(current_app)
