"""Read the settings of mail: its server, who it is from, and where its links lead."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.utils import parseaddr
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit

import idna

from config.addresses import is_any_address, is_loopback
from config.errors import ConfigError

# The usual ports of mail: with TLS from the beginning, for programs that sign in, and between servers.
TLS_PORT, SUBMISSION_PORT, RELAY_PORT = 465, 587, 25
_MAIL_EXAMPLES = "smtp://user:password@mail.example.org:587?starttls=1, or smtps://… for TLS from the beginning"


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """The server that takes mails from us.

    It speaks `tls` from the beginning, or `starttls` after its greeting, or neither.
    """

    host: str
    port: int
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    starttls: bool = False

    def __str__(self) -> str:
        """Name the server as people do, without what signs in."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True)
class Sender:
    """Who mails are from."""

    name: str
    address: str


# Who mails are from that stay on this machine.
LOCAL_SENDER = Sender("Lectern", "lectern@localhost")


def public_address(given: str | None, host: str, port: int, *, needed: bool) -> str:
    """Take PUBLIC_URL without a slash at its end, else the address that the server listens at.

    It is `needed` for links in mails, and "all addresses of this machine" is none that they can lead to.
    """
    if given is None:
        if needed and is_any_address(host):
            raise ConfigError(
                f"PUBLIC_URL must be set with MAIL_URL when HOST is {host}: links in mails begin with it, for example "
                "https://lessons.example.org."
            )
        return f"http://{f'[{host}]' if ':' in host else host}:{port}"
    parts = _split("PUBLIC_URL", given)
    if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc or parts.query:
        raise ConfigError("PUBLIC_URL cannot be used: give https://lessons.example.org, with the path if there is one.")
    return given.partition("#")[0].rstrip("/")


def mail_server(url: str | None) -> MailServer | None:
    """Read MAIL_URL.

    Without one no mail leaves this machine. A password is never sent in the clear but to this machine.
    """
    if url is None:
        return None
    parts = _split("MAIL_URL", url)
    wants = dict(parse_qsl(parts.query, keep_blank_values=True))
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/"):
        raise ConfigError(f"MAIL_URL cannot be used: give {_MAIL_EXAMPLES}.")
    if wants.keys() - {"starttls"} or wants.get("starttls", "0") not in ("0", "1"):
        raise ConfigError("MAIL_URL cannot be used: after the question mark only starttls=1 or starttls=0 may stand.")
    tls, starttls = parts.scheme == "smtps", wants.get("starttls") == "1"
    if tls and starttls:
        raise ConfigError("MAIL_URL cannot be used: smtps:// is TLS from the beginning; leave starttls=1 out.")
    if (parts.username is None) != (parts.password is None):
        raise ConfigError("MAIL_URL cannot be used: signing in needs user:password, with @ in either written as %40.")
    if parts.username and not (tls or starttls or is_loopback(parts.hostname)):
        raise ConfigError("MAIL_URL would send the password in the clear: add ?starttls=1, or use smtps://.")
    return MailServer(
        host=parts.hostname,
        port=parts.port or (TLS_PORT if tls else SUBMISSION_PORT if starttls else RELAY_PORT),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=tls,
        starttls=starttls,
    )


def mail_sender(given: str | None, *, needed: bool) -> Sender:
    """Read MAIL_FROM, an address with or without a name: `Lectern <lessons@example.org>`."""
    if given is None:
        if needed:
            raise ConfigError("MAIL_FROM must be set with MAIL_URL: Lectern <lessons@example.org>, for example.")
        return LOCAL_SENDER
    name, address = parseaddr(given)
    try:
        return Sender(name or "Lectern", ascii_address(address if given.isprintable() else ""))
    except ValueError:
        raise ConfigError(
            "MAIL_FROM cannot be used: give an address such as lessons@example.org, or Lectern <lessons@example.org>."
        ) from None


def ascii_address(address: str) -> str:
    """Write a domain in another alphabet in the plain letters that every mail server knows.

    Raises ValueError for what is no address, or has other letters before the @.
    """
    local, at, domain = address.rpartition("@")
    if not local or not at or not domain:
        raise ValueError("There is no name or no domain.")
    domain = domain if domain.isascii() else idna.encode(domain, uts46=True).decode()
    address = f"{local}@{domain}"
    if not address.isascii() or re.search(r"[\x00-\x20\x7f<>]", address):
        raise ValueError("There are characters that cannot stand in an address.")
    try:
        return Address(addr_spec=address).addr_spec
    except (ValueError, IndexError, AttributeError) as error:
        # The library raises what its parser happens to meet; each of them means that this is no address.
        raise ValueError("This is no address.") from error


def _split(name: str, url: str) -> SplitResult:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise ConfigError(f"{name} cannot be used: the port is no number, or a bracket is missing.") from None
    return parts
