"""Limits on attempts that come in by requests: how often in which time, by whom."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from functools import wraps
from ipaddress import IPv6Address, ip_address
from typing import ParamSpec, TypeVar

from flask import request

from errors import EmailTaken, LinkExpired, TooManyAttempts
from web import attempts
from web.attempts import Limit
from web.clock import now
from web.settings import chosen

P = ParamSpec("P")
R = TypeVar("R")

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)

SIGN_INS_PER_ACCOUNT = Limit("sign-in by account", 10, MINUTE)
SIGN_INS_PER_NETWORK = Limit("sign-in by network", 30, MINUTE)
# A browser that has signed in to an account before has a budget of its own there: strangers cannot use it up.
SIGN_INS_PER_BROWSER = Limit("sign-in by account and browser", 10, MINUTE)
KNOWN_SIGN_INS_PER_NETWORK = Limit("sign-in by network, known browsers", 60, MINUTE)
# A code of six digits is found by chance in a third of a million attempts, so that an account has few of them a day.
# They follow the password: who makes them knows it.
CODES_PER_ACCOUNT = Limit("code by account", 10, timedelta(minutes=15))
CODES_PER_ACCOUNT_A_DAY = Limit("code by account and day", 50, DAY)
CODES_PER_BROWSER = Limit("code by account and browser", 10, timedelta(minutes=15))
CODES_PER_BROWSER_A_DAY = Limit("code by account, browser and day", 50, DAY)
# A class that registers in its school's network looks like one visitor, so that operators choose this number.
REGISTRATIONS_PER_NETWORK = "registration by network"
REGISTRATIONS_PER_ADDRESS = Limit("registration by address", 5, HOUR)
# Only registering tells that an address has an account: who hears it so often in a network tries addresses out.
TAKEN_ADDRESSES_PER_NETWORK = Limit("registration with an address that has an account by network", 30, HOUR)
# Mails that somebody can have sent to an address, their own or another's.
LINKS_PER_ADDRESS = Limit("mail with a link by address", 5, HOUR)
LINKS_PER_NETWORK = Limit("mail with a link by network", 30, HOUR)
# Owners are told of a program once as long as it goes on signing in from the same network.
DEVICE_MAILS_PER_ACCOUNT = Limit("mail about a device by account", 10, DAY)
PROGRAMS_PER_NETWORK = Limit("program by account and network", 1, 30 * DAY)
# Somebody who writes to forty students after a week of illness is far from it.
MESSAGES_PER_PERSON = Limit("message by person", 100, HOUR)
# A school enters a whole week's timetable at once; who tries addresses out leaves a lesson and a mail for each.
ENTRIES_PER_PERSON = Limit("lesson entered by person", 300, HOUR)
INVITATIONS_PER_PERSON = Limit("lesson entered for an address by person", 40, DAY)
SCHOOL_INVITATIONS_PER_PERSON = Limit("person invited by person", 300, DAY)
# Who was declined can ask again, and not all day long.
ASKS_TO_TEACH_PER_PERSON = Limit("asking to teach by person", 5, DAY)
# To open a picture takes up to two seconds of a processor.
FILES_PER_PERSON = Limit("file by person", 30, HOUR)
# Each is looked at before it is imported, and again after mending. It has up to 500 lines, with a mail for each.
IMPORTS_PER_PERSON = Limit("list by person", 60, HOUR)
# All that is known about a person is read and packed each time: seconds, for a teacher of many years.
EXPORTS_PER_PERSON = Limit("own data by person", 5, HOUR)
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


def count_code(user_id: int, browser: str | None = None) -> None:
    """Count a code that is tried for an account.

    A `browser` that is known there has a budget of its own, so that a thief of the password cannot lock the owner out.
    """
    if browser is None:
        budgets = [(CODES_PER_ACCOUNT, str(user_id)), (CODES_PER_ACCOUNT_A_DAY, str(user_id))]
    else:
        who = f"{user_id}\0{browser}"
        budgets = [(CODES_PER_BROWSER, who), (CODES_PER_BROWSER_A_DAY, who)]
    attempts.count(*budgets, now=now())


@contextmanager
def registration_counted(address: str) -> Iterator[None]:
    """Count an attempt to register an address, and one more where it turns out to have an account.

    Raises TooManyAttempts before the attempt is made.
    """
    network = _network()
    taken = (TAKEN_ADDRESSES_PER_NETWORK, network)
    attempts.check(taken, now=now())
    in_network = Limit(REGISTRATIONS_PER_NETWORK, chosen().registrations_per_hour, HOUR)
    attempts.count((in_network, network), (REGISTRATIONS_PER_ADDRESS, address), now=now())
    try:
        yield
    except EmailTaken:
        # The budget was not used up, and what is counted a moment too late by two at once is not refused.
        with suppress(TooManyAttempts):
            attempts.count(taken, now=now())
        raise


def count_mail_with_link(address: str) -> None:
    """Count a request for a mail with a link to this address, whether or not it has an account."""
    attempts.count((LINKS_PER_ADDRESS, address), (LINKS_PER_NETWORK, _network()), now=now())


def may_tell_of_device(user_id: int, *, program: bool = False) -> bool:
    """Tell whether a sign-in from a new device is news to the owner of an account, and count it if so.

    Programs have no cookie to be known by, so that a `program` is known by where it is.
    """
    budgets = [(DEVICE_MAILS_PER_ACCOUNT, str(user_id))]
    if program:
        budgets.append((PROGRAMS_PER_NETWORK, f"{user_id}\0{_network()}"))
    try:
        attempts.count(*budgets, now=now())
    except TooManyAttempts:
        return False
    return True


def count_wrong_address() -> None:
    """Count a request for a secret address that does not exist."""
    attempts.count((WRONG_ADDRESSES_PER_NETWORK, _network()), now=now())


def count_message(user_id: int) -> None:
    """Count a message that a signed-in person writes."""
    attempts.count((MESSAGES_PER_PERSON, str(user_id)), now=now())


def count_file(user_id: int) -> None:
    """Count a file that a signed-in person sends."""
    attempts.count((FILES_PER_PERSON, str(user_id)), now=now())


def count_import(user_id: int) -> None:
    """Count a list of people or gigs that somebody who runs the school sends."""
    attempts.count((IMPORTS_PER_PERSON, str(user_id)), now=now())


def count_export(user_id: int) -> None:
    """Count a file of everything about a person that they download."""
    attempts.count((EXPORTS_PER_PERSON, str(user_id)), now=now())


def count_entry(user_id: int, *, by_address: bool) -> None:
    """Count a lesson that a person enters for a student, maybe for one whom they name by an address."""
    budgets = [(ENTRIES_PER_PERSON, str(user_id))]
    if by_address:
        budgets.append((INVITATIONS_PER_PERSON, str(user_id)))
    attempts.count(*budgets, now=now())


def count_school_invitation(user_id: int, address: str) -> None:
    """Count a mail with which somebody who runs the school invites the owner of an address."""
    attempts.count((SCHOOL_INVITATIONS_PER_PERSON, str(user_id)), (LINKS_PER_ADDRESS, address), now=now())


def count_asking_to_teach(user_id: int) -> None:
    """Count a teacher's question whether they may teach, which somebody has to read."""
    attempts.count((ASKS_TO_TEACH_PER_PERSON, str(user_id)), now=now())


def counted(count: Callable[[], None]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let `count` refuse a request before its view begins.

    Stands above `idempotent`, because attempts are not counted inside a write transaction.
    """

    def decorate(view: Callable[P, R]) -> Callable[P, R]:
        @wraps(view)
        def after_counting(*args: P.args, **kwargs: P.kwargs) -> R:
            count()
            return view(*args, **kwargs)

        return after_counting

    return decorate


@contextmanager
def wrong_tokens_counted() -> Iterator[None]:
    """Count a token of a mail that does not count (any more), as a wrong address is counted.

    Raises LinkExpired all the same, or TooManyAttempts.
    """
    try:
        yield
    except LinkExpired:
        count_wrong_address()
        raise


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
