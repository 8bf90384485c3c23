"""What is searched: how many of each there are, and what happens to the servers."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.caching.protocol_model.state import NO_EPOCH, Mode, Process, Row, Server, Stage, State, Status, Value, Writer
from tests.caching.protocol_model.surroundings import Event, What


@dataclass(frozen=True, slots=True)
class Run:
    """One search. Looks, loads, hits, choices of servers and lost commands are as many as it takes."""

    # In which process each writer is.
    writers: tuple[int, ...] = (0,)
    processes: int = 2
    # How many requests load at the same time.
    loads: int = 1
    servers: int = 1
    script: tuple[Event, ...] = ()
    # The second server has none of the first one's keys.
    apart: bool = False
    # No process has begun to use the cache, whose memory is from before.
    idle: bool = False
    marks: bool = False
    evictions: bool = False
    # Rows that no process reads may be deleted in a new epoch.
    unread: bool = False
    # Other steps may come between the look and the change of a compare-and-swap.
    slow_swaps: bool = False
    # A request may ask Redis long after it found that its process holds a lease.
    late_readers: bool = False

    def first(self) -> State:
        """Return the state in which version 0 is cached, and all processes believe server 0 or none."""
        memory = (1, 0, Value(0, 1, 0))
        memories = (memory, (None, 0, None) if self.apart else memory)
        modes = (Mode.PRIMARY, Mode.AWAY)
        process = Process(NO_EPOCH, 0, 0, None, None) if self.idle else Process(0, 0, 0, 0, None)
        return State(
            committed=0,
            acknowledged=0,
            rows=0,
            row=Row(0, 0, 0, Status.IDLE if self.idle else Status.IN_USE),
            servers=tuple(Server(number, modes[number], *memories[number]) for number in range(self.servers)),
            processes=(process,) * self.processes,
            writers=tuple(Writer(number, Stage.NEW, 0, 0) for number in self.writers),
            loads=(),
            reader=None,
            events=0,
        )


REPLICATED, PROMOTED = Event(What.REPLICATED, 1), Event(What.PROMOTED, 1)
DEMOTED, PROMOTED_AGAIN = Event(What.DEMOTED, 0), Event(What.PROMOTED, 0)

ONE_SERVER = Run(evictions=True, late_readers=True, loads=2)
TWO_WRITERS = Run(writers=(0, 1))
TWO_SERVERS = Run(servers=2)
PLANNED_FAILOVER = replace(TWO_SERVERS, script=(REPLICATED, PROMOTED, DEMOTED))

# A Cluster's slot goes from node 0 to node 1 and back. A key may go before or after the other one, or stay behind.
GIVES, TAKES, GAVE = Event(What.GIVES, 0), Event(What.TAKES, 1), Event(What.GAVE, 0)
TOKEN, VALUE = Event(What.GETS_TOKEN, 1), Event(What.GETS_VALUE, 1)
MOVE = (GIVES, VALUE, TOKEN, VALUE, TAKES, GAVE)
# Or it comes late, when the taker owns the slot already.
LATE_MOVE = (GIVES, VALUE, TOKEN, VALUE, TAKES, TOKEN, VALUE, GAVE)
MOVE_BACK = tuple(Event(what, 1 - server) for what, server in MOVE)
A_SLOT_MOVES = replace(TWO_SERVERS, apart=True, script=MOVE)

# Name: what is searched each time the tests run.
RUNS = {
    "one server": ONE_SERVER,
    "two writers in two processes": TWO_WRITERS,
    "a cache that was idle": replace(ONE_SERVER, idle=True, unread=True),
    "a server that is restarted with saved memory": replace(
        TWO_SERVERS, script=(REPLICATED, Event(What.RESTARTED, 0)), late_readers=True
    ),
    "a planned failover": replace(PLANNED_FAILOVER, late_readers=True),
    "an old primary that refuses writes": replace(
        TWO_SERVERS, script=(REPLICATED, PROMOTED, Event(What.REFUSING, 0), DEMOTED)
    ),
    "a crash that loses the last writes": replace(
        TWO_SERVERS, script=(REPLICATED, Event(What.LOST, 0), PROMOTED, DEMOTED, PROMOTED_AGAIN)
    ),
    "a hung primary that thaws": replace(
        TWO_SERVERS, script=(Event(What.HUNG, 0), PROMOTED, Event(What.THAWED, 0), DEMOTED)
    ),
    "a slot of a Cluster that moves": A_SLOT_MOVES,
    "writers that are killed after they have set marks": Run(writers=(0, 1), marks=True),
}

# Larger ones, for which the tests have to be asked.
LARGE_RUNS = {
    "a failover and back": replace(PLANNED_FAILOVER, script=(*PLANNED_FAILOVER.script, PROMOTED_AGAIN)),
    "a slot of a Cluster that moves, and keys that come late": replace(
        A_SLOT_MOVES, script=LATE_MOVE, late_readers=True
    ),
    "a slot of a Cluster that moves and comes back": replace(
        A_SLOT_MOVES, script=(*MOVE, *MOVE_BACK), late_readers=True
    ),
    "three processes during a planned failover": replace(PLANNED_FAILOVER, processes=3),
    "slow swaps during a planned failover": replace(PLANNED_FAILOVER, slow_swaps=True, unread=True),
    "two writers during a planned failover": replace(TWO_SERVERS, writers=(0, 1), script=(PROMOTED, DEMOTED)),
}
