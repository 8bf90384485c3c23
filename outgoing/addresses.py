"""Read an address that a person has given, and refuse what could be read in two ways."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import SplitResult, quote, urlsplit

import idna

LONGEST_ADDRESS = 2000
# Receivers listen on the port of https, or where a program needs no special rights. The ports of other well-known
# services are below 1024.
HTTPS_PORT, FIRST_FREE_PORT = 443, 1024

# Some readers drop these characters, others take them for a slash, and none belongs into an address.
_UNREADABLE = re.compile(r"[\x00-\x20\x7f\\\u0080-\u00a0\u2028\u2029]")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
# What some programs take for a number, and so for an IPv4 address in a notation of its own: 0x7f000001, 127.1, 017.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LOCALHOST = "localhost"
# Names that are only known inside a network (RFC 6761, 6762, 8375, 9476), or need another way to resolve them.
_INSIDE = (_LOCALHOST, "local", "internal", "home.arpa", "onion")

IPAddress = IPv4Address | IPv6Address


class AddressRefused(Exception):
    """Nothing is sent to this address.

    The message says why, in words for the person who gave it.
    """


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes.

    `host` is a name in ASCII, or an IP address as a number.
    """

    tls: bool
    host: str
    port: int
    path: str
    ip: IPAddress | None = None

    @property
    def authority(self) -> str:
        """Write host and port as the header Host has them."""
        host = f"[{self.host}]" if isinstance(self.ip, IPv6Address) else self.host
        return host if self.port == (HTTPS_PORT if self.tls else 80) else f"{host}:{self.port}"

    @property
    def is_loopback(self) -> bool:
        """Tell whether the address itself says that it is this machine's."""
        return self.host == _LOCALHOST or (self.ip is not None and self.ip.is_loopback)


def parse(url: str, *, loopback: bool) -> Target:
    """Read an address: https only, and http to this very machine where `loopback` allows that.

    Raises AddressRefused.
    """
    if len(url) > LONGEST_ADDRESS:
        raise AddressRefused(f"This address is longer than {LONGEST_ADDRESS:,} characters.")
    if _UNREADABLE.search(url):
        raise AddressRefused("This address has a space or another character that no address has.")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise AddressRefused("This is no address that can be read.") from None
    if parts.scheme not in ("https", "http") or not parts.hostname:
        raise AddressRefused("Give an address that begins with https://.")
    if "@" in parts.netloc:
        raise AddressRefused("Give an address without a user name and password in it.")
    host, ip = _host(parts)
    tls = parts.scheme == "https"
    target = Target(tls, host, _port(port, tls), _path(parts), ip)
    _check(target, loopback)
    return target


def _check(target: Target, loopback: bool) -> None:
    if loopback and target.is_loopback:
        return
    if not target.tls:
        raise AddressRefused("Give an address that begins with https://.")
    if target.port != HTTPS_PORT and target.port < FIRST_FREE_PORT:
        raise AddressRefused(f"Give an address with the port {HTTPS_PORT}, or one from {FIRST_FREE_PORT:,} on.")
    if target.ip is None and ("." not in target.host or target.host.endswith(tuple(f".{it}" for it in _INSIDE))):
        raise AddressRefused("This name is only known inside a network, where nothing is sent.")


def _port(given: int | None, tls: bool) -> int:
    if given == 0:
        raise AddressRefused("This is no address that can be read.")
    return given or (HTTPS_PORT if tls else 80)


def _host(parts: SplitResult) -> tuple[str, IPAddress | None]:
    """Read the host: a name becomes ASCII, and an IP address is taken in its one usual notation."""
    written = parts.hostname or ""
    if "[" in parts.netloc:
        return _ip(written)
    name = _ascii(written).removesuffix(".")
    labels = name.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        return _ip(name)
    if len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise AddressRefused("This address has no name that can be read.")
    return name, None


def _ascii(name: str) -> str:
    """Write a name as it is looked up: digits and dots of other scripts become those of ASCII."""
    if name.isascii():
        return name.lower()
    try:
        return idna.encode(name, uts46=True).decode().lower()
    except (idna.IDNAError, UnicodeError):
        raise AddressRefused("This address has no name that can be read.") from None


def _ip(written: str) -> tuple[str, IPAddress]:
    try:
        ip = ip_address(written)
    except ValueError:
        raise AddressRefused("Write an IP address as four numbers up to 255, or in brackets.") from None
    if isinstance(ip, IPv6Address) and ip.scope_id:
        raise AddressRefused("This address is only known inside a network, where nothing is sent.")
    return str(ip), ip


def _path(parts: SplitResult) -> str:
    """Write path and query in ASCII, without what follows #."""
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~-._[]|{}^`\"<>")
    return f"{path}?{query}" if query else path
