"""Send requests to addresses that people give, and never into the server's own network.

    check(url)      when an address is given
    call(url, …)    when it is used: by the same rules, and the connection goes to the very number that was checked

A redirect is not followed, a proxy of the environment not used, an encoded body not decoded. Time and length are
limited as a whole, so neither a slow nor an endless answer keeps the caller.
"""

from __future__ import annotations

from outgoing.addresses import AddressRefused
from outgoing.calls import Answer, call, check
from outgoing.names import loopback_allowed
from outgoing.stream import NoAnswer

__all__ = ["AddressRefused", "Answer", "NoAnswer", "call", "check", "loopback_allowed"]
