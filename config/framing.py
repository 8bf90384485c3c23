"""Read which websites may show gigs in a frame."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from config.addresses import is_loopback
from config.errors import ConfigError

# The host of a website, as a browser compares it: names in other alphabets are written with "xn--".
_LABEL = "[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_HOST = re.compile(rf"{_LABEL}(?:\.{_LABEL})*")


def embed_origins(given: str | None) -> tuple[str, ...]:
    """Take the addresses of websites, separated by commas, each without anything after its host and port.

    Raises ConfigError for anything else: what stands here goes into a header that browsers obey.
    """
    names = (name.strip() for name in (given or "").split(","))
    return tuple(dict.fromkeys(_origin(name) for name in names if name))


def _origin(name: str) -> str:
    try:
        parts = urlsplit(name.lower())
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise _refused(name) from None
    origin = f"{parts.scheme}://{host}" + ("" if port is None else f":{port}")
    if origin != name.lower().rstrip("/") or not _HOST.fullmatch(host):
        raise _refused(name)
    # A page that came over plain HTTP may have been changed on its way, and what is framed in it, too.
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise _refused(name)
    return origin


def _refused(name: str) -> ConfigError:
    return ConfigError(
        f"EMBED_ORIGINS cannot be used: {name!r} is not the address of a website. Write https:// and its host, such as "
        "https://www.example.org, separated by commas, without a path, and without * for many at once."
    )
