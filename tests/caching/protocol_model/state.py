"""What there is in the model, and names for it that do not depend on how it came about."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

NO_EPOCH = -1
NO_VERSION = -1


class Status(IntEnum):
    """Whether processes believe cached answers: the column of the same name."""

    IDLE = 0
    SETTLING = 1
    IN_USE = 2


class Mode(IntEnum):
    """What a Redis server does with commands. An old primary may go on as PRIMARY or refuse writes."""

    PRIMARY = 0
    REFUSING_WRITES = 1
    AWAY = 2  # stopped, hung, or a replica, which processes refuse to talk to
    GIVING = 3  # a Cluster's node that gives the slot away: it refuses what is about a key that it does not have
    ELSEWHERE = 4  # a Cluster's node that does not have the slot: connections live on, and each command is refused


class Stage(IntEnum):
    """How far a writer has come. A killed one stays where it is for ever."""

    NEW = 0
    MARKED = 1
    COMMITTED = 2
    ANNOUNCED = 3
    WAITING = 4
    GIVING_UP = 5  # only without the look at the rows under the lock
    ANNOUNCED_TOO_EARLY = 6  # its COMMIT raised, and takes effect later
    DONE = 7


class Value(NamedTuple):
    """The cached answer: the version that it shows, and its stamp."""

    epoch: int
    token: int
    version: int


class Server(NamedTuple):
    """A Redis server. The tag holds a token, or the marks of writers (a bit for each), or nothing."""

    identity: int
    mode: Mode
    token: int | None
    marks: int
    value: Value | None

    @property
    def has_tag(self) -> bool:
        """Tell whether the tag's key exists."""
        return self.token is not None or bool(self.marks)


class Row(NamedTuple):
    """The row `cache_state`. Its turn is another one after each change of it."""

    epoch: int
    turn: int
    server: int
    status: Status


class Look(NamedTuple):
    """A look at the database that has found rows, and now announces and deletes them."""

    turn: int
    rows: int
    # None: the lease that it began for has run out already.
    lease: int | None
    announced: bool


class Swap(NamedTuple):
    """A process that is about to change the row, with what it has seen of it."""

    seen: Row
    at: int
    identity: int


class Settle(NamedTuple):
    """A process that waits until all leases on earlier servers have run out."""

    epoch: int


class Process(NamedTuple):
    """A process: the server that it believes and its epoch, its lease, and what its helper thread does.

    A lease is a set of waiting writers and processes, a bit for each: those that began to wait before the lease's time
    began. It outlives their waits. It has run out when the wait of any other one is over; None is no lease.
    """

    epoch: int
    at: int
    identity: int
    lease: int | None
    task: Look | Swap | Settle | None


class Writer(NamedTuple):
    """A request that changes the value, in a process."""

    process: int
    stage: Stage
    version: int
    # In which its change was announced.
    epoch: int


class Load(NamedTuple):
    """A request that has missed: it has seen a token, then a version, and is about to store that."""

    process: int
    epoch: int
    at: int
    identity: int
    token: int
    version: int


class Reader(NamedTuple):
    """A request that holds a lease and is about to ask Redis; it must not see less than `floor`."""

    process: int
    epoch: int
    at: int
    identity: int
    floor: int


class State(NamedTuple):
    """Everything."""

    committed: int
    acknowledged: int
    # The outbox: a bit for each writer whose row waits.
    rows: int
    row: Row
    servers: tuple[Server, ...]
    processes: tuple[Process, ...]
    writers: tuple[Writer, ...]
    loads: tuple[Load, ...]
    reader: Reader | None
    # How many of the run's events have happened.
    events: int

    def with_server(self, number: int, server: Server) -> State:
        """Return this state with one server replaced."""
        return self._replace(servers=replaced(self.servers, number, server))

    def with_process(self, number: int, **changes: object) -> State:
        """Return this state with one process changed."""
        process = self.processes[number]._replace(**changes)  # type: ignore[arg-type]
        return self._replace(processes=replaced(self.processes, number, process))

    def with_writer(self, number: int, **changes: object) -> State:
        """Return this state with one writer changed."""
        writer = self.writers[number]._replace(**changes)  # type: ignore[arg-type]
        return self._replace(writers=replaced(self.writers, number, writer))

    def reached(self, at: int, identity: int, *, writing: bool, value: bool = False) -> Server | None:
        """Return the server that a connection leads to; None if it is cut or the command is refused.

        The command is about the tag, or about the cached answer's `value`.
        """
        server = self.servers[at]
        if server.identity != identity or server.mode in (Mode.AWAY, Mode.ELSEWHERE):
            return None
        if server.mode == Mode.GIVING and not (server.value if value else server.has_tag):
            return None
        return None if writing and server.mode == Mode.REFUSING_WRITES else server


def replaced(items: tuple, number: int, item: object) -> tuple:
    """Return a tuple with one item replaced."""
    return (*items[:number], item, *items[number + 1 :])
