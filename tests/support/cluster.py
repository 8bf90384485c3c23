"""A Redis Cluster of three primaries and three replicas as real processes, whose slots can be moved."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import ExitStack, suppress
from functools import partial
from typing import Any, Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from caching.cluster import slot_of
from server.children import wait_until
from support.redis_server import RedisServer, free_port

SLOTS = 16_384
SECONDS = 30.0
PRIMARIES = 3
_OPTIONS = (
    *("--cluster-enabled", "yes"),
    # So long a node may be silent before another one takes its place.
    *("--cluster-node-timeout", "1000"),
    *("--cluster-replica-validity-factor", "0"),
    *("--cluster-allow-replica-migration", "no"),
    *("--repl-diskless-sync-delay", "0"),
    *("--repl-ping-replica-period", "1"),
)


class Cluster:
    """Six nodes; which of them owns a slot changes."""

    def __init__(self) -> None:
        self._running = ExitStack()
        self.nodes: list[RedisServer] = []
        self._moved: set[int] = set()
        self._killed: list[RedisServer] = []

    def __enter__(self) -> Self:
        try:
            for _ in range(2 * PRIMARIES):
                options = (*_OPTIONS, "--cluster-port", str(free_port()))
                self.nodes.append(self._running.enter_context(RedisServer(tcp=True, options=options)))
            self._introduce()
        except BaseException:
            self._running.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._running.close()

    @property
    def url(self) -> str:
        """The address, which names some of the nodes."""
        return "redis+cluster://" + ",".join(f"127.0.0.1:{node.port}" for node in self.nodes[:PRIMARIES])

    def client(self) -> redis.Redis:
        """Open a client of a primary, which has to be closed."""
        return self._primaries()[0].client()

    def owner(self, prefix: str) -> RedisServer:
        """Return the node that owns the slot of keys with this prefix, as most nodes see it."""
        found = self._owners(slot_of(prefix))
        return self._at(max(found, key=found.count))

    def replica(self, owner: RedisServer) -> RedisServer:
        """Return the replica of a primary."""
        return self._at(_range(owner, owner.port)[1])

    def others(self, owner: RedisServer) -> list[RedisServer]:
        """List the primaries that are not this one."""
        return [node for node in self._primaries() if node is not owner]

    def kill_owner(self) -> None:
        """End the primary that has the keys as a crash would; they are all of one installation."""
        self._kill(max(self._primaries(), key=_number_of_keys))

    def kill_primary_without_keys(self) -> None:
        """End a primary that has no keys."""
        self._kill(min(self._primaries(), key=_number_of_keys))

    def kill_replica(self) -> None:
        """End the replica of the primary that has the keys."""
        self._kill(self.replica(max(self._primaries(), key=_number_of_keys)))

    def kill_all(self) -> None:
        """End all nodes."""
        self._kill(*self.nodes)

    def replace(self) -> None:
        """Start again what was killed, as soon as a replica has the place of each killed primary."""
        if len(self._killed) < len(self.nodes):
            assert wait_until(
                lambda: self._named_primaries().isdisjoint(it.port for it in self._killed), seconds=SECONDS
            )
        for node in self._killed:
            node.start()
        self.wait_until_whole()

    def _kill(self, *nodes: RedisServer) -> None:
        self._killed = [*nodes]
        for node in nodes:
            node.kill()

    def _named_primaries(self) -> set[int]:
        """Return the ports of the primaries that any node which answers names."""
        return {int(entry[2][1]) for node in self.nodes for entry in _slots(node)}

    def fail_over(self, prefix: str) -> RedisServer:
        """Let the owner's replica take its place, as an operator does; return the old owner."""
        old = self.owner(prefix)
        replica = self.replica(old)

        def taken() -> bool:
            with suppress(redis.RedisError):
                _asked(replica, "CLUSTER", "FAILOVER")
            return self.owner(prefix).port != old.port

        assert wait_until(taken, seconds=SECONDS)
        return old

    def cut_off(self, replica: RedisServer, primary: RedisServer) -> None:
        """Have a replica know what its primary knows now, and hear no more of it; it has to be thawed."""
        with primary.client() as client:
            assert client.wait(1, 5000)
            replica.pause()
            client.client_kill_filter(_type="replica")

    def wait_until_replaced(self, prefix: str, old: RedisServer) -> None:
        """Wait until all nodes that answer know of another owner."""
        slot = slot_of(prefix)
        assert wait_until(lambda: old.port not in (self._owners(slot) or [old.port]), seconds=SECONDS)

    def begin_move(self, prefix: str, giver: RedisServer, taker: RedisServer) -> None:
        """Say on both sides that the slot is on its way. Its keys are where they were."""
        slot = slot_of(prefix)
        self._moved.add(slot)
        _asked(taker, "CLUSTER", "SETSLOT", slot, "IMPORTING", _name(giver))
        _asked(giver, "CLUSTER", "SETSLOT", slot, "MIGRATING", _name(taker))

    def move_keys(self, keys: Iterable[str | bytes], giver: RedisServer, taker: RedisServer) -> None:
        """Move these keys, if they are there."""
        for key in keys:
            _asked(giver, "MIGRATE", "127.0.0.1", taker.port, key, 0, 5000, "REPLACE")

    def end_move(self, prefix: str, giver: RedisServer, taker: RedisServer) -> None:
        """Move what is left, and tell everybody who owns the slot now."""
        slot, name = slot_of(prefix), _name(taker)
        while keys := _asked(giver, "CLUSTER", "GETKEYSINSLOT", slot, 100):
            self.move_keys(keys, giver, taker)
        self.give_away(prefix, taker)
        for node in [giver, *self.others(taker)]:
            _asked(node, "CLUSTER", "SETSLOT", slot, "NODE", name)
        self.wait_until_replaced(prefix, giver)

    def give_away(self, prefix: str, taker: RedisServer) -> None:
        """Tell the taker alone that it owns the slot, whatever the giver still has of it."""
        _asked(taker, "CLUSTER", "SETSLOT", slot_of(prefix), "NODE", _name(taker))

    def restore(self) -> None:
        """Undo what a test has left: nodes that are away, slots on their way, and keys."""
        for node in self.nodes:
            if node.running:
                node.resume()
            else:
                node.start()
        self.wait_until_whole()
        for slot in self._moved:
            for primary in self._primaries():
                _asked(primary, "CLUSTER", "SETSLOT", slot, "STABLE")
        for primary in self._primaries():
            _asked(primary, "FLUSHALL")

    def wait_until_whole(self) -> None:
        """Wait until all nodes see all others, and each primary has a replica that could take its place."""
        assert wait_until(self._is_whole, seconds=SECONDS)

    def _introduce(self) -> None:
        primaries, replicas = self.nodes[:PRIMARIES], self.nodes[PRIMARIES:]
        share = -(-SLOTS // PRIMARIES)
        for number, node in enumerate(self.nodes):
            _asked(node, "CLUSTER", "SET-CONFIG-EPOCH", number + 1)
            if number:
                first = self.nodes[0]
                _asked(node, "CLUSTER", "MEET", "127.0.0.1", first.port, _bus_port(first))
        for number, node in enumerate(primaries):
            _asked(node, "CLUSTER", "ADDSLOTSRANGE", number * share, min((number + 1) * share, SLOTS) - 1)
        for primary, replica in zip(primaries, replicas, strict=True):
            assert wait_until(partial(_follows, primary, replica), seconds=SECONDS)
        self.wait_until_whole()

    def _is_whole(self) -> bool:
        with suppress(redis.RedisError):
            states = [str(_asked(node, "CLUSTER", "INFO")) for node in self.nodes]
            well = all("cluster_state:ok" in state and "cluster_known_nodes:6" in state for state in states)
            maps = [_asked(node, "CLUSTER", "SLOTS") for node in self.nodes]
            owners = [{(entry[0], entry[1], entry[2][1]) for entry in seen} for seen in maps]
            paired = all(len(entry) == 4 for seen in maps for entry in seen)
            return well and paired and all(it == owners[0] for it in owners) and all(map(_is_in_step, self.nodes))
        return False

    def _owners(self, slot: int) -> list[int]:
        """List the owner of a slot as each node that answers sees it, by its port."""
        found = []
        for node in self.nodes:
            found += [int(entry[2][1]) for entry in _slots(node) if entry[0] <= slot <= entry[1]]
        return found

    def _primaries(self) -> list[RedisServer]:
        seen = next(entries for node in self.nodes if (entries := _slots(node)))
        ports = {entry[2][1] for entry in seen}
        return [node for node in self.nodes if node.port in ports]

    def _at(self, port: int) -> RedisServer:
        return next(node for node in self.nodes if node.port == port)


def _asked(node: RedisServer, *command: Any) -> Any:
    # A frozen node is asked once: the client would try again ten times.
    with redis.Redis(port=node.port, socket_timeout=1, retry=Retry(NoBackoff(), 0)) as client:
        return client.execute_command(*command)


def _slots(node: RedisServer) -> list[Any]:
    """Return who owns what as one node sees it; nothing if it does not answer."""
    try:
        return list(_asked(node, "CLUSTER", "SLOTS"))
    except redis.RedisError:
        return []


def _number_of_keys(node: RedisServer) -> int:
    return int(_asked(node, "DBSIZE"))


def _name(node: RedisServer) -> str:
    return str(_asked(node, "CLUSTER", "MYID"), "ascii")


def _bus_port(node: RedisServer) -> int:
    with node.client() as client:
        return int(client.config_get("cluster-port")["cluster-port"])


def _range(node: RedisServer, port: int) -> list[int]:
    """List the ports of the primary with this port and of its replicas."""
    entries = _asked(node, "CLUSTER", "SLOTS")
    return next(([int(each[1]) for each in entry[2:]] for entry in entries if entry[2][1] == port), [])


def _follows(primary: RedisServer, replica: RedisServer) -> bool:
    with suppress(redis.RedisError):
        return bool(_asked(replica, "CLUSTER", "REPLICATE", _name(primary)))
    return False


def _is_in_step(node: RedisServer) -> bool:
    with node.client() as client:
        told = client.info("replication")
    return bool(told["role"] == "master" or told["master_link_status"] == "up")
