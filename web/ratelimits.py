"""Limits on attempts that come in by requests: how often in which time, by whom."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import IPv6Address, ip_address

from flask import request

from web import attempts
from web.attempts import Limit
from web.clock import now

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)

SIGN_INS_PER_ACCOUNT = Limit("sign-in by account", 10, MINUTE)
SIGN_INS_PER_NETWORK = Limit("sign-in by network", 30, MINUTE)
# A browser that has signed in to an account before has a budget of its own there: strangers cannot use it up.
SIGN_INS_PER_BROWSER = Limit("sign-in by account and browser", 10, MINUTE)
KNOWN_SIGN_INS_PER_NETWORK = Limit("sign-in by network, known browsers", 60, MINUTE)
REGISTRATIONS_PER_NETWORK = Limit("registration by network", 30, HOUR)
WRONG_ADDRESSES_PER_NETWORK = Limit("secret address by network", 30, MINUTE)

# What one customer of a provider gets of IPv6: whoever has one address has all that begin alike.
NETWORK_BITS = 64


def count_sign_in(account: str, browser: str | None = None) -> None:
    """Count an attempt to sign in to `account`.

    A `browser` that is known there has a budget of its own.
    """
    if browser is None:
        budgets = [(SIGN_INS_PER_ACCOUNT, account), (SIGN_INS_PER_NETWORK, _network())]
    else:
        budgets = [(SIGN_INS_PER_BROWSER, f"{account}\0{browser}"), (KNOWN_SIGN_INS_PER_NETWORK, _network())]
    attempts.count(*budgets, now=now())


def count_registration() -> None:
    """Count an attempt to register."""
    attempts.count((REGISTRATIONS_PER_NETWORK, _network()), now=now())


def count_wrong_address() -> None:
    """Count a request for a secret address that does not exist."""
    attempts.count((WRONG_ADDRESSES_PER_NETWORK, _network()), now=now())


def _network() -> str:
    """Name where the request comes from.

    That is an IPv4 address, or the network of an IPv6 address.
    """
    try:
        address = ip_address(request.remote_addr or "")
    except ValueError:
        return "unknown"
    if not isinstance(address, IPv6Address):
        return str(address)
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return f"{int(address) >> (128 - NETWORK_BITS):x}"
