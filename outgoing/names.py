"""Look up where an address leads, once, and check everything that is found."""

from __future__ import annotations

import socket
from concurrent.futures import Future
from concurrent.futures import TimeoutError as NotInTime
from ipaddress import ip_address
from threading import BoundedSemaphore, Thread

from hooks import Hook
from outgoing.addresses import AddressRefused, IPAddress, Target
from outgoing.ranges import is_public
from outgoing.stream import NoAnswer

# Whether addresses of this very machine may be given, over http too: for tests and for developers.
loopback_allowed = Hook[[], bool]()

# The system gives up on a name after a time of its own, so each look-up has a thread that may be left behind.
_MOST_LOOKUPS = 32
_free_lookups = BoundedSemaphore(_MOST_LOOKUPS)
# A name may have many addresses; so many are tried.
MOST_ADDRESSES = 4


def resolve(target: Target, *, loopback: bool, seconds: float) -> list[IPAddress]:
    """Return the checked addresses of a target, at most four.

    Raises AddressRefused if one of them is not public, and NoAnswer if there is none.
    """
    found = [target.ip] if target.ip else _look_up(target.host, target.port, seconds)
    if not all(is_public(ip) or (loopback and ip.is_loopback) for ip in found):
        raise AddressRefused("This address leads into a network that is not public, where nothing is sent.")
    return found[:MOST_ADDRESSES]


def _look_up(name: str, port: int, seconds: float) -> list[IPAddress]:
    if not _free_lookups.acquire(blocking=False):
        raise NoAnswer("Too many names are being looked up at the moment.")
    answer: Future[list[IPAddress]] = Future()
    Thread(target=_ask, args=(name, port, answer), name="lectern-lookup", daemon=True).start()
    try:
        return answer.result(max(0.0, seconds))
    except NotInTime:
        raise NoAnswer("The name could not be looked up in time.") from None
    except (OSError, UnicodeError):
        raise NoAnswer(f"The name {name} is not known.") from None


def _ask(name: str, port: int, answer: Future[list[IPAddress]]) -> None:
    try:
        rows = socket.getaddrinfo(name, port, type=socket.SOCK_STREAM, proto=socket.IPPROTO_TCP)
        # A zone after % is dropped: it only stands at addresses that are refused.
        found = [ip_address(str(row[4][0]).partition("%")[0]) for row in rows]
        answer.set_result(list(dict.fromkeys(found)))
    except BaseException as error:
        # Also what the system's resolver makes of a strange name: the one who waits is told.
        answer.set_exception(error)
    finally:
        _free_lookups.release()
